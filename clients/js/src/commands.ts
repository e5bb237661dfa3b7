import { contactItem } from "./conversation_id.js";
import { Emitter } from "./emitter.js";
import { findFields, found, type FindOptions, type FoundConversations } from "./find.js";
import { markBit } from "./marks.js";
import { conversationResults, result, type ConversationResults, type Result } from "./results.js";
import { PINFOLD, RECENT_CONTACT } from "./wire.js";
import type { Change, ChangePage, ConversationPage, ItemResult, Service } from "./wire.js";

/** Conversations by their ids, 1 to 100 of them. */
export interface ConversationList {
  conversationIDList: string[];
}

/** A conversation group, and conversations for it. */
export interface GroupMembers extends ConversationList {
  groupName: string;
}

/** A mark to set or to clear. */
export interface MarkOptions extends ConversationList {
  /** A power of two, up to 2^63. */
  markType: number;
  enableMark: boolean;
}

/** A page of the history. */
export interface Changes {
  /** The newest first, as the service writes them. */
  changes: Change[];
  /** That of the next page, 0 on the last. */
  before: number;
  isCompleted: boolean;
}

type Done<T = undefined> = Promise<Result<T>>;

/**
 * What an account can change. Each promise is fulfilled once the state holds what the call changed. It is rejected with
 * a PinfoldError for a refusal of the whole call, with a NetworkError where no answer came, and with a TypeError for an
 * id or a mark type of a wrong form.
 */
export abstract class Commands extends Emitter {
  /** Calls a command that only reads. */
  protected abstract read<Answer>(service: Service, command: string, fields: object): Promise<Answer>;
  /** Calls a command, and waits until the state holds what it changed. */
  protected abstract change<Answer>(service: Service, command: string, fields: object): Promise<Answer>;

  /** Creates a conversation group, with up to 100 conversations. One of this name that exists gets them too. */
  async createConversationGroup(
    options: Omit<GroupMembers, "conversationIDList"> & Partial<ConversationList>,
  ): Done<ConversationResults> {
    const ContactItem = (options.conversationIDList ?? []).map(contactItem);
    const fields = { GroupContactItem: [{ GroupName: options.groupName, ContactItem }] };
    type Answer = { GroupResultItem: [{ ResultItem: ItemResult[] }] };
    const { GroupResultItem } = await this.change<Answer>(RECENT_CONTACT, "create_contact_group", fields);
    return conversationResults(GroupResultItem[0].ResultItem);
  }

  /** Deletes a conversation group. Its conversations stay, with their marks. */
  async deleteConversationGroup(groupName: string): Done {
    return this.#done(RECENT_CONTACT, "del_contact_group", { GroupName: [groupName] });
  }

  /** Gives a conversation group another name. It keeps its number, data, place and conversations. */
  async renameConversationGroup({ oldName, newName }: { oldName: string; newName: string }): Done {
    const UpdateGroup = { UpdateGroupType: 1, OldGroupName: oldName, NewGroupName: newName };
    return this.#done(RECENT_CONTACT, "update_contact_group", { UpdateGroup });
  }

  /** Adds up to 100 conversations. One that is in the conversation group already succeeds. */
  addConversationsToGroup(options: GroupMembers): Done<ConversationResults> {
    return this.#updateMembers(1, options);
  }

  /** Removes up to 100 conversations. One that is not in the conversation group succeeds. */
  deleteConversationsFromGroup(options: GroupMembers): Done<ConversationResults> {
    return this.#updateMembers(2, options);
  }

  /** Sets or clears a mark of up to 100 conversations. */
  async markConversation({ markType, enableMark, conversationIDList }: MarkOptions): Done<ConversationResults> {
    const bits = [markBit(markType)];
    return this.#mark(conversationIDList, { OptType: 1, ...(enableMark ? { SetMark: bits } : { ClearMark: bits }) });
  }

