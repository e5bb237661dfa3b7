/** The first wait; each further one is twice as long. Milliseconds. */
const FIRST_MS = 500;
/** The longest wait, also if the service asks for a longer one. */
const LONGEST_MS = 30_000;

/** How long to wait before the next attempt. */
export class Backoff {
  #nextMs = FIRST_MS;
  #askedMs: number | undefined;

  /** An attempt succeeded: the next failure is a first one. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  /** The service asks for a wait of so many milliseconds before the next attempt. */
  ask(ms: number): void {
    this.#askedMs = Math.min(ms, LONGEST_MS);
  }

  /** The wait before the next attempt, in milliseconds; `chance` from 0 to 1 spreads clients that failed together. */
  take(chance = Math.random()): number {
    const asked = this.#askedMs;
    this.#askedMs = undefined;
    // The service has drawn its time by chance already.
    if (asked !== undefined) return asked;
    const wait = this.#nextMs * (0.5 + chance / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS);
    return wait;
  }
}

/** Makes attempts, with waits between them, until one succeeds or fails with an error that is not worth another. */
export async function retry<T>(
  attempt: () => Promise<T>,
  isWorthAnother: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (const backoff = new Backoff(); ; await sleep(backoff.take(), signal)) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !isWorthAnother(error)) throw error;
    }
  }
}

/** Waits. Ends early, without an error, when the signal is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
