//! The embedded store as a [`Backend`].

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use pinfold_core::{
    AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, PeerStatus, PeerStatuses, RecentEntry,
    StateDiff, Timestamp,
};
use tokio::sync::oneshot::Receiver;

use super::cache::heads::HeadFacts;
use super::commit::closing;
use super::commit::jobs::{AccountJob, ChatGroupJob, ForgetJob, Job, NewChatGroupsJob};
use super::format::{keys, rows, times};
use super::{Embedded, disk_usage, listing, snapshot};
use crate::stats::Stats;
use crate::sync::spawn_blocking;
use crate::{
    AccountKey, Apps, Backend, ChatGroupList, Commit, Life, Loaded, OnDamage, Outcome, Scope, Snapshot, StoreError,
    Version,
};

/// About the memory of the row of an unsent change.
const UNSENT_BYTES: u64 = 128;

#[async_trait]
impl Backend for Embedded {
    async fn load(&self, account: &AccountKey, _: &Scope) -> Result<Loaded, StoreError> {
        let (cached, found) = self.cached(account).await?;
        self.meters.accounts.asked(found);
        Ok(cached.loaded())
    }

    async fn latest(
        &self,
        account: &AccountKey,
        _: &Scope,
        peers: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError> {
        let statuses = self.peer_statuses(account.app, peers).await?;
        let (latest, found) = self.latest_cached(account).await?;
        self.meters.accounts.asked(found);
        Ok((latest.loaded(), statuses))
    }

    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        let conflict = || Box::pin(std::future::ready(Ok(Commit::Conflict)));
        let (before, _) = self.latest_cached(account).await?;
        if before.version != base {
            return Ok(conflict());
        }
        let mut state = AccountState::clone(&before.state);
        state.apply(&changes);
        let kept = rows::Kept { state: &before.state, bulk: before.bulk };
        let (writes, bulk) = rows::encode(account, kept, &state, next, &changes);
        let version = changes.head.as_ref().map(|_| next);
        let facts = HeadFacts::of(version, &state.head);
        let facts = (facts != HeadFacts::of(before.version, &before.state.head)).then_some(facts);
        let Some(removed_entries) = removed_rows(account, base, &changes.removed_entries) else {
            return Ok(conflict());
        };
        let restored_entries = entry_rows(account, next.life, &changes.restored_entries);
        let published = before.after(&changes, rows::Account { version, state, bulk });
        let (change, change_bytes) = (changes.change.clone(), change_bytes(&changes));
        let job = |done| {
            let (account, published) = (account.clone(), Arc::clone(&published));
            Job::Account(AccountJob {
                account,
                base,
                writes,
                published,
                facts,
                removed_entries,
                restored_entries,
                change,
                change_bytes,
                done,
            })
        };
        let mut answer = None;
        let queued = self.in_flight.queue(account, base, &published, change_bytes, || {
            answer = Some(self.send(job)?);
            Ok(())
        })?;
        Ok(match answer {
            Some(answer) if queued => {
                // The replaced state is freed here rather than on the writer's thread, which all callers wait for. A
                // state larger than the one that is counted is freed at once.
                let replaced = (before.bytes <= published.bytes).then_some(before);
                Box::pin(async move {
                    let _replaced = replaced;
                    answered(answer).await
                })
            }
            _ => conflict(),
        })
    }

    async fn wait_durable(&self, _: &AccountKey, shown: &Loaded) -> Result<bool, StoreError> {
        if shown.durability.is_durable().is_none() {
            answered(self.send(Job::WaitDurable)?).await?;
        }
        Ok(shown.durability.is_durable() == Some(true))
    }

