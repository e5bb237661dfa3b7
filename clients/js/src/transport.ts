import { Deadline } from "./deadline.js";
import { isOfSignature, NetworkError, NOT_AN_ANSWER } from "./errors.js";
import { accepted, blocks, send } from "./http.js";
import { Signature } from "./signature.js";
import type { Block } from "./sse.js";
import { PINFOLD, type Service } from "./wire.js";

/** Where to call, and as whom. */
export interface ConnectionOptions {
  /** The address of the server: `https://pinfold.example`. */
  server: string;
  /** The app. */
  SDKAppID: number;
  /** The account that signs. */
  userID: string;
  /**
   * Gives a signature of `userID`. Called before the first call, and again once the service refuses the last one. May
   * take as long as a call.
   */
  userSig: () => string | Promise<string>;
  /** Whose data it is about where `userID` is an administrator. If missing, `userID`'s own. */
  account?: string;
  /** How long a call may take, in milliseconds. 10,000 if missing; the service answers within 5,000. */
  timeoutMs?: number;
  /** How long the stream may be silent, in milliseconds. 45,000 if missing; the service says something every 15,000. */
  silenceMs?: number;
}

const TIMEOUT_MS = 10_000;
const SILENCE_MS = 45_000;

/** Sends calls, each with a signature that is renewed once if the service refuses it. */
export class Transport {
  readonly #options: ConnectionOptions;
  readonly #timeoutMs: number;
  readonly #silenceMs: number;
  readonly #signature: Signature;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#signature = new Signature(options.userSig, this.#timeoutMs);
  }

  /**
   * Calls a command of a service for the account.
   *
   * @throws PinfoldError for a refusal, NetworkError where no answer came, the signal's reason if it is aborted.
   */
  call<Answer>(signal: AbortSignal, service: Service, command: string, fields: object): Promise<Answer> {
    // Without a media type it is a simple request, for which a browser sends no preflight.
    const body = JSON.stringify({ From_Account: this.#account, ...fields });
    return this.#signed(`${service}/${command}`, {}, signal, async (url, deadline) => {
      try {
        return await accepted<Answer>(await send(url, { method: "POST", body }, deadline), deadline);
      } finally {
        deadline.end();
      }
    });
  }

  /** Opens the stream of the account's changes after a cursor, or from now on. Errors are those of `call`. */
  watch(after: string | undefined, signal: AbortSignal): Promise<AsyncIterable<Block>> {
    return this.#signed(`${PINFOLD}/watch`, { account: this.#account, after }, signal, async (url, deadline) => {
      const response = await send(url, { cache: "no-store" }, deadline);
      const { body, headers } = response;
      const isStream = headers.get("content-type")?.startsWith("text/event-stream");
      if (body && isStream) return blocks(body, this.#silenceMs, deadline);
      await accepted(response, deadline);
      throw new NetworkError(NOT_AN_ANSWER);
    });
  }

  get #account(): string {
    return this.#options.account ?? this.#options.userID;
  }

  async #signed<T>(path: string, more: object, signal: AbortSignal, request: Request<T>): Promise<T> {
    const attempt = async (usersig: string): Promise<T> => {
      const deadline = new Deadline(signal);
      deadline.set(this.#timeoutMs, "the server did not answer");
      try {
        return await request(this.#url(path, { usersig, ...more }), deadline);
      } catch (error) {
        deadline.end();
        throw error;
      }
    };
    const signature = this.#signature.get();
    try {
      return await attempt(await signature);
    } catch (error) {
      if (!isOfSignature(error)) throw error;
      const renewed = await this.#signature.get(signature);
      // The same again would be refused again.
      if (renewed === (await signature)) throw error;
      return attempt(renewed);
    }
  }

  #url(path: string, more: object): string {
    const { server, SDKAppID, userID } = this.#options;
    const parameters = JSON.stringify({ sdkappid: SDKAppID, identifier: userID, ...more });
    // The service takes a `+` for itself, not for a space.
    const query = `${new URLSearchParams(JSON.parse(parameters))}`.replaceAll("+", "%20");
    return `${server}/v4/${path}?${query}`;
  }
}

type Request<T> = (url: string, deadline: Deadline) => Promise<T>;
