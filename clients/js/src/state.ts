import { newConversation, type Conversation, type ConversationGroup } from "./conversation.js";
import { conversationID } from "./conversation_id.js";
import type { ChangeEvent, ContactItem, ConversationItem, GroupItem } from "./wire.js";

/** What an account is loaded from. */
export interface Snapshot {
  groups: Omit<GroupItem, "Count">[];
  conversations: ConversationItem[];
  /** All pinned conversations, in their order. */
  pins: ContactItem[];
  /** Those of them that have a message. */
  recentPins: ConversationItem[];
}

interface Group {
  id: number;
  name: string;
  data: string;
  members: Set<string>;
}

const NOTHING: Snapshot = { groups: [], conversations: [], pins: [], recentPins: [] };

/** What is kept for an account. An event that is applied twice leaves it as after the first time. */
export class AccountState {
  /** In the account's own order. */
  #groups: Group[];
  /** The standard mark and the custom mark, where there is one of them. */
  readonly #marks = new Map<string, [string, string]>();
  /** Pinned conversations in the account's own order. */
  #pins: string[];
  /** Times of last messages, where there are any. */
  readonly #times = new Map<string, number>();
  #shown: Conversation[] | undefined;

  constructor({ groups, conversations, pins, recentPins }: Snapshot = NOTHING) {
    this.#groups = groups.map(({ GroupId, GroupName, Data }) => newGroup(GroupId, GroupName, Data));
    this.#pins = pins.map(conversationID);
    for (const item of conversations) {
      const id = conversationID(item);
      this.#mark(id, item.StandardMark, item.CustomMark ?? "");
      for (const group of this.#groups) if (item.ContactGroupId?.includes(group.id)) group.members.add(id);
    }
    // The time of another pinned conversation is that of its pin.
    for (const item of [...conversations.filter(({ TopFlag }) => !TopFlag), ...recentPins]) {
      if (item.MsgTime) this.#times.set(conversationID(item), item.MsgTime);
    }
  }

  /** In the account's own order. */
  get groups(): ConversationGroup[] {
    return this.#groups.map(({ id, name, data, members }) => {
      return { groupID: id, groupName: name, data, count: members.size };
    });
  }

  /** The pinned ones first, in their order, then the others by their last message, the newest first. */
  get conversations(): readonly Conversation[] {
    return (this.#shown ??= this.#show());
  }

  /** Makes of the state what the event says. False for an event that only a load can tell the effect of. */
  apply(event: ChangeEvent): boolean {
    this.#shown = undefined;
    // Those that the event names, as far as it names one, and the state has it.
    const id = "ContactItem" in event && !Array.isArray(event.ContactItem) ? conversationID(event.ContactItem) : "";
    const group = "GroupId" in event ? this.#groups.find((group) => group.id === event.GroupId) : undefined;
    switch (event.EventType) {
      case "GroupCreated":
        if (!group) this.#groups.push(newGroup(event.GroupId, event.GroupName, ""));
        break;
      case "GroupRenamed":
        if (group) group.name = event.GroupName;
        break;
      case "GroupDataChanged":
        if (group) group.data = event.Data;
        break;
      case "GroupDeleted":
        this.#groups = this.#groups.filter((other) => other !== group);
        break;
      case "GroupsOrdered":
        this.#groups = inOrder(this.#groups, event.GroupId.map((id) => this.#groups.find((group) => group.id === id)));
        break;
      case "ConversationsAdded":
      case "ConversationsRemoved": {
        const change = event.EventType === "ConversationsAdded" ? "add" : "delete";
        for (const item of event.ContactItem) group?.members[change](conversationID(item));
        break;
      }
      case "MarkChanged":
        this.#mark(id, event.StandardMark, event.CustomMark);
        break;
      case "Pinned":
        if (!this.#pins.includes(id)) this.#pins.splice(event.Place, 0, id);
        break;
      case "PinsOrdered":
        this.#pins = inOrder(this.#pins, event.ContactItem.map(conversationID));
        break;
      case "ConversationRestored":
        this.#times.set(id, event.MsgTime);
        break;
      case "ConversationDeleted":
        this.#times.delete(id);
      // It is unpinned too.
      case "Unpinned":
        this.#pins = this.#pins.filter((pin) => pin !== id);
        break;
      case "AccountImported":
      case "ProfileChanged":
        break;
      default:
        return false;
    }
    return true;
  }

  #mark(id: string, standard: string, custom: string): void {
    if (standard || custom) this.#marks.set(id, [standard, custom]);
    else this.#marks.delete(id);
  }

  #show(): Conversation[] {
    const members = this.#groups.flatMap((group) => [...group.members]);
    const kept = new Set([...members, ...this.#marks.keys(), ...this.#times.keys()]);
    const others = [...kept].filter((id) => !this.#pins.includes(id));
    const time = (id: string): number => this.#times.get(id) ?? 0;
    others.sort((one, other) => time(other) - time(one) || (one < other ? -1 : 1));
    return [...this.#pins, ...others].map((id, place) => {
      const groups = this.#groups.filter((group) => group.members.has(id)).map(({ name }) => name);
      return newConversation(id, place < this.#pins.length, this.#marks.get(id) ?? ["", ""], groups, time(id));
    });
  }
}

function newGroup(id: number, name: string, data: string): Group {
  return { id, name, data, members: new Set() };
}

/** Those that are named first, as far as they are there, then the others as they were. */
function inOrder<T>(all: T[], first: (T | undefined)[]): T[] {
  const isThere = (member: T | undefined): member is T => all.includes(member as T);
  return [...new Set([...first.filter(isThere), ...all])];
}
