//! All that a database must do to keep pinfold's data.

use std::pin::Pin;

use async_trait::async_trait;
use pinfold_core::{AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, PeerStatuses, StateDiff};

use crate::stats::Stats;
use crate::{
    AccountKey, ChatGroupList, History, Loaded, OnDamage, Outbox, Recents, Scope, Snapshot, StoreError, Version,
};

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is durable.
    Committed,
    /// Another commit came first; nothing was changed.
    Conflict,
}

/// A commit on its way; resolves when it is durable, or will not be.
pub type Outcome = Pin<Box<dyn Future<Output = Result<Commit, StoreError>> + Send>>;

/// A database. It stores and compares versions; it knows no limit and no number of the protocol.
///
/// Each method that reads or writes data has its case in the conformance suite (`tests/conformance/`), which every
/// backend passes.
#[async_trait]
pub trait Backend: Apps + History + Outbox + Recents + Send + Sync + 'static {
    /// Reads one account at one instant; never anything that is not durable yet.
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError>;

    /// Reads what the next change of an account begins from, and what the registers of its app say of these peers: in
    /// one round trip where there is one. The state may hold changes that are on their way to the disk, or lack some
    /// that others made, with which a commit conflicts: nothing of it may be told to a caller before
    /// [`Backend::wait_durable`].
    async fn latest(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError>;

    /// Begins to make the changes durable if the account still has version `base`; `next` is its version then. When
    /// this returns [`Backend::latest`] has them, and the outcome can be waited for while the next change begins; that
    /// one fails if this one does. Two commits with the same base: exactly one of them is committed.
    ///
    /// An entry that is to be removed and has another time meanwhile is a conflict too in memory and embedded. PostgreSQL
    /// commits and leaves the entry with its later time: the touch comes after the change.
    ///
    /// A change of the history that the head says is kept (`history_from` is not 0) is kept with it, and waits to be sent
    /// if it is [unsent](StateDiff::unsent): all or nothing.
    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError>;

    /// Commits and waits for the outcome.
    async fn commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Commit, StoreError> {
        self.begin_commit(account, base, next, changes).await?.await
    }

    /// Waits until what [`Backend::latest`] showed of an account is durable. False if it never will be; a database also
    /// answers false if the account was committed to since.
    async fn wait_durable(&self, account: &AccountKey, shown: &Loaded) -> Result<bool, StoreError>;

    /// Reads what the registers of an app say of these peers now: of accounts whether they are imported.
    async fn peer_statuses(&self, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError>;

    /// Reads what the register has of these chat groups, in their order.
    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError>;

    /// Lists at most `count_max` chat groups of an app that come after a place in the register, in its order.
    async fn list_chat_groups(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<ChatGroupList, StoreError>;

    /// Registers `new` durably if the register still says `expected`. A chat group that is new gets the next place of
    /// its app, counted from 1, and keeps it.
    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError>;

    /// Registers chat groups that are new to an app, durably and in this order: all of them, or with
    /// [`Commit::Conflict`] none because one is there already or comes twice. An error may leave the first ones.
    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError>;

    /// Everything as it is at one instant, or everything after the account `after`. What was durable before this
    /// returns is in it, and what comes later is not; no write waits for it. With the history it has the changes that are
    /// kept, of all accounts.
    async fn snapshot(
        &self,
        after: Option<&AccountKey>,
        on_damage: OnDamage,
        with_history: bool,
    ) -> Result<Snapshot, StoreError>;

    /// Whether reads and writes can be expected to work now; the reason if not.
    async fn health(&self) -> Result<(), StoreError>;

    /// What the backend tells of itself. Answers soon, whatever disk or database do.
    async fn stats(&self) -> Stats {
        Stats::default()
    }

    /// How many commits a call that makes several should begin at once.
    fn commits_at_once_max(&self) -> usize {
        usize::MAX
    }

    /// Ends what was begun and closes the store. Calls that come later fail.
    async fn close(&self) -> Result<(), StoreError>;
}

/// Whole apps: listing what is kept for them, and forgetting one that the configuration does not have any more.
#[async_trait]
pub trait Apps {
    /// Lists apps above `after` that something is kept for, ascending. Costs a look for each of them, however much is
    /// kept.
    async fn list_apps(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError>;

    /// Lists accounts after `after`, of one app or of all, in an order of the backend's own.
    async fn list_accounts(
        &self,
        app: Option<AppId>,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError>;

    /// Removes chat groups of an app from the register for good, the oldest first, durably and at most so many; how
    /// many there were. With the last one it forgets what is counted of them, so that places begin at 1 again, and the
    /// times of messages in chat groups of the app, registered or not.
    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError>;
}
