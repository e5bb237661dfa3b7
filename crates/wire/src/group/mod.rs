//! The register of chat groups, and messages in them: the service `group_open_http_svc` (docs/protocol.md, sections 5
//! and 6).

mod chat_group;
pub mod create_group;
pub mod destroy_group;
pub mod get_appid_group_list;
pub mod get_group_info;
pub mod import_group;
pub mod import_group_msg;
pub mod send_group_msg;

pub use chat_group::{NewChatGroup, RegisteredChatGroup};
