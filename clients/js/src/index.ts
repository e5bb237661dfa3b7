/** A client of pinfold for browsers and Node. README.md of the package tells how it is used. */
export { PinfoldClient, type ClientOptions, type ListedConversations } from "./client.js";
export type { Changes, ConversationList, GroupMembers, MarkOptions } from "./commands.js";
export { EVENT, TYPES } from "./constants.js";
export type { ConversationType } from "./conversation_id.js";
export type { EventData, EventName, Handler } from "./emitter.js";
export { NetworkError, PinfoldError } from "./errors.js";
export type { ConversationFilter } from "./filter.js";
export type { FindOptions, FoundConversations } from "./find.js";
export type { ConversationResults, Result } from "./results.js";
export type { Conversation, ConversationGroup } from "./conversation.js";
export type { ConnectionOptions } from "./transport.js";
export type { Change, ChangeEvent, ContactItem } from "./wire.js";