    async fn peer_statuses(&self, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
        self.health.check_read()?;
        let known = |peer: &Conversation| Some((peer.clone(), self.known_status(app, peer)?));
        if let Some(statuses) = peers.iter().map(known).collect() {
            return Ok(statuses);
        }
        let (head_cache, chat_groups) = (Arc::clone(&self.head_cache), Arc::clone(&self.chat_groups));
        let peers = peers.to_vec();
        self.reading(move |engine| {
            let status = |peer| {
                Ok((
                    Conversation::clone(peer),
                    match peer {
                        Conversation::OneToOne(account) => {
                            let key = AccountKey { app, account: account.clone() };
                            let facts = head_cache.read(engine, &key)?;
                            PeerStatus::of_account(facts.is_some_and(|facts| facts.imported))
                        }
                        Conversation::ChatGroup(id) => {
                            PeerStatus::of_chat_group(chat_groups.read(engine, app, id)?.as_ref())
                        }
                    },
                ))
            };
            peers.iter().map(status).collect()
        })
        .await
    }

    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        self.health.check_read()?;
        if let Some(known) = self.chat_groups.known(app, ids) {
            return Ok(known);
        }
        let (chat_groups, ids) = (Arc::clone(&self.chat_groups), ids.to_vec());
        self.reading(move |engine| ids.iter().map(|id| chat_groups.read(engine, app, id)).collect()).await
    }

    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        let (id, expected, new) = (id.clone(), expected.cloned(), new.clone());
        answered(self.send(|done| Job::ChatGroup(ChatGroupJob { app, id, expected, new, done }))?).await
    }

    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        let new = new.to_vec();
        answered(self.send(|done| Job::NewChatGroups(NewChatGroupsJob { app, new, done }))?).await
    }

    async fn list_chat_groups(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<ChatGroupList, StoreError> {
        self.reading(move |engine| listing::chat_groups(engine, app, after, count_max)).await
    }

    async fn snapshot(
        &self,
        after: Option<&AccountKey>,
        on_damage: OnDamage,
        with_history: bool,
    ) -> Result<Snapshot, StoreError> {
        self.health.check_read()?;
        let (now, after) = (self.slot.engine().await?.now(), after.cloned());
        Ok(Snapshot::blocking(now.closing(), move |sender| {
            snapshot::run(&now, after.as_ref(), on_damage, with_history, sender)
        }))
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.health.check()?;
        self.slot.check()
    }

    async fn stats(&self) -> Stats {
        Stats {
            accounts: Some(self.meters.accounts(&self.accounts)),
            lists: Some(self.lists.stats()),
            writer: Some(self.meters.writer(self.health().await.is_ok(), &self.in_flight, self.waiting_max)),
            disk: disk_usage::stats(&self.directory).await,
            pool: None,
        }
    }

    async fn close(&self) -> Result<(), StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((sender, thread)) = writer else { return Ok(()) };
        drop(sender);
        let (engine, lock) = (self.slot.close(), self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.accounts.clear();
        self.head_cache.clear();
        self.chat_groups.clear();
        self.lists.clear();
        let (directory, health) = (self.directory.clone(), Arc::clone(&self.health));
        let closed = spawn_blocking(move || {
            let _lock = lock;
            closing::close(&directory, &health, thread, engine)
        });
        closed.await.map_err(|error| StoreError::Failed(format!("closing ended early: {error}")))?
    }
}

#[async_trait]
impl Apps for Embedded {
    async fn list_apps(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        self.reading(move |engine| listing::apps(engine, after, count_max)).await
    }

    async fn list_accounts(
        &self,
        app: Option<AppId>,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let (first, end) = app.map_or_else(
            || (vec![keys::ACCOUNTS], vec![keys::ACCOUNTS + 1]),
            |app| keys::around_app(keys::ACCOUNTS, app),
        );
        let from = after.map_or(first, keys::end_of_account);
        self.reading(move |engine| listing::accounts(engine, from, &end, count_max)).await
    }

    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        let forgotten = answered(self.send(|done| Job::ForgetChatGroups(ForgetJob { app, count_max, done }))?).await?;
        self.forget_chat_group_times(app).await?;
        Ok(forgotten)
    }
}

impl Embedded {
    /// The status of a peer, if it is known without the disk.
    fn known_status(&self, app: AppId, peer: &Conversation) -> Option<PeerStatus> {
        match peer {
            Conversation::OneToOne(account) => {
                let key = AccountKey { app, account: account.clone() };
                let known = self.head_cache.known(&key).map(|facts| facts.is_some_and(|facts| facts.imported));
                let cached = || Some(self.accounts.peek(&key)?.state.head.imported);
                known.or_else(cached).map(PeerStatus::of_account)
            }
            Conversation::ChatGroup(id) => {
                let known = self.chat_groups.known(app, std::slice::from_ref(id))?;
                Some(PeerStatus::of_chat_group(known.first()?.as_ref()))
            }
        }
    }
}

/// The rows of entries that a change of this base removes, with the times that were seen. An account without a base has
/// none.
fn removed_rows(
    account: &AccountKey,
    base: Option<Version>,
    removed: &[RecentEntry],
) -> Option<Vec<(fjall::Slice, Timestamp)>> {
    match base {
        Some(base) => Some(entry_rows(account, base.life, removed)),
        None => removed.is_empty().then(Vec::new),
    }
}

/// The rows of entries, with their times.
fn entry_rows(account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Vec<(fjall::Slice, Timestamp)> {
    let row = |entry: &RecentEntry| (times::entry(account, life, &entry.conversation).into(), entry.at);
    entries.iter().map(row).collect()
}

/// The memory of a change while it waits: once to be told, and once among the writes, with the row that has it be sent.
fn change_bytes(changes: &StateDiff) -> u64 {
    let unsent = if changes.unsent { UNSENT_BYTES } else { 0 };
    changes.change.as_ref().map_or(0, |change| 2 * change.weight() as u64 + unsent)
}

/// What the writer answers.
pub(super) async fn answered<T>(answer: Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    answer.await.map_err(|_| StoreError::Failed("the writer ended".into()))?
}
