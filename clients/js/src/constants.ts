/** The events of a client; the first seven are named as those of the hosted service's web SDK. */
export const EVENT = {
  /** The state is loaded and kept in step from now on. */
  SDK_READY: "sdkStateReady",
  /** The state is kept in step no more: `stop` was called, or an error ended it. */
  SDK_NOT_READY: "sdkStateNotReady",
  /** What ended the client: `start` begins anew. */
  ERROR: "error",
  /** The stream of changes was opened or lost. */
  NET_STATE_CHANGE: "netStateChange",
  /** Marks, custom data, conversation groups, pins or times of conversations changed. */
  CONVERSATION_LIST_UPDATED: "onConversationListUpdated",
  /** Conversation groups were created, deleted, renamed or ordered, or their data changed. */
  CONVERSATION_GROUP_LIST_UPDATED: "onConversationGroupListUpdated",
  /** Conversations were added to a conversation group or removed from it. */
  CONVERSATION_IN_GROUP_UPDATED: "onConversationInGroupUpdated",
  /** A change, as the service tells it, after the state holds it: by this device or by another. */
  CHANGE: "onChange",
} as const;

/** Values of fields, as in the hosted service's web SDK. */
export const TYPES = {
  CONV_C2C: "C2C",
  CONV_GROUP: "GROUP",
  /** Mark types are powers of two. Those from 2^32 to 2^63 are the app's own. */
  CONV_MARK_TYPE_STAR: 1,
  CONV_MARK_TYPE_UNREAD: 2,
  CONV_MARK_TYPE_FOLD: 4,
  CONV_MARK_TYPE_HIDE: 8,
  NET_STATE_CONNECTED: "connected",
  NET_STATE_DISCONNECTED: "disconnected",
} as const;
