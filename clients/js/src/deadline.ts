import { NetworkError, NOT_AN_ANSWER } from "./errors.js";

/** A signal that is aborted with another one, or when time is up. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal) {
    const follow = (): void => this.#controller.abort(outer.reason);
    // The listener goes when this signal is aborted, by whatever.
    outer.addEventListener("abort", follow, { signal: this.signal });
    if (outer.aborted) follow();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on, time is up in so many milliseconds. The reason is a NetworkError that begins with this text. */
  set(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new NetworkError(`${reason} for ${ms} ms`)), ms);
  }

  /** Ends what the signal was given to, if that goes on. To be called at the end. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  /**
   * The promise's value.
   *
   * @throws The signal's reason if it is aborted, else a NetworkError.
   */
  async guard<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (cause) {
      throw this.signal.aborted ? this.signal.reason : new NetworkError(NOT_AN_ANSWER, cause);
    }
  }
}
