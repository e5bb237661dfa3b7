//! What pinfold knows of the protocol, and nothing of how it travels or where it is kept.
//!
//! An identifier is parsed once and valid from then on. A rule is a function from a [`Draft`] of an
//! [`AccountState`] and the request's values to an answer or a [`Refusal`]; it has no side effect, so
//! it may run again after a lost race. Time, randomness and configuration enter as arguments.

mod app;
mod arrangement;
mod chat_group;
mod consistency;
mod conversation;
mod conversation_group;
mod custom_mark;
mod draft;
mod element;
mod event;
mod group_data;
mod history;
mod ids;
mod limits;
mod message_part;
mod ord_map;
mod order;
mod peers;
mod recent;
mod refusal;
pub mod rules;
mod standard_marks;
mod state;
mod state_diff;
mod webhook;
mod whole;

pub use app::{AppId, AppPolicy, Edition, Messages, Registration, Users};
pub use arrangement::{Arrangement, ChangeNumber, Record, Timestamp};
pub use chat_group::{ChatGroup, ChatGroupKind, ChatGroupSeq};
pub use consistency::Inconsistency;
pub use conversation::Conversation;
pub use conversation_group::{ConversationGroup, ConversationGroupId, GroupName};
pub use custom_mark::CustomMark;
pub use draft::{Draft, decide};
pub use element::Element;
pub use event::Event;
pub use group_data::GroupData;
pub use history::{HistoryChange, Origin, Revision, TimeMs, Via};
pub use ids::{AccountId, ChatGroupId, IdProblem};
pub use limits::Limits;
pub use message_part::MessagePart;
pub use ord_map::OrdMap;
pub use peers::{PeerStatus, PeerStatuses};
pub use recent::{Activities, ChatGroupActivity, RecentEntry, RecentView, Touches};
pub use refusal::{Counted, Refusal};
pub use rules::{ChangesQuery, Entries};
pub use standard_marks::{MarkBit, StandardMarks};
pub use state::{AccountState, Fingerprint, Head, Pin, Profile, Repeat, RepeatedAnswer};
pub use state_diff::StateDiff;
pub use webhook::{WebhookCommand, WebhookCommands};
