//! The register of accounts: the service `im_open_login_svc` (docs/protocol.md, section 6).

pub mod account_check;
pub mod account_delete;
pub mod account_import;
pub mod multiaccount_import;
mod user_item;

pub use user_item::UserItem;
