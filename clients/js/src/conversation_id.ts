import type { ContactItem } from "./wire.js";

/** One-to-one, or in a chat group. */
export type ConversationType = "C2C" | "GROUP";

/**
 * The conversation that `C2Cbob` or `GROUP@TGS#1` names, as the service writes it.
 *
 * @throws TypeError for a text of another form.
 */
export function contactItem(conversationID: string): ContactItem {
  if (/^C2C./su.test(conversationID)) return { Type: 1, To_Account: conversationID.slice(3) };
  if (/^GROUP./su.test(conversationID)) return { Type: 2, ToGroupId: conversationID.slice(5) };
  throw new TypeError(`conversationID must be C2C… or GROUP…, not ${JSON.stringify(conversationID)}`);
}

/** `C2Cbob` or `GROUP@TGS#1`. */
export function conversationID(item: ContactItem): string {
  return item.Type === 1 ? `C2C${item.To_Account}` : `GROUP${item.ToGroupId ?? item.GroupId}`;
}
