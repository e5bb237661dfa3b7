import { retry } from "./backoff.js";
import { Commands } from "./commands.js";
import { EVENT } from "./constants.js";
import type { Conversation, ConversationGroup } from "./conversation.js";
import { codeOf, isTooOften } from "./errors.js";
import { filtered, type ConversationFilter } from "./filter.js";
import { latestRevision, load, type Call } from "./load.js";
import { result, type Result } from "./results.js";
import { AccountState } from "./state.js";
import { Sync, type SyncListener } from "./sync.js";
import { Transport, type ConnectionOptions } from "./transport.js";
import type { Change, ChangeEvent, Service } from "./wire.js";

const ACCOUNT_UNKNOWN = 50001;
/** How often a call is made that comes too often. */
const ATTEMPTS_MAX = 4;

/** Conversations in the order of `PinfoldClient.conversations`. */
export interface ListedConversations {
  conversationList: Conversation[];
  /** Always true: the list is whole. */
  isSyncCompleted: true;
}

/** The settings of a client. */
export interface ClientOptions extends ConnectionOptions {
  /** Stops the client when it is aborted, for good: no call is made after that. */
  signal?: AbortSignal;
}

/**
 * The conversation groups, marks and pins of an account, in step with its other devices between `start` and `stop`. The
 * methods that call the service work without `start` too.
 */
export class PinfoldClient extends Commands {
  readonly #transport: Transport;
  #state = new AccountState();
  #sync: Sync | undefined;
  #starting: Promise<void> | undefined;
  #isReady = false;
  /** Ended by `stop`, with all calls that are under way. */
  #life = new AbortController();
  readonly #signal: AbortSignal | undefined;

  constructor(options: ClientOptions) {
    super();
    this.#transport = new Transport(options);
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", () => this.stop());
    if (this.#signal?.aborted) this.stop();
  }

  /** The conversation groups, in the account's own order. */
  get groups(): readonly ConversationGroup[] {
    return this.#state.groups;
  }

  /** The pinned ones first, in their order, then the others by their last message, the newest first. */
  get conversations(): readonly Conversation[] {
    return this.#state.conversations;
  }

  /** Whether the state is loaded and kept in step. It is readable, as it was last, also where it is not. */
  isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Keeps the state in step from now on, over lost connections. Fulfilled once it is loaded, rejected with the error
   * that ended the client before, which `EVENT.ERROR` tells too. After an error it may be called again.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    // Who looks at EVENT.ERROR alone need not catch it.
    this.#starting.catch(() => undefined);
    return this.#starting;
  }

  /** Ends the stream of changes and the calls that are under way. The state stays as it is. */
  stop(): void {
    this.#end(new Error("the client was stopped"));
  }

  /** Loads the state anew, with the times of last messages. */
  async refresh(): Promise<void> {
    await this.#sync?.load();
  }

  /** The names of all conversation groups, in the account's own order. */
  async getConversationGroupList(): Promise<Result<string[]>> {
    return result(names(await this.#loaded()));
  }

  /** All conversations, those of these ids, or those that a filter takes. After `start` it makes no call. */
  async getConversationList(options: string[] | ConversationFilter = {}): Promise<Result<ListedConversations>> {
    const conversationList = filtered((await this.#loaded()).conversations, options);
    return result({ conversationList, isSyncCompleted: true });
  }

  protected readonly read: Call = (...call) => {
    const { signal } = this.#life;
    let attempts = 0;
    const isWorthAnother = (error: unknown): boolean => isTooOften(error) && ++attempts < ATTEMPTS_MAX;
    return retry(() => this.#transport.call(signal, ...call), isWorthAnother, signal);
  };

  protected override async change<Answer>(service: Service, command: string, fields: object): Promise<Answer> {
    const answer = await this.read<Answer>(service, command, fields);
    const sync = this.#sync;
    // Not known where the history has nothing, or does not answer: the stream tells it in time.
    if (sync) await sync.settle(await latestRevision(this.read).catch(() => 0));
    return answer;
  }

  /** The state that is kept in step, or one that is loaded for once. */
  async #loaded(): Promise<AccountState> {
    if (!this.#starting) return (await load(this.read)).state;
    await this.#starting;
    return this.#state;
  }

  #start(): Promise<void> {
    const { signal } = this.#life;
    return new Promise((resolve, reject) => {
      const end = (): void => reject(signal.reason);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
      else this.#sync = new Sync(this.#transport, this.#listener(resolve), signal);
    });
  }

  #listener(started: () => void): SyncListener {
    return {
      connected: () => this.emit(EVENT.NET_STATE_CHANGE, { state: "connected" }),
      lost: (error) => this.emit(EVENT.NET_STATE_CHANGE, { state: "disconnected", error }),
      loaded: (state) => {
        this.#state = state;
        started();
        if (!this.#isReady) {
          this.#isReady = true;
          this.emit(EVENT.SDK_READY, undefined);
        }
        this.#tell();
      },
      changed: (change) => this.#tell(change),
      failed: (error) => {
        this.#end(error);
        if (codeOf(error) === ACCOUNT_UNKNOWN) {
          // It was deleted, with all that was kept for it.
          this.#state = new AccountState();
          this.#tell();
        }
        this.emit(EVENT.ERROR, error);
      },
    };
  }

  #end(reason: Error): void {
    this.#life.abort(reason);
    if (!this.#signal?.aborted) this.#life = new AbortController();
    this.#sync = this.#starting = undefined;
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (wasReady) this.emit(EVENT.SDK_NOT_READY, undefined);
  }

  /** Tells what a change touched; without one, that everything may be another. */
  #tell(change?: Change): void {
    const groupNames = names(this.#state);
    const isOfGroups = change?.Event.some(({ EventType }) => EventType.startsWith("Group")) ?? true;
    if (isOfGroups) this.emit(EVENT.CONVERSATION_GROUP_LIST_UPDATED, groupNames);
    for (const groupName of change?.Event.flatMap(groupNameOfMembers) ?? groupNames) {
      const conversationList = filtered(this.conversations, { groupName });
      this.emit(EVENT.CONVERSATION_IN_GROUP_UPDATED, { groupName, conversationList });
    }
    this.emit(EVENT.CONVERSATION_LIST_UPDATED, this.conversations);
    if (change) this.emit(EVENT.CHANGE, change);
  }
}

/** The name of the conversation group that the event put conversations into or took them out of. */
function groupNameOfMembers(event: ChangeEvent): string[] {
  return "GroupName" in event && event.EventType.startsWith("Conversations") ? [event.GroupName] : [];
}

function names(state: AccountState): string[] {
  return state.groups.map(({ groupName }) => groupName);
}
