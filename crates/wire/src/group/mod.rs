//! The register of chat groups: the service `group_open_http_svc` (docs/protocol.md, section 6).

mod chat_group;
pub mod create_group;
pub mod destroy_group;
pub mod get_appid_group_list;
pub mod get_group_info;
pub mod import_group;

pub use chat_group::{NewChatGroup, RegisteredChatGroup};
