//! A backend that fails, stalls or is full on demand, and otherwise passes everything on.
//!
//! It also gives the app another id, so that many transcripts share one store and none sees what another keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pinfold_core::{
    AccountId, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, HistoryChange, PeerStatuses, RecentEntry,
    StateDiff, TimeMs, Timestamp, Touches,
};
use pinfold_store::{
    AccountKey, Apps, Backend, Backlog, ChangeRange, ChatGroupList, Commit, CommitSink, History, HistoryBounds, Life,
    Loaded, OnDamage, Outbox, Outcome, PageBounds, Position, Recents, Scope, SentChange, SentUpTo, Shares, Snapshot,
    StoreError, SweepStep, Touched, UnsentPage, UnsentSweep, Version, WaitingPage,
};

use crate::compat::StoreMode;

/// The faulty backend.
pub(crate) struct FaultyBackend {
    inner: Arc<dyn Backend>,
    app: AppId,
    mode: Mutex<StoreMode>,
}

impl FaultyBackend {
    /// Passes on to `inner`, where the app has the id `app`.
    pub(crate) fn new(inner: Arc<dyn Backend>, app: AppId) -> Self {
        Self { inner, app, mode: Mutex::new(StoreMode::Works) }
    }

    fn key(&self, account: &AccountKey) -> AccountKey {
        AccountKey { app: self.app, account: account.account.clone() }
    }

    pub(crate) fn set(&self, mode: StoreMode) {
        *self.mode.lock().unwrap() = mode;
    }

    async fn inner(&self) -> Result<&dyn Backend, StoreError> {
        let mode = *self.mode.lock().unwrap();
        match mode {
            StoreMode::Works => Ok(&*self.inner),
            StoreMode::Fails => Err(StoreError::Failed("/a/path: No space left on device".into())),
            StoreMode::IsFull => Err(StoreError::Overloaded { waiting_max: 8192 }),
            StoreMode::Stalls => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Backend for FaultyBackend {
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        self.inner().await?.load(&self.key(account), scope).await
    }

    async fn latest(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError> {
        self.inner().await?.latest(&self.key(account), scope, peers).await
    }

    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        self.inner().await?.begin_commit(&self.key(account), base, next, changes).await
    }

    async fn wait_durable(&self, account: &AccountKey, shown: &Loaded) -> Result<bool, StoreError> {
        self.inner().await?.wait_durable(&self.key(account), shown).await
    }

    async fn peer_statuses(&self, _: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
        self.inner().await?.peer_statuses(self.app, peers).await
    }

    async fn chat_groups(&self, _: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        self.inner().await?.chat_groups(self.app, ids).await
    }

    async fn put_chat_group(
        &self,
        _: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        self.inner().await?.put_chat_group(self.app, id, expected, new).await
    }

    async fn list_chat_groups(
        &self,
        _: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<ChatGroupList, StoreError> {
        self.inner().await?.list_chat_groups(self.app, after, count_max).await
    }

    async fn register_chat_groups(&self, _: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        self.inner().await?.register_chat_groups(self.app, new).await
    }

    async fn snapshot(
        &self,
        after: Option<&AccountKey>,
        on_damage: OnDamage,
        with_history: bool,
    ) -> Result<Snapshot, StoreError> {
        self.inner().await?.snapshot(after, on_damage, with_history).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.inner().await?.health().await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.inner.close().await
    }
}

#[async_trait]
impl Apps for FaultyBackend {
    async fn list_apps(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        self.inner().await?.list_apps(after, count_max).await
    }

    async fn list_accounts(
        &self,
        app: Option<AppId>,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        self.inner().await?.list_accounts(app.map(|_| self.app), after, count_max).await
    }

    async fn forget_chat_groups(&self, _: AppId, count_max: usize) -> Result<u64, StoreError> {
        self.inner().await?.forget_chat_groups(self.app, count_max).await
    }
}

#[async_trait]
impl Recents for FaultyBackend {
    async fn touch(&self, _: AppId, touches: &Touches) -> Result<Touched, StoreError> {
        self.inner().await?.touch(self.app, touches).await
    }

    async fn entries(&self, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
        self.inner().await?.entries(&self.key(account), life).await
    }

    async fn entry(
        &self,
        account: &AccountKey,
        life: Life,
        conversation: &Conversation,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.inner().await?.entry(&self.key(account), life, conversation).await
    }

    async fn chat_group_times(&self, _: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        self.inner().await?.chat_group_times(self.app, ids).await
    }

    async fn trim(&self, account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Result<u64, StoreError> {
        self.inner().await?.trim(&self.key(account), life, entries).await
    }

    async fn sweep(&self, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError> {
        self.inner().await?.sweep(after, rows_max).await
    }
}

#[async_trait]
impl History for FaultyBackend {
    async fn changes(
        &self,
        account: &AccountKey,
        life: Life,
        range: &ChangeRange,
    ) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        self.inner().await?.changes(&self.key(account), life, range).await
    }

    async fn positions(&self, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        let accounts: Vec<_> = accounts.iter().map(|account| self.key(account)).collect();
        self.inner().await?.positions(&accounts).await
    }

    async fn put_changes(&self, account: &AccountKey, life: Life, changes: &[HistoryChange]) -> Result<(), StoreError> {
        self.inner().await?.put_changes(&self.key(account), life, changes).await
    }

    async fn trim_changes(&self, account: &AccountKey, life: Life, bounds: HistoryBounds) -> Result<u64, StoreError> {
        self.inner().await?.trim_changes(&self.key(account), life, bounds).await
    }

    async fn sweep_changes(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        bounds: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        self.inner().await?.sweep_changes(after, rows_max, bounds).await
    }

    fn tell(&self, sink: Arc<dyn CommitSink>) {
        self.inner.tell(sink);
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}

#[async_trait]
impl Outbox for FaultyBackend {
    async fn waiting(
        &self,
        _: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError> {
        self.inner().await?.waiting(self.app, shares, after, count_max).await
    }

    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError> {
        self.inner().await?.unsent(&self.key(account), after, bounds).await
    }

    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError> {
        let sent = sent.iter().map(|sent| SentChange { account: self.key(&sent.account), ..sent.clone() });
        self.inner().await?.remove_sent(&sent.collect::<Vec<_>>()).await
    }

    async fn backlog(&self, _: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
        self.inner().await?.backlog(self.app, changes_max).await
    }

    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        self.inner().await?.sweep_unsent(after, rows_max, not_before).await
    }

    async fn set_paused(&self, _: AppId, paused: bool) -> Result<(), StoreError> {
        self.inner().await?.set_paused(self.app, paused).await
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        self.inner().await?.paused_apps().await
    }

    async fn forget_webhook(&self, _: AppId) -> Result<(), StoreError> {
        self.inner().await?.forget_webhook(self.app).await
    }
}
