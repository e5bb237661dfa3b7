import { conversationID } from "./conversation_id.js";
import type { ItemResult } from "./wire.js";

/** What a method's promise gives. */
export interface Result<T> {
  /** Always 0: a refusal is a rejected promise. */
  readonly code: 0;
  readonly data: T;
}

/** How the conversations of a call fared, each for itself. */
export interface ConversationResults {
  readonly successConversationIDList: string[];
  readonly failureConversationIDList: { conversationID: string; code: number; message: string }[];
}

export function result<T>(data: T): Result<T> {
  return { code: 0, data };
}

export function conversationResults(items: ItemResult[]): Result<ConversationResults> {
  const data: ConversationResults = { successConversationIDList: [], failureConversationIDList: [] };
  for (const { ContactItem, ResultCode: code, ResultInfo: message } of items) {
    const id = conversationID(ContactItem);
    if (code === 0) data.successConversationIDList.push(id);
    else data.failureConversationIDList.push({ conversationID: id, code, message });
  }
  return result(data);
}
