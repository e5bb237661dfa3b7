//! A backend that keeps everything in memory and nothing beyond the process: for tests and trials.

mod history;
mod outbox;
mod recents;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pinfold_core::{
    AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, PeerStatus, PeerStatuses, StateDiff,
    Timestamp,
};

use crate::history::SinkSlot;
use crate::{
    AccountKey, Apps, Backend, ChatGroupList, Commit, Durability, Lease, ListedChatGroup, Loaded, OnDamage, Outcome,
    Position, RegisterCounts, Scope, Snapshot, SnapshotItem, StoreError, Version,
};

/// Keeps accounts and chat groups in memory. It is gone with the process.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<Kept>,
    sink: SinkSlot,
}

#[derive(Debug, Default)]
struct Kept {
    accounts: BTreeMap<AccountKey, (Version, Arc<AccountState>)>,
    chat_groups: BTreeMap<(AppId, ChatGroupId), (ChatGroupSeq, ChatGroup)>,
    by_seq: BTreeMap<(AppId, ChatGroupSeq), ChatGroupId>,
    /// Of accounts that are there; they go with the account.
    entries: BTreeMap<AccountKey, BTreeMap<Conversation, Timestamp>>,
    chat_group_times: BTreeMap<(AppId, ChatGroupId), Timestamp>,
    /// Of accounts that are there; they go with the account.
    changes: BTreeMap<AccountKey, history::Changes>,
    /// Of accounts that are there; they go with the account.
    unsent: BTreeMap<AccountKey, outbox::UnsentTimes>,
    paused: BTreeSet<AppId>,
    leases: BTreeMap<(AppId, u8), Lease>,
}

impl Kept {
    fn commit(&mut self, account: &AccountKey, base: Option<Version>, next: Version, changes: &StateDiff) -> Commit {
        if self.accounts.get(account).map(|(version, _)| *version) != base {
            return Commit::Conflict;
        }
        if changes.head.is_none() {
            self.accounts.remove(account);
            self.entries.remove(account);
            self.changes.remove(account);
            self.unsent.remove(account);
            return Commit::Committed;
        }
        if !self.remove_entries(account, &changes.removed_entries) {
            return Commit::Conflict;
        }
        let (version, state) = self.accounts.entry(account.clone()).or_insert_with(|| (next, Arc::default()));
        *version = next;
        Arc::make_mut(state).apply(changes);
        self.restore_entries(account, &changes.restored_entries);
        self.keep_change(account, changes);
        self.keep_unsent(account, changes);
        Commit::Committed
    }

    fn status(&self, app: AppId, peer: &Conversation) -> PeerStatus {
        match peer {
            Conversation::OneToOne(account) => {
                let kept = self.accounts.get(&AccountKey { app, account: account.clone() });
                PeerStatus::of_account(kept.is_some_and(|(_, state)| state.head.imported))
            }
            Conversation::ChatGroup(id) => {
                let kept = self.chat_groups.get(&(app, id.clone()));
                PeerStatus::of_chat_group(kept.map(|(_, chat_group)| chat_group))
            }
        }
    }

    fn of_app(&self, app: AppId) -> impl Iterator<Item = &ChatGroup> {
        let of_app = self.chat_groups.iter().filter(move |((other, _), _)| *other == app);
        of_app.map(|(_, (_, chat_group))| chat_group)
    }

    fn put(&mut self, app: AppId, id: &ChatGroupId, new: &ChatGroup) {
        let key = (app, id.clone());
        let seq = match self.chat_groups.get(&key) {
            Some((seq, _)) => *seq,
            None => {
                let of_app =
                    self.by_seq.range((Included((app, ChatGroupSeq(0))), Included((app, ChatGroupSeq(u32::MAX)))));
                ChatGroupSeq(of_app.last().map_or(1, |((_, last), _)| last.0 + 1))
            }
        };
        self.by_seq.insert((app, seq), id.clone());
        self.chat_groups.insert(key, (seq, new.clone()));
    }

