import { sleep } from "./backoff.js";
import { NetworkError } from "./errors.js";

/** The signature in use, renewed by the app's callback, of which at most one call is under way. */
export class Signature {
  #current: Promise<string> | undefined;

  readonly #obtain: () => string | Promise<string>;
  readonly #timeoutMs: number;

  /** `timeoutMs`: how long the callback may take. */
  constructor(obtain: () => string | Promise<string>, timeoutMs: number) {
    this.#obtain = obtain;
    this.#timeoutMs = timeoutMs;
  }

  /** The signature in use, another one than that which was refused. Calls that were refused together share it. */
  get(refused?: Promise<string>): Promise<string> {
    if (this.#current === refused || !this.#current) this.#current = this.#call();
    return this.#current;
  }

  async #call(): Promise<string> {
    const answered = new AbortController();
    try {
      // Not called at once: what it throws would be caught before `get` keeps the promise.
      const asked = Promise.resolve().then(this.#obtain);
      const signature = await Promise.race([asked, sleep(this.#timeoutMs, answered.signal)]);
      if (!signature) throw new Error(`nothing within ${this.#timeoutMs} ms`);
      return signature;
    } catch (cause) {
      this.#current = undefined;
      throw new NetworkError("userSig gave no signature", cause);
    } finally {
      answered.abort();
    }
  }
}
