//! Caches of durable data: decoded accounts, imported accounts, and chat groups.

pub(super) mod accounts;
pub(super) mod chat_groups;
pub(super) mod imported_cache;
