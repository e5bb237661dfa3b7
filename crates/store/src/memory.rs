//! A backend that keeps everything in memory and nothing beyond the process: for tests and trials.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pinfold_core::{AccountId, AccountState, AppId, Changes, ChatGroup, ChatGroupId};

use crate::{AccountKey, Backend, Commit, Loaded, Scope, StoreError, Version};

/// Keeps accounts and chat groups in memory. It is gone with the process.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    accounts: BTreeMap<AccountKey, (Version, Arc<AccountState>)>,
    chat_groups: BTreeMap<(AppId, ChatGroupId), ChatGroup>,
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
            Some((version, state)) => Loaded { version: Some(*version), state: Arc::clone(state) },
            None => Loaded { version: None, state: Arc::default() },
        })
    }

    async fn commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: Changes,
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
        Ok(ids.iter().map(|id| kept.chat_groups.get(&(app, id.clone())).cloned()).collect())
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
        if kept.chat_groups.get(&key) != expected {
            return Ok(Commit::Conflict);
        }
        kept.chat_groups.insert(key, new.clone());
        Ok(Commit::Committed)
    }

    async fn chat_groups_after(
        &self,
        app: AppId,
        after: Option<&ChatGroupId>,
        count_max: usize,
    ) -> Result<Vec<(ChatGroupId, ChatGroup)>, StoreError> {
        let kept = self.kept();
        let behind = |id: &ChatGroupId| after.is_none_or(|after| id > after);
        let of_app = kept.chat_groups.iter().filter(|((other, id), _)| *other == app && behind(id));
        Ok(of_app.take(count_max).map(|((_, id), chat_group)| (id.clone(), chat_group.clone())).collect())
    }

    async fn chat_group_count(&self, app: AppId) -> Result<u64, StoreError> {
        let kept = self.kept();
        let live = kept.chat_groups.iter().filter(|((other, _), chat_group)| *other == app && !chat_group.destroyed);
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

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
