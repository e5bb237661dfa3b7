//! A backend that keeps everything in memory and nothing beyond the process: for tests and trials.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pinfold_core::{AccountId, AccountState, AppId, ChatGroup, ChatGroupId, StateDiff};

use crate::{
    AccountKey, Backend, ChatGroupSeq, Commit, Durability, Loaded, OnDamage, RegisterCounts, Scope, Snapshot,
    SnapshotItem, StoreError, Version,
};

/// Keeps accounts and chat groups in memory. It is gone with the process.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    accounts: BTreeMap<AccountKey, (Version, Arc<AccountState>)>,
    chat_groups: BTreeMap<(AppId, ChatGroupId), (ChatGroupSeq, ChatGroup)>,
    by_serial: BTreeMap<(AppId, ChatGroupSeq), ChatGroupId>,
}

impl Kept {
    fn of_app(&self, app: AppId) -> impl Iterator<Item = &ChatGroup> {
        let of_app = self.chat_groups.iter().filter(move |((other, _), _)| *other == app);
        of_app.map(|(_, (_, chat_group))| chat_group)
    }

    /// What a walk finds, shared with what is kept.
    fn everything(&self, after: Option<&AccountKey>) -> Vec<SnapshotItem> {
        let accounts = self.accounts.range::<AccountKey, _>((after.map_or(Unbounded, Excluded), Unbounded));
        let accounts = accounts.map(|(key, (_, state))| SnapshotItem::Account(key.clone(), Arc::clone(state)));
        let mut counts = BTreeMap::<AppId, RegisterCounts>::new();
        let listed = |((app, serial), id): (&(AppId, ChatGroupSeq), &ChatGroupId)| {
            let (_, chat_group) = self.chat_groups.get(&(*app, id.clone()))?;
            let counts = counts.entry(*app).or_default();
            counts.live += u64::from(!chat_group.destroyed);
            counts.last_serial += 1;
            Some(SnapshotItem::ChatGroup(*app, *serial, id.clone(), chat_group.clone()))
        };
        let mut found: Vec<_> = accounts.chain(self.by_serial.iter().filter_map(listed)).collect();
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

    async fn commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Commit, StoreError> {
        let mut kept = self.kept();
        if kept.accounts.get(account).map(|(version, _)| *version) != base {
            return Ok(Commit::Conflict);
        }
        if changes.head.is_none() {
            kept.accounts.remove(account);
            return Ok(Commit::Committed);
        }
        let (version, state) = kept.accounts.entry(account.clone()).or_insert_with(|| (next, Arc::default()));
        *version = next;
        Arc::make_mut(state).apply(&changes);
        Ok(Commit::Committed)
    }

    async fn imported(&self, app: AppId, accounts: &[AccountId]) -> Result<Vec<bool>, StoreError> {
        let kept = self.kept();
        let imported = |account: &AccountId| {
            let key = AccountKey { app, account: account.clone() };
            kept.accounts.get(&key).is_some_and(|(_, state)| state.head.imported)
        };
        Ok(accounts.iter().map(imported).collect())
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
        let key = (app, id.clone());
        if kept.chat_groups.get(&key).map(|(_, chat_group)| chat_group) != expected {
            return Ok(Commit::Conflict);
        }
        let serial = match kept.chat_groups.get(&key) {
            Some((serial, _)) => *serial,
            None => ChatGroupSeq(kept.of_app(app).count() as u32 + 1),
        };
        kept.by_serial.insert((app, serial), id.clone());
        kept.chat_groups.insert(key, (serial, new.clone()));
        Ok(Commit::Committed)
    }

    async fn chat_groups_after(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<Vec<(ChatGroupSeq, ChatGroupId, ChatGroup)>, StoreError> {
        let kept = self.kept();
        let behind = kept.by_serial.range((Excluded((app, after)), Included((app, ChatGroupSeq(u32::MAX)))));
        let listed = |((_, serial), id): (&(AppId, ChatGroupSeq), &ChatGroupId)| {
            let (_, chat_group) = kept.chat_groups.get(&(app, id.clone()))?;
            Some((*serial, id.clone(), chat_group.clone()))
        };
        Ok(behind.filter_map(listed).take(count_max).collect())
    }

    async fn chat_group_count(&self, app: AppId) -> Result<u64, StoreError> {
        let kept = self.kept();
        let live = kept.of_app(app).filter(|chat_group| !chat_group.destroyed);
        Ok(live.count() as u64)
    }

    async fn accounts_after(
        &self,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let from = after.map_or(Unbounded, Excluded);
        let kept = self.kept();
        Ok(kept
            .accounts
            .range::<AccountKey, _>((from, Unbounded))
            .take(count_max)
            .map(|(key, _)| key.clone())
            .collect())
    }

    async fn apps_after(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        let kept = self.kept();
        let apps = kept.accounts.keys().map(|key| key.app).chain(kept.chat_groups.keys().map(|(app, _)| *app));
        let apps: BTreeSet<_> = apps.filter(|app| after.is_none_or(|after| *app > after)).collect();
        Ok(apps.into_iter().take(count_max).collect())
    }

    async fn accounts_of(
        &self,
        app: AppId,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<Vec<AccountId>, StoreError> {
        let kept = self.kept();
        let of_app =
            kept.accounts.keys().filter(|key| key.app == app && after.is_none_or(|after| key.account > *after));
        Ok(of_app.map(|key| key.account.clone()).take(count_max).collect())
    }

    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let of_app = kept.by_serial.keys().filter(|(other, _)| *other == app);
        let first: Vec<_> = of_app.take(count_max).copied().collect();
        for key in &first {
            if let Some(id) = kept.by_serial.remove(key) {
                kept.chat_groups.remove(&(app, id));
            }
        }
        Ok(first.len() as u64)
    }

    async fn snapshot(&self, after: Option<&AccountKey>, _: OnDamage) -> Result<Snapshot, StoreError> {
        let found = self.kept().everything(after);
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
