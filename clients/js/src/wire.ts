// What is read here of the services' answers, named as on the wire (docs/protocol.md).

/** The services, as they stand in a URL. */
export const RECENT_CONTACT = "recentcontact";
export const PINFOLD = "pinfold";
export type Service = typeof RECENT_CONTACT | typeof PINFOLD;

/** A conversation: with an account (`Type` 1) or in a chat group (2). */
export interface ContactItem {
  Type: 1 | 2;
  To_Account?: string;
  ToGroupId?: string;
  /** What `get_list` calls `ToGroupId`. */
  GroupId?: string;
}

/** What one call did to the account. */
export interface Change {
  /** 1 for the account's first change, without gaps. */
  Revision: number;
  /** Unix milliseconds. */
  Time: number;
  /** The account that signed the call; `""` where none did. */
  Caller: string;
  Via: "call" | "console" | "cli" | "import" | "undo";
  /** The command, as the last part of its path. */
  Command: string;
  Event: ChangeEvent[];
}

/** One thing that happened, with what was and what is. Later versions of the service may tell others. */
export type ChangeEvent =
  | { EventType: "GroupCreated"; GroupId: number; GroupName: string }
  | { EventType: "GroupRenamed"; GroupId: number; OldGroupName: string; GroupName: string }
  | {
      EventType: "GroupDeleted";
      GroupId: number;
      GroupName: string;
      Data: string;
      Place: number;
      ContactItem: ContactItem[];
    }
  | { EventType: "GroupDataChanged"; GroupId: number; GroupName: string; OldData: string; Data: string }
  | { EventType: "GroupsOrdered"; OldGroupId: number[]; GroupId: number[] }
  | {
      EventType: "ConversationsAdded" | "ConversationsRemoved";
      GroupId: number;
      GroupName: string;
      ContactItem: ContactItem[];
    }
  | { EventType: "PinsOrdered"; OldContactItem: ContactItem[]; ContactItem: ContactItem[] }
  | ConversationEvent
  | { EventType: "AccountImported" | "ProfileChanged" | "AccountRestored" | "Forgotten" };

/** One thing that happened to one conversation. */
export type ConversationEvent =
  | {
      EventType: "MarkChanged";
      ContactItem: ContactItem;
      OldStandardMark: string;
      StandardMark: string;
      OldCustomMark: string;
      CustomMark: string;
    }
  | { EventType: "Pinned" | "Unpinned"; ContactItem: ContactItem; PinnedAt: number; Place: number }
  | { EventType: "ConversationDeleted"; ContactItem: ContactItem; MsgTime?: number; PinnedAt?: number; Place?: number }
  | { EventType: "ConversationRestored"; ContactItem: ContactItem; MsgTime: number };

/** How one conversation of a call fared. */
export interface ItemResult {
  ContactItem: ContactItem;
  ResultCode: number;
  ResultInfo: string;
}

/** A conversation group, as `list_groups` writes it. */
export interface GroupItem {
  GroupName: string;
  GroupId: number;
  Count: number;
  Data: string;
}

/** A conversation, as `find_conversations` writes it. */
export interface ConversationItem extends ContactItem {
  StandardMark: string;
  CustomMark?: string;
  ContactGroupId?: number[];
  TopFlag: 0 | 1;
  /** Seconds: of the last message, or of the pin where there is none. */
  MsgTime?: number;
}

/** An answer of `find_conversations`. */
export interface ConversationPage {
  ConversationItem: ConversationItem[];
  GroupItem: { GroupName: string; GroupId: number }[];
  CompleteFlag: 0 | 1;
  Cursor: string;
}

/** A page of `get_changes`. */
export interface ChangePage {
  Change: Change[];
  CompleteFlag: 0 | 1;
  Before: number;
}
