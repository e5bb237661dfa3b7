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
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing for ${this.#timeoutMs} ms`)), this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#obtain(), late]);
    } catch (cause) {
      this.#current = undefined;
      throw new NetworkError("userSig gave no signature", cause);
    } finally {
      clearTimeout(timer);
    }
  }
}
