//! What the writer is asked to write, and how it answers.

use std::sync::Arc;

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use tokio::sync::oneshot;

use crate::embedded::cache::accounts::Cached;
use crate::embedded::format::rows::Writes;
use crate::{AccountKey, Commit, StoreError, Version};

/// Something to be written.
pub(crate) enum Job {
    Account(AccountJob),
    ChatGroup(ChatGroupJob),
    NewChatGroups(NewChatGroupsJob),
    ForgetChatGroups(ForgetJob),
    /// Answered when everything that was queued before is durable.
    WaitDurable(Done),
}

/// A change of one account, encoded, with the state to publish once it is durable.
pub(crate) struct AccountJob {
    pub(crate) account: AccountKey,
    pub(crate) base: Option<Version>,
    pub(crate) writes: Writes,
    pub(crate) published: Arc<Cached>,
    /// Whether the account is imported from then on, if that changes.
    pub(crate) registered: Option<bool>,
    pub(crate) done: Done,
}

/// A change of the register of chat groups.
pub(crate) struct ChatGroupJob {
    pub(crate) app: AppId,
    pub(crate) id: ChatGroupId,
    pub(crate) expected: Option<ChatGroup>,
    pub(crate) new: ChatGroup,
    pub(crate) done: Done,
}

/// Chat groups that are to be registered for the first time, all or none.
pub(crate) struct NewChatGroupsJob {
    pub(crate) app: AppId,
    pub(crate) new: Vec<(ChatGroupId, ChatGroup)>,
    pub(crate) done: Done,
}

/// The first chat groups of an app, to be removed for good; answered with how many there were.
pub(crate) struct ForgetJob {
    pub(crate) app: AppId,
    pub(crate) count_max: usize,
    pub(crate) done: Done<u64>,
}

pub(crate) type Done<T = Commit> = oneshot::Sender<Result<T, StoreError>>;

/// A caller that went away meanwhile is no error.
pub(super) fn answer<T>(done: Done<T>, result: Result<T, StoreError>) {
    let _ = done.send(result);
}