    /// What a snapshot holds, shared with what is kept.
    fn everything(&self, after: Option<&AccountKey>, with_history: bool) -> Vec<SnapshotItem> {
        let accounts = self.accounts.range::<AccountKey, _>((after.map_or(Unbounded, Excluded), Unbounded));
        let accounts = accounts.map(|(key, (_, state))| SnapshotItem::Account(key.clone(), Arc::clone(state)));
        let mut counts = BTreeMap::<AppId, RegisterCounts>::new();
        let listed = |((app, seq), id): (&(AppId, ChatGroupSeq), &ChatGroupId)| {
            let (_, chat_group) = self.chat_groups.get(&(*app, id.clone()))?;
            let counts = counts.entry(*app).or_default();
            counts.live += u64::from(!chat_group.destroyed);
            counts.last_serial += 1;
            let listed = ListedChatGroup { seq: *seq, id: id.clone(), chat_group: chat_group.clone() };
            Some(SnapshotItem::ChatGroup(*app, listed))
        };
        let listed = self.by_seq.iter().filter_map(listed);
        let history = with_history.then(|| self.history()).into_iter().flatten();
        let mut found: Vec<_> = accounts.chain(self.all_entries()).chain(history).chain(listed).collect();
        found.extend(self.all_chat_group_times());
        found.extend(counts.into_iter().map(|(app, counts)| SnapshotItem::Counts(app, counts)));
        found
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Backend for Memory {
    async fn load(&self, account: &AccountKey, _: &Scope) -> Result<Loaded, StoreError> {
        Ok(match self.kept().accounts.get(account) {
            Some((version, state)) => {
                Loaded { version: Some(*version), state: Arc::clone(state), durability: Durability::durable() }
            }
            None => Loaded { version: None, state: Arc::default(), durability: Durability::durable() },
        })
    }

    async fn latest(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError> {
        Ok((self.load(account, scope).await?, self.peer_statuses(account.app, peers).await?))
    }

    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        let mut kept = self.kept();
        let committed = kept.commit(account, base, next, &changes);
        if committed == Commit::Committed {
            self.sink.tell(account, Position::after(next, &changes), changes.change.as_ref());
        }
        drop(kept);
        Ok(Box::pin(std::future::ready(Ok(committed))))
    }

    async fn wait_durable(&self, _: &AccountKey, _: &Loaded) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn peer_statuses(&self, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
        let kept = self.kept();
        Ok(peers.iter().map(|peer| (peer.clone(), kept.status(app, peer))).collect())
    }

    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        let kept = self.kept();
        Ok(ids
            .iter()
            .map(|id| kept.chat_groups.get(&(app, id.clone())).map(|(_, chat_group)| chat_group.clone()))
            .collect())
    }

    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        let mut kept = self.kept();
        if kept.chat_groups.get(&(app, id.clone())).map(|(_, chat_group)| chat_group) != expected {
            return Ok(Commit::Conflict);
        }
        kept.put(app, id, new);
        Ok(Commit::Committed)
    }

    async fn list_chat_groups(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<ChatGroupList, StoreError> {
        let kept = self.kept();
        let later = kept.by_seq.range((Excluded((app, after)), Included((app, ChatGroupSeq(u32::MAX)))));
        let listed = |((_, seq), id): (&(AppId, ChatGroupSeq), &ChatGroupId)| {
            let (_, chat_group) = kept.chat_groups.get(&(app, id.clone()))?;
            Some(ListedChatGroup { seq: *seq, id: id.clone(), chat_group: chat_group.clone() })
        };
        let page = later.filter_map(listed).take(count_max).collect();
        let live = kept.of_app(app).filter(|chat_group| !chat_group.destroyed).count() as u64;
        Ok(ChatGroupList { live, page })
    }

    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        let mut kept = self.kept();
        let ids: BTreeSet<_> = new.iter().map(|(id, _)| id).collect();
        let is_taken = |id: &ChatGroupId| kept.chat_groups.contains_key(&(app, id.clone()));
        if ids.len() < new.len() || ids.into_iter().any(is_taken) {
            return Ok(Commit::Conflict);
        }
        new.iter().for_each(|(id, chat_group)| kept.put(app, id, chat_group));
        Ok(Commit::Committed)
    }

    async fn snapshot(
        &self,
        after: Option<&AccountKey>,
        _: OnDamage,
        with_history: bool,
    ) -> Result<Snapshot, StoreError> {
        let found = self.kept().everything(after, with_history);
        Ok(Snapshot::spawned(async |sender| {
            for found in found {
                sender.found(found).await?;
            }
            Ok(())
        }))
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Apps for Memory {
    async fn list_apps(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        let kept = self.kept();
        let of_chat_groups = kept.chat_groups.keys().chain(kept.chat_group_times.keys()).map(|(app, _)| *app);
        let apps = kept.accounts.keys().map(|key| key.app).chain(of_chat_groups);
        let apps: BTreeSet<_> = apps.filter(|app| after.is_none_or(|after| *app > after)).collect();
        Ok(apps.into_iter().take(count_max).collect())
    }

    async fn list_accounts(
        &self,
        app: Option<AppId>,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let kept = self.kept();
        let later = kept.accounts.range::<AccountKey, _>((after.map_or(Unbounded, Excluded), Unbounded));
        let of_app = later.map(|(key, _)| key).filter(|key| app.is_none_or(|app| key.app == app));
        Ok(of_app.take(count_max).cloned().collect())
    }

    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let of_app = kept.by_seq.keys().filter(|(other, _)| *other == app);
        let first: Vec<_> = of_app.take(count_max).copied().collect();
        for key in &first {
            if let Some(id) = kept.by_seq.remove(key) {
                kept.chat_groups.remove(&(app, id));
            }
        }
        if first.len() < count_max {
            kept.chat_group_times.retain(|(other, _), _| *other != app);
        }
        Ok(first.len() as u64)
    }
}
