//! One-to-one messages: the service `openim` (docs/protocol.md, section 5, "Messages"). What they say is not kept:
//! they renew the time of a conversation.

pub mod batchsendmsg;
pub mod importmsg;
mod message;
pub mod sendmsg;

pub use message::{Content, Element, Message};
