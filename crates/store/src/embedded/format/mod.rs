//! How accounts and chat groups are encoded as rows: keys, values, and the two put together.

pub(super) mod bulk;
pub(super) mod heads;
pub(super) mod history;
pub(super) mod keys;
pub(super) mod lives;
pub(super) mod outbox;
pub(super) mod rows;
pub(super) mod times;
pub(super) mod values;
