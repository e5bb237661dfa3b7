//! What is kept in memory of what the disk has: decoded accounts, and the registers of accounts and of chat groups.

pub(super) mod accounts;
pub(super) mod chat_groups;
pub(super) mod imported_cache;
