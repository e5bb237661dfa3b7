//! From wire to core: the only place where fields of a request become values of the rules.

mod accounts;
mod chat_groups;
mod conversation;
mod fields;
mod find;
mod marks;
mod members;
mod message;

pub(crate) use accounts::{NamedAccount, accounts, named_accounts, profile_of};
pub(crate) use chat_groups::{
    chat_group_id, chat_group_kind, created_at, new_chat_group, next_chat_group, told_chat_group,
};
pub(crate) use conversation::{Echo, Items, conversations, echo, listed_conversation};
pub(crate) use fields::{
    account, both, count, elements, from_account, group_data, group_name, integer, list, object, operation, revision,
    start_index, text, within,
};
pub(crate) use find::query;
pub(crate) use marks::mark_change;
pub(crate) use members::member_change;
pub(crate) use message::{
    Imported, ImportedGroupMessages, Sent, as_imported_sender, as_sender, batch, group_message, imported,
    imported_group_messages, in_msg_list, sent,
};
