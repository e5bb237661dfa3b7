import type { EVENT } from "./constants.js";
import type { NetworkError, PinfoldError } from "./errors.js";
import type { Conversation } from "./conversation.js";
import type { Change } from "./wire.js";

/** What each event's `data` is. */
export interface EventData {
  [EVENT.SDK_READY]: undefined;
  [EVENT.SDK_NOT_READY]: undefined;
  [EVENT.ERROR]: PinfoldError | NetworkError | Error;
  /** `error` is what the stream was lost by; the next attempt follows by itself. */
  [EVENT.NET_STATE_CHANGE]: { state: "connected" | "disconnected"; error?: Error };
  /** All conversations, in the order in which they are shown. */
  [EVENT.CONVERSATION_LIST_UPDATED]: readonly Conversation[];
  /** The names of all conversation groups, in the account's own order. */
  [EVENT.CONVERSATION_GROUP_LIST_UPDATED]: readonly string[];
  [EVENT.CONVERSATION_IN_GROUP_UPDATED]: { groupName: string; conversationList: readonly Conversation[] };
  [EVENT.CHANGE]: Change;
}

export type EventName = keyof EventData;
export type Handler<N extends EventName> = (event: { name: N; data: EventData[N] }) => void;

/** Calls handlers by the name of an event. */
export class Emitter {
  readonly #handlers = new Map<string, Set<(event: never) => void>>();

  /** Has the handler called at each event of this name. */
  on<N extends EventName>(name: N, handler: Handler<N>): void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
  }

  /** Ends what `on` began. */
  off<N extends EventName>(name: N, handler: Handler<N>): void {
    this.#handlers.get(name)?.delete(handler);
  }

  /** A handler that throws stops neither the others nor the client; its error is written to the console. */
  protected emit<N extends EventName>(name: N, data: EventData[N]): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])] as Handler<N>[]) {
      try {
        handler({ name, data });
      } catch (error) {
        console.error(error);
      }
    }
  }
}
