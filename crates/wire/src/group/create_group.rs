//! `create_group`: registers a new chat group. A chosen id must not begin with `@TGS#`.

pub use super::{NewChatGroup as Request, RegisteredChatGroup as Response};
