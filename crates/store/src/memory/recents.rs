//! The list of recent conversations in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};

use super::{Kept, Memory};
use crate::{AccountKey, Life, Recents, SnapshotItem, StoreError, SweepStep, Touched};

impl Kept {
    /// Removes entries that have these times; false, and nothing is removed, if one has another.
    pub(super) fn remove_entries(&mut self, account: &AccountKey, entries: &[RecentEntry]) -> bool {
        let kept = self.entries.entry(account.clone()).or_default();
        let is_kept = |entry: &RecentEntry| kept.get(&entry.conversation) == Some(&entry.at);
        let are_kept = entries.iter().all(is_kept);
        if are_kept {
            for entry in entries {
                kept.remove(&entry.conversation);
            }
        }
        are_kept
    }

    /// Puts entries back; of two times the later one stays.
    pub(super) fn restore_entries(&mut self, account: &AccountKey, entries: &[RecentEntry]) {
        for entry in entries {
            self.touch(account, entry);
        }
    }

    pub(super) fn all_entries(&self) -> impl Iterator<Item = SnapshotItem> {
        self.entries.iter().flat_map(|(account, entries)| {
            entries.iter().map(|(conversation, at)| {
                SnapshotItem::Entry(account.clone(), RecentEntry { conversation: conversation.clone(), at: *at })
            })
        })
    }

    pub(super) fn all_chat_group_times(&self) -> impl Iterator<Item = SnapshotItem> {
        self.chat_group_times.iter().map(|((app, id), at)| SnapshotItem::ChatGroupTime(*app, id.clone(), *at))
    }

    pub(super) fn is_of_life(&self, account: &AccountKey, life: Life) -> bool {
        self.accounts.get(account).is_some_and(|(version, _)| version.life == life)
    }

    /// Whether the account has an entry more; `None` if nothing is kept for the account.
    fn touch(&mut self, account: &AccountKey, RecentEntry { conversation, at }: &RecentEntry) -> Option<bool> {
        self.accounts.get(account)?;
        let entries = self.entries.entry(account.clone()).or_default();
        let before = entries.get(conversation).copied();
        entries.insert(conversation.clone(), before.map_or(*at, |before| before.max(*at)));
        Some(before.is_none())
    }
}

#[async_trait]
impl Recents for Memory {
    async fn touch(&self, app: AppId, touches: &Touches) -> Result<Touched, StoreError> {
        let mut kept = self.kept();
        for (id, at) in &touches.chat_groups {
            let last = kept.chat_group_times.entry((app, id.clone())).or_insert(*at);
            *last = (*last).max(*at);
        }
        let (mut absent, mut grown) = (BTreeSet::<AccountId>::new(), Vec::new());
        for (account, entry) in &touches.entries {
            match kept.touch(&AccountKey { app, account: account.clone() }, entry) {
                Some(true) => grown.push(account.clone()),
                Some(false) => {}
                None => drop(absent.insert(account.clone())),
            }
        }
        Ok(Touched { absent: absent.into_iter().collect(), grown })
    }

    async fn entries(&self, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
        let kept = self.kept();
        let entries = kept.entries.get(account).filter(|_| kept.is_of_life(account, life)).into_iter().flatten();
        Ok(entries.map(|(conversation, at)| RecentEntry { conversation: conversation.clone(), at: *at }).collect())
    }

    async fn entry(
        &self,
        account: &AccountKey,
        life: Life,
        conversation: &Conversation,
    ) -> Result<Option<Timestamp>, StoreError> {
        let kept = self.kept();
        let entries = kept.entries.get(account).filter(|_| kept.is_of_life(account, life));
        Ok(entries.and_then(|entries| entries.get(conversation)).copied())
    }

    async fn chat_group_times(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let kept = self.kept();
        Ok(ids.iter().map(|id| kept.chat_group_times.get(&(app, id.clone())).copied()).collect())
    }

    async fn trim(&self, account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        if !kept.is_of_life(account, life) {
            return Ok(0);
        }
        let removed = entries.iter().filter(|entry| kept.remove_entries(account, std::slice::from_ref(entry)));
        Ok(removed.count() as u64)
    }

    async fn sweep(&self, _: Option<&AccountKey>, _: usize) -> Result<SweepStep, StoreError> {
        Ok(SweepStep::default())
    }
}
