import { retry } from "./backoff.js";
import { passes } from "./errors.js";
import { follow, type StreamListener } from "./follow.js";
import { load, type Call } from "./load.js";
import { AccountState } from "./state.js";
import type { Transport } from "./transport.js";
import type { Change } from "./wire.js";

/** Changes that are kept while the account is loaded. One more begins the load anew. */
export const WAITING_CHANGES_MAX = 1_000;
/** How long a call waits at most until the state holds its change. */
const SETTLE_MS = 5_000;

/** What the engine tells. */
export interface SyncListener extends Pick<StreamListener, "connected" | "lost"> {
  /** This is the state from now on: it was loaded, for the first time or anew. */
  loaded(state: AccountState): void;
  /** The state holds this change now. */
  changed(change: Change): void;
  /** An error that another attempt would meet again ended the engine. */
  failed(error: Error): void;
}

/**
 * Keeps the state of an account in step until the signal is aborted: watches first, then loads, then applies each
 * change as it comes.
 */
export class Sync {
  readonly #transport: Transport;
  readonly #listener: SyncListener;
  readonly #signal: AbortSignal;
  /** Of those who wait for a change, called after each. */
  readonly #looks = new Set<() => void>();
  #state = new AccountState();
  /** The last change that the state holds; 0 if that is unknown. */
  #revision = 0;
  /** What came since the load under way began. */
  #waiting: Change[] | undefined;

  constructor(transport: Transport, listener: SyncListener, signal: AbortSignal) {
    this.#transport = transport;
    this.#listener = listener;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#look());
    const reset = (): void => void this.load();
    follow(transport, { ...listener, reset, change: this.#change }, signal).catch(listener.failed);
  }

  /** Waits until the state holds the change of this revision, and no longer than 5 s. */
  settle(revision: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve();
      };
      const look = (): void => void ((this.#revision >= revision || this.#signal.aborted) && end());
      const timer = setTimeout(end, SETTLE_MS);
      this.#looks.add(look);
      look();
    });
  }

  /** Loads, and gives up a load that is under way. Fulfilled when this one has ended. */
  async load(): Promise<void> {
    const waiting: Change[] = [];
    this.#waiting = waiting;
    const isWanted = (): boolean => this.#waiting === waiting && !this.#signal.aborted;
    const isWorthAnother = (error: unknown): boolean => isWanted() && passes(error);
    const patientCall: Call = (...call) => {
      return retry(() => this.#call(...call), isWorthAnother, this.#signal);
    };
    try {
      const { state, revision } = await load(patientCall);
      if (isWanted()) this.#take(state, revision, waiting);
    } catch (error) {
      if (isWanted()) this.#listener.failed(error as Error);
    }
  }

  readonly #call: Call = (...call) => this.#transport.call(this.#signal, ...call);

  readonly #change = (change: Change): void => {
    if (!this.#waiting) this.#apply(change);
    else if (this.#waiting.push(change) > WAITING_CHANGES_MAX) void this.load();
  };

  #take(state: AccountState, revision: number, waiting: Change[]): void {
    this.#state = state;
    this.#revision = revision;
    this.#waiting = undefined;
    this.#listener.loaded(state);
    waiting.forEach(this.#change);
    this.#look();
  }

  #apply(change: Change): void {
    // The load held it already.
    if (change.Revision <= this.#revision) return;
    // Without a history the service tells only what one instance did.
    if (this.#revision && change.Revision > this.#revision + 1) return void this.load();
    this.#revision = change.Revision;
    const isUnderstood = change.Event.map((event) => this.#state.apply(event)).every(Boolean);
    this.#listener.changed(change);
    this.#look();
    if (!isUnderstood) void this.load();
  }

  #look(): void {
    this.#looks.forEach((look) => look());
  }
}
