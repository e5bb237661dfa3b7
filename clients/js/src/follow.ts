import { Backoff, sleep } from "./backoff.js";
import { NetworkError, passes } from "./errors.js";
import type { Transport } from "./transport.js";
import type { Change } from "./wire.js";

/** What following a stream tells. */
export interface StreamListener {
  /** A stream was opened, for the first time or after `lost`. */
  connected(): void;
  /** Load: changes are told from now on. Comes again where some were missed. */
  reset(): void;
  change(change: Change): void;
  /** The stream was lost. The next attempt follows by itself, after a while. */
  lost(error: Error): void;
}

/**
 * Follows the changes of an account until the signal is aborted: opens one stream after another, each where the one
 * before ended.
 *
 * @throws An error that another attempt would meet again.
 */
export async function follow(transport: Transport, listener: StreamListener, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff();
  let cursor: string | undefined;
  while (!signal.aborted) {
    let lost: unknown = new NetworkError("the stream ended");
    try {
      let isOpen = false;
      for await (const { id, event, data = "", retry } of await transport.watch(cursor, signal)) {
        // A handler may have stopped the client.
        if (signal.aborted) return;
        if (retry) backoff.ask(Number(retry));
        if (!id) continue;
        if (!isOpen) listener.connected();
        isOpen = true;
        if (!cursor || event === "reset") listener.reset();
        // Kinds of events that a later version may send are left out.
        if (event === "change") listener.change(JSON.parse(data) as Change);
        cursor = id;
        backoff.reset();
      }
    } catch (error) {
      if (!signal.aborted && !passes(error)) throw error;
      lost = error;
    }
    if (!signal.aborted) listener.lost(lost as Error);
    await sleep(backoff.take(), signal);
  }
}