  /** Keeps a text of the app's own with conversations, at most 256 bytes; `""` clears it. */
  async setConversationCustomData(options: { customData: string } & ConversationList): Done<ConversationResults> {
    return this.#mark(options.conversationIDList, { OptType: 2, CustomMark: options.customData });
  }

  /** Pins a conversation, last of the pinned ones, or unpins it. */
  async pinConversation(options: { conversationID: string; isPinned: boolean }): Done<{ conversationID: string }> {
    const { conversationID, isPinned } = options;
    const fields = { OperationType: isPinned ? 1 : 2, RecentContactItem: [contactItem(conversationID)] };
    return this.#done(RECENT_CONTACT, "top", fields, { conversationID });
  }

  /** Takes a conversation out of the list of recent ones, and unpins it. Its marks and conversation groups stay. */
  async deleteConversation(conversationID: string): Done<{ conversationID: string }> {
    return this.#done(RECENT_CONTACT, "delete", contactItem(conversationID), { conversationID });
  }

  /** Puts these conversation groups first, in this order. The others follow as they were. */
  async orderGroups(groupNames: string[]): Done {
    return this.#done(PINFOLD, "order_groups", { GroupName: groupNames });
  }

  /** Puts these pinned conversations first, in this order. The others follow as they were. */
  async orderPins(conversationIDList: string[]): Done {
    return this.#done(PINFOLD, "order_pins", { RecentContactItem: conversationIDList.map(contactItem) });
  }

  /** Keeps a text of the app's own with a conversation group, at most 1,024 bytes; `""` clears it. */
  async setGroupData({ groupName, data }: { groupName: string; data: string }): Done {
    return this.#done(PINFOLD, "set_group_data", { GroupName: groupName, Data: data });
  }

  /** One page of the conversations that have something, looked for by the service. */
  async findConversations(options: FindOptions = {}): Done<FoundConversations> {
    return result(found(await this.read<ConversationPage>(PINFOLD, "find_conversations", findFields(options))));
  }

  /** What happened to the account before the revision `before`: at most `limit` changes, 1 to 100, or 50. */
  async getChanges(options: { before?: number; limit?: number } = {}): Done<Changes> {
    const fields = { Before: options.before, Limit: options.limit };
    const page = await this.read<ChangePage>(PINFOLD, "get_changes", fields);
    return result({ changes: page.Change, before: page.Before, isCompleted: page.CompleteFlag === 1 });
  }

  /** Makes the opposite of a change. `change` is the one that was made, missing if nothing was to do. */
  async undo(revision: number): Done<{ change: Change | undefined }> {
    const { Change } = await this.change<{ Change: Change[] }>(PINFOLD, "undo", { Revision: revision });
    return result({ change: Change[0] });
  }

  async #done<T = undefined>(service: Service, command: string, fields: object, data?: T): Done<T> {
    await this.change(service, command, fields);
    return result(data as T);
  }

  async #updateMembers(ContactOptType: 1 | 2, options: GroupMembers): Done<ConversationResults> {
    const { groupName: OldGroupName, conversationIDList } = options;
    const ContactUpdateItem = conversationIDList.map((id) => ({ ContactOptType, ContactItem: contactItem(id) }));
    const fields = { UpdateGroup: { UpdateGroupType: 2, OldGroupName, ContactUpdateItem } };
    type Answer = { UpdateGroupResult: { ContactResultItem: ItemResult[] } };
    const { UpdateGroupResult } = await this.change<Answer>(RECENT_CONTACT, "update_contact_group", fields);
    return conversationResults(UpdateGroupResult.ContactResultItem);
  }

  async #mark(conversationIDList: string[], marks: object): Done<ConversationResults> {
    const MarkItem = conversationIDList.map((id) => ({ ...marks, ContactItem: contactItem(id) }));
    const answer = await this.change<{ ResultItem: ItemResult[] }>(RECENT_CONTACT, "mark_contact", { MarkItem });
    return conversationResults(answer.ResultItem);
  }
}
