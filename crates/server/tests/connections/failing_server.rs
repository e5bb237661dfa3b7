//! A server over a backend that stalls, panics or counts before it reads, as a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pinfold_core::{
    AccountId, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, HistoryChange, PeerStatuses, RecentEntry,
    StateDiff, TimeMs, Timestamp, Touches,
};
use pinfold_server::config::Config;
use pinfold_store::{
    AccountKey, Apps, Backend, Backlog, ChangeRange, ChatGroupList, Commit, CommitSink, History, HistoryBounds, Life,
    Loaded, Memory, OnDamage, Outbox, Outcome, PageBounds, Position, Recents, Scope, SentChange, SentUpTo, Shares,
    Snapshot, Store, StoreError, SweepStep, Touched, UnsentPage, UnsentSweep, Version, WaitingPage,
};
use tokio::sync::{Notify, Semaphore};

use crate::no_timeouts;
use crate::support::{self, TestServer};

type Before = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

struct FailingBackend {
    inner: Memory,
    before: Before,
}

/// A server whose store does this before it reads an account or the register of accounts.
pub(crate) async fn start(
    change: impl FnOnce(&mut Config),
    before: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
) -> TestServer {
    let mut config = support::config();
    change(&mut config);
    let backend = FailingBackend { inner: Memory::new(), before: Box::new(before) };
    TestServer::over(&config, Store::new(Arc::new(backend))).await
}

/// A server whose calls wait at a gate.
pub(crate) struct Gated {
    pub(crate) server: TestServer,
    /// Notified when a call arrives at the gate.
    pub(crate) arrived: Arc<Notify>,
    /// A permit lets a call through.
    pub(crate) gate: Arc<Semaphore>,
}

impl Gated {
    pub(crate) async fn start() -> Self {
        let (arrived, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let (arrives, waits) = (Arc::clone(&arrived), Arc::clone(&gate));
        let server = start(no_timeouts, move || {
            arrives.notify_one();
            let waits = Arc::clone(&waits);
            async move { drop(waits.acquire().await) }.boxed()
        })
        .await;
        Self { server, arrived, gate }
    }
}

/// The rest of a backend is not used by these tests.
fn unused<T>() -> Result<T, StoreError> {
    Err(StoreError::Failed("not used here".into()))
}

#[async_trait]
impl Backend for FailingBackend {
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        (self.before)().await;
        self.inner.load(account, scope).await
    }

    async fn peer_statuses(&self, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
        (self.before)().await;
        self.inner.peer_statuses(app, peers).await
    }

    async fn latest(
        &self,
        _: &AccountKey,
        _: &Scope,
        _: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError> {
        unused()
    }

    async fn begin_commit(
        &self,
        _: &AccountKey,
        _: Option<Version>,
        _: Version,
        _: StateDiff,
    ) -> Result<Outcome, StoreError> {
        unused()
    }

    async fn wait_durable(&self, _: &AccountKey, _: &Loaded) -> Result<bool, StoreError> {
        unused()
    }

    async fn chat_groups(&self, _: AppId, _: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        unused()
    }

    async fn put_chat_group(
        &self,
        _: AppId,
        _: &ChatGroupId,
        _: Option<&ChatGroup>,
        _: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        unused()
    }

    async fn list_chat_groups(&self, _: AppId, _: ChatGroupSeq, _: usize) -> Result<ChatGroupList, StoreError> {
        unused()
    }

    async fn register_chat_groups(&self, _: AppId, _: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        unused()
    }

    async fn snapshot(&self, _: Option<&AccountKey>, _: OnDamage, _: bool) -> Result<Snapshot, StoreError> {
        unused()
    }

    async fn health(&self) -> Result<(), StoreError> {
        unused()
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Apps for FailingBackend {
    async fn list_apps(&self, _: Option<AppId>, _: usize) -> Result<Vec<AppId>, StoreError> {
        unused()
    }

    async fn list_accounts(
        &self,
        _: Option<AppId>,
        _: Option<&AccountKey>,
        _: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        unused()
    }

    async fn forget_chat_groups(&self, _: AppId, _: usize) -> Result<u64, StoreError> {
        unused()
    }
}

#[async_trait]
impl Recents for FailingBackend {
    async fn touch(&self, _: AppId, _: &Touches) -> Result<Touched, StoreError> {
        unused()
    }

    async fn entries(&self, _: &AccountKey, _: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
        unused()
    }

    async fn entry(&self, _: &AccountKey, _: Life, _: &Conversation) -> Result<Option<Timestamp>, StoreError> {
        unused()
    }

    async fn chat_group_times(&self, _: AppId, _: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        unused()
    }

    async fn trim(&self, _: &AccountKey, _: Life, _: &[RecentEntry]) -> Result<u64, StoreError> {
        unused()
    }

    async fn sweep(&self, _: Option<&AccountKey>, _: usize) -> Result<SweepStep, StoreError> {
        unused()
    }
}

#[async_trait]
impl History for FailingBackend {
    async fn changes(&self, _: &AccountKey, _: Life, _: &ChangeRange) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        unused()
    }

    async fn positions(&self, _: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        unused()
    }

    async fn put_changes(&self, _: &AccountKey, _: Life, _: &[HistoryChange]) -> Result<(), StoreError> {
        unused()
    }

    async fn trim_changes(&self, _: &AccountKey, _: Life, _: HistoryBounds) -> Result<u64, StoreError> {
        unused()
    }

    async fn sweep_changes(
        &self,
        _: Option<&AccountKey>,
        _: usize,
        _: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        unused()
    }

    fn tell(&self, _: Arc<dyn CommitSink>) {}
}

#[async_trait]
impl Outbox for FailingBackend {
    async fn waiting(
        &self,
        app: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError> {
        self.inner.waiting(app, shares, after, count_max).await
    }

    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError> {
        self.inner.unsent(account, after, bounds).await
    }

    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError> {
        self.inner.remove_sent(sent).await
    }

    async fn backlog(&self, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
        self.inner.backlog(app, changes_max).await
    }

    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        self.inner.sweep_unsent(after, rows_max, not_before).await
    }

    async fn set_paused(&self, app: AppId, paused: bool) -> Result<(), StoreError> {
        self.inner.set_paused(app, paused).await
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        self.inner.paused_apps().await
    }

    async fn forget_webhook(&self, app: AppId) -> Result<(), StoreError> {
        self.inner.forget_webhook(app).await
    }
}
