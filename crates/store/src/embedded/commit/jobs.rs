//! The jobs in the writer's queue.

use std::sync::Arc;

use fjall::Slice;
use pinfold_core::{AppId, ChatGroup, ChatGroupId, HistoryChange, Timestamp};
use tokio::sync::oneshot;

use crate::embedded::cache::accounts::Cached;
use crate::embedded::cache::heads::HeadFacts;
use crate::embedded::format::rows::Writes;
use crate::{AccountKey, Commit, StoreError, Version};

/// A request to the writer.
pub(crate) enum Job {
    Account(AccountJob),
    Times(TimesJob),
    Rows(RowsJob),
    ChatGroup(ChatGroupJob),
    NewChatGroups(NewChatGroupsJob),
    ForgetChatGroups(ForgetJob),
    /// Answered when all jobs queued before it are durable.
    WaitDurable(Done),
}

/// An encoded change of one account, with the state to publish once it is durable.
pub(crate) struct AccountJob {
    pub(crate) account: AccountKey,
    pub(crate) base: Option<Version>,
    pub(crate) writes: Writes,
    pub(crate) published: Arc<Cached>,
    /// The facts of the head after the change; `None` if they do not change.
    pub(crate) facts: Option<Option<HeadFacts>>,
    /// The rows of entries to remove, with the times that they must still have.
    pub(crate) removed_entries: Vec<(Slice, Timestamp)>,
    /// The rows of entries to bring back, with their times, unless a later one is kept.
    pub(crate) restored_entries: Vec<(Slice, Timestamp)>,
    /// What is told of it.
    pub(crate) change: Option<Arc<HistoryChange>>,
    /// The size in memory of the change, here and among the writes.
    pub(crate) change_bytes: u64,
    pub(crate) done: Done,
}

/// Changes of rows that are a time alone; answered with the number of rows changed.
pub(crate) struct TimesJob {
    pub(crate) changes: Vec<TimeChange>,
    /// The last commit that was published before the rows were read.
    pub(crate) read_commit: u64,
    /// Their size in memory.
    pub(crate) bytes: u64,
    pub(crate) done: Done<u64>,
}

/// A change of one row.
pub(crate) struct TimeChange {
    pub(crate) row: Slice,
    /// The time that was found in it.
    pub(crate) seen: Option<Timestamp>,
    /// The time to write if it is later than the one that is kept. `None`: the row is removed if it still is as it was
    /// seen.
    pub(crate) later: Option<Timestamp>,
}

impl TimeChange {
    /// Its size in memory: that of the queue, and that of the batch.
    pub(crate) fn bytes(&self) -> u64 {
        (size_of::<Self>() + 2 * self.row.len()) as u64
    }
}

/// Rows to put or to remove, whatever is there: those of changes and of unsent changes, which have no other writer but the
/// commit that made them, and those of pauses, where the last one counts.
pub(crate) struct RowsJob {
    pub(crate) writes: Writes,
    /// Their size in memory.
    pub(crate) bytes: u64,
    pub(crate) done: Done<()>,
}

/// A change of one chat group.
pub(crate) struct ChatGroupJob {
    pub(crate) app: AppId,
    pub(crate) id: ChatGroupId,
    pub(crate) expected: Option<ChatGroup>,
    pub(crate) new: ChatGroup,
    pub(crate) done: Done,
}

/// New chat groups to register, all or none.
pub(crate) struct NewChatGroupsJob {
    pub(crate) app: AppId,
    pub(crate) new: Vec<(ChatGroupId, ChatGroup)>,
    pub(crate) done: Done,
}

/// Removes the first chat groups of an app; answered with the number removed.
pub(crate) struct ForgetJob {
    pub(crate) app: AppId,
    pub(crate) count_max: usize,
    pub(crate) done: Done<u64>,
}

pub(crate) type Done<T = Commit> = oneshot::Sender<Result<T, StoreError>>;

/// Answers a job. A caller that went away is not an error.
pub(super) fn answer<T>(done: Done<T>, result: Result<T, StoreError>) {
    let _ = done.send(result);
}
