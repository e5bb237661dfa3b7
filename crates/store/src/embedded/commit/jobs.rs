//! The jobs in the writer's queue.

use std::sync::Arc;

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use tokio::sync::oneshot;

use crate::embedded::cache::accounts::Cached;
use crate::embedded::format::rows::Writes;
use crate::{AccountKey, Commit, StoreError, Version};

/// A request to the writer.
pub(crate) enum Job {
    Account(AccountJob),
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
    /// Whether the account is imported after the change; `None` if that does not change.
    pub(crate) registered: Option<bool>,
    pub(crate) done: Done,
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
