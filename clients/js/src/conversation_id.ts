import type { ContactItem } from "./wire.js";

/** One-to-one, or in a chat group. */
export type ConversationType = "C2C" | "GROUP";

/**
 * The conversation that `C2Cbob` or `GROUP@TGS#1` names, as the service writes it.
 *
 * @throws TypeError for a text of another form.
 */
export function contactItem(conversationID: string): ContactItem {
  const [, type, id] = /^(C2C|GROUP)(.+)/s.exec(conversationID) ?? [];
  if (!id) throw new TypeError(`conversationID must be C2C… or GROUP…, not "${conversationID}"`);
  return type === "C2C" ? { Type: 1, To_Account: id } : { Type: 2, ToGroupId: id };
}

/** `C2Cbob` or `GROUP@TGS#1`. */
export function conversationID(item: ContactItem): string {
  return item.Type === 1 ? `C2C${item.To_Account}` : `GROUP${item.ToGroupId ?? item.GroupId}`;
}
