//! From wire to core: the only place where fields of a request become values of the rules.

mod conversation;
mod fields;
mod marks;
mod members;

pub(crate) use conversation::{Item, conversations, echo};
pub(crate) use fields::{
    account, both, chat_group, count, elements, group_name, integer, list, object, operation, text,
};
pub(crate) use marks::mark_change;
pub(crate) use members::member_change;
