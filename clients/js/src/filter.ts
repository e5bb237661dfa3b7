import type { Conversation } from "./conversation.js";
import type { ConversationType } from "./conversation_id.js";

/** Which conversations `getConversationList` gives: all that is named holds together. */
export interface ConversationFilter {
  type?: ConversationType;
  /** A power of two: those with this mark. 0: those without any. */
  markType?: number;
  /** The name of a conversation group; `""`: those in none. */
  groupName?: string;
}

/** Those that are named, or that a filter takes, in the order of all. */
export function filtered(all: readonly Conversation[], options: string[] | ConversationFilter): Conversation[] {
  if (Array.isArray(options)) return all.filter(({ conversationID }) => options.includes(conversationID));
  const { type, markType, groupName } = options;
  return all.filter((conversation) => {
    return (
      (!type || conversation.type === type) &&
      hasOrNone(conversation.markList, markType, 0) &&
      hasOrNone(conversation.conversationGroupList, groupName, "")
    );
  });
}

/** Whether the list has what is wanted: anything for `undefined`, nothing for `none`. */
function hasOrNone<T>(list: readonly T[], wanted: T | undefined, none: T): boolean {
  return wanted === undefined || (wanted === none ? list.length === 0 : list.includes(wanted));
}
