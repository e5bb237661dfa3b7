import type { ConversationType } from "./conversation_id.js";
import { markList } from "./marks.js";

/** A conversation of which something is kept: a mark, custom data, a conversation group, a pin, or a message. */
export interface Conversation {
  /** `C2C` and the account, or `GROUP` and the chat group. */
  readonly conversationID: string;
  readonly type: ConversationType;
  readonly isPinned: boolean;
  /** Powers of two, ascending: `TYPES.CONV_MARK_TYPE_STAR` and so on. */
  readonly markList: readonly number[];
  /** `""` where there is none. */
  readonly customData: string;
  /** Names of its conversation groups, in the account's order of them. */
  readonly conversationGroupList: readonly string[];
  /** Seconds, as of the last load: messages make no change. 0 where no message is known. */
  readonly lastMessage: { readonly lastTime: number };
}

/** A conversation group. */
export interface ConversationGroup {
  /** The number that it keeps when it is renamed. */
  readonly groupID: number;
  readonly groupName: string;
  /** The app's own text, `""` where there is none. */
  readonly data: string;
  /** How many conversations are in it. */
  readonly count: number;
}

/** Of a conversation that is kept under this id. `standardMark` is as on the wire. */
export function newConversation(
  conversationID: string,
  isPinned: boolean,
  [standardMark, customData]: [string, string],
  conversationGroupList: string[],
  lastTime: number,
): Conversation {
  const type = conversationID.startsWith("C2C") ? "C2C" : "GROUP";
  return {
    conversationID,
    type,
    isPinned,
    markList: markList(standardMark),
    customData,
    conversationGroupList,
    lastMessage: { lastTime },
  };
}
