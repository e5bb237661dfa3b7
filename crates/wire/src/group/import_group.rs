//! `import_group`: registers a chat group that exists elsewhere. A chosen id may begin with `@TGS#`.

pub use super::{NewChatGroup as Request, RegisteredChatGroup as Response};
