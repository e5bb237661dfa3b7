//! Conversation groups, marks and pins: the service `recentcontact` (docs/protocol.md, sections 4 and 5).

mod contact_item;
pub mod create_contact_group;
pub mod del_contact_group;
pub mod delete;
pub mod get_contact_group;
pub mod get_list;
mod group_item;
pub mod mark_contact;
mod record;
pub mod search_contact_group;
pub mod top;
pub mod update_contact_group;

pub use contact_item::{ContactItem, ConversationEcho, ItemResult};
pub use group_item::GroupItem;
pub use record::Record;
