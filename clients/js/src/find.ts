import { newConversation, type Conversation } from "./conversation.js";
import { conversationID, type ConversationType } from "./conversation_id.js";
import { markBit } from "./marks.js";
import type { ConversationPage } from "./wire.js";

/** Which conversations are looked for: all that is named holds together. */
export interface FindOptions {
  type?: ConversationType;
  /** The name of a conversation group; `""`: those in none. */
  groupName?: string;
  /** Powers of two: those with at least one of these marks. */
  markTypes?: number[];
  /** true: those with neither marks nor custom data. false: those with one of them. */
  isUnmarked?: boolean;
  /** Exactly this custom data. */
  customData?: string;
  isPinned?: boolean;
  /** Whether it has a message. */
  isRecent?: boolean;
  /** By the last change of marks and conversation groups, or by the last message, which leaves out what has none. */
  sort?: "changed" | "recent";
  descending?: boolean;
  /** 1 to 200, or 100. */
  limit?: number;
  /** That of the page before. */
  cursor?: string;
}

/** A page of conversations, in the order that was asked for. */
export interface FoundConversations {
  conversationList: Conversation[];
  /** That of the next page, `""` on the last. */
  cursor: string;
  isCompleted: boolean;
}

/** The fields of `find_conversations`. */
export function findFields(options: FindOptions): object {
  const { type, groupName, markTypes, isUnmarked, customData, isPinned, isRecent } = options;
  const Filter = {
    Type: type && (type === "C2C" ? 1 : 2),
    GroupName: groupName || undefined,
    InNoGroup: groupName === "" || undefined,
    AnyMark: markTypes?.map(markBit),
    NoMark: isUnmarked,
    CustomMark: customData,
    Pinned: isPinned,
    Recent: isRecent,
  };
  return { Filter, Sort: options.sort, Descending: options.descending, Limit: options.limit, Cursor: options.cursor };
}

/** A page of `find_conversations`. */
export function found({ ConversationItem, GroupItem, Cursor, CompleteFlag }: ConversationPage): FoundConversations {
  const conversationList = ConversationItem.map((item) => {
    const groups = GroupItem.filter(({ GroupId }) => item.ContactGroupId?.includes(GroupId));
    const groupNames = groups.map(({ GroupName }) => GroupName);
    const marks: [string, string] = [item.StandardMark, item.CustomMark ?? ""];
    return newConversation(conversationID(item), item.TopFlag === 1, marks, groupNames, item.MsgTime ?? 0);
  });
  return { conversationList, cursor: Cursor, isCompleted: CompleteFlag === 1 };
}
