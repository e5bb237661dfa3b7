//! Commits: one thread writes all waiting changes as one batch, syncs once, and answers when they are durable.

mod accounts;
mod batches;
mod chat_groups;
pub(super) mod closing;
pub(super) mod group_commit;
pub(super) mod healing;
pub(super) mod health;
pub(super) mod in_flight;
pub(super) mod jobs;
pub(super) mod recent_writes;
mod times;
mod trouble;
pub(super) mod writer;
