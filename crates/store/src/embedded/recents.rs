//! The embedded store as [`Recents`]. What is kept is read here, on a thread that may block; the writer decides by it
//! (see `commit::recent_writes`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};

use super::cache::heads::HeadCache;
use super::commit::jobs::{Job, TimeChange, TimesJob};
use super::engine::Engine;
use super::format::{keys, times};
use super::sweep::entries;
use super::{Embedded, listing};
use crate::sync::atomic::Ordering;
use crate::{AccountKey, Life, Recents, StoreError, SweepStep, Touched};

/// The most times of a touch that is read on a thread with others, which would wait too long for more.
const GATHERED_MAX: usize = 16;
/// The most rows that one job removes.
const REMOVED_MAX: usize = 1024;

#[async_trait]
impl Recents for Embedded {
    async fn touch(&self, app: AppId, touches: &Touches) -> Result<Touched, StoreError> {
        self.health.check()?;
        let read_commit = self.read_commit();
        let is_small = touches.entries.len() + touches.chat_groups.len() <= GATHERED_MAX;
        let (head_cache, touches) = (Arc::clone(&self.head_cache), touches.clone());
        let read = move |engine: &Engine| Touching::of(&touches, engine, &head_cache, app)?.later(engine);
        let (changes, touched) = if is_small {
            self.gathered_reads.read(self.slot.engine().await?, read).await?
        } else {
            self.reading(read).await?
        };
        // Everything that was found is durable, so without a later time there is nothing to wait for.
        self.change(changes, read_commit).await?;
        Ok(touched)
    }

    async fn entries(&self, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
        self.health.check_read()?;
        let prefix = times::entries(account, life);
        if let Some(list) = self.lists.known(&prefix) {
            return Ok(list);
        }
        let lists = Arc::clone(&self.lists);
        self.reading(move |engine| lists.read(&prefix, || scan(engine, &prefix))).await
    }

    async fn entry(
        &self,
        account: &AccountKey,
        life: Life,
        conversation: &Conversation,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = times::entry(account, life, conversation);
        self.reading(move |engine| engine.get(&row)?.map(|at| times::decode(&at)).transpose()).await
    }

    async fn chat_group_times(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let rows: Vec<_> = ids.iter().map(|id| times::chat_group(app, id)).collect();
        self.reading(move |engine| read_all(engine, rows.iter())).await
    }

    async fn trim(&self, account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Result<u64, StoreError> {
        let read_commit = self.read_commit();
        let rows: BTreeMap<_, _> =
            entries.iter().map(|entry| (times::entry(account, life, &entry.conversation), entry.at)).collect();
        let kept = self.reading(move |engine| {
            let kept = read_all(engine, rows.keys())?;
            Ok(rows.into_iter().zip(kept).filter(|((_, at), kept)| *kept == Some(*at)).map(|(row, _)| row).collect())
        });
        let kept: Vec<_> = kept.await?;
        self.remove(kept, read_commit).await
    }

    async fn sweep(&self, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError> {
        let (mut removed, mut damage) = (0, None);
        loop {
            let (read_commit, after) = (self.read_commit(), after.cloned());
            let found =
                self.reading(move |engine| entries::of_ended_lives(&engine.now(), after.as_ref(), rows_max)).await?;
            let removed_now = self.remove(found.rows, read_commit).await?;
            removed += removed_now;
            damage = damage.or(found.damage);
            if removed_now == 0 || !found.has_more {
                return Ok(SweepStep { removed, last: found.last, damage });
            }
        }
    }
}

impl Embedded {
    /// The commit whose rows a read that begins now finds, or some later one's.
    fn read_commit(&self) -> u64 {
        self.published_commit.load(Ordering::Acquire)
    }

    /// Removes the times of chat groups of an app without chat groups, in steps.
    pub(super) async fn forget_chat_group_times(&self, app: AppId) -> Result<(), StoreError> {
        loop {
            let read_commit = self.read_commit();
            let first = self.reading(move |engine| {
                let (chat_groups, _) = listing::first_chat_groups(engine, app, 1)?;
                let count_max = if chat_groups.is_empty() { REMOVED_MAX } else { 0 };
                listing::first_chat_group_times(engine, app, count_max)
            });
            // What is touched meanwhile may stay: nothing of the app is in use any more.
            if self.remove(first.await?, read_commit).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Removes rows that still have these times; how many did.
    async fn remove(
        &self,
        rows: Vec<(impl Into<fjall::Slice>, Timestamp)>,
        read_commit: u64,
    ) -> Result<u64, StoreError> {
        let mut rows = rows.into_iter().map(|(row, at)| TimeChange { row: row.into(), seen: Some(at), later: None });
        let mut removed = 0;
        loop {
            let some: Vec<_> = rows.by_ref().take(REMOVED_MAX).collect();
            if some.is_empty() {
                return Ok(removed);
            }
            removed += self.change(some, read_commit).await?;
        }
    }

    /// Hands changes to the writer and waits until they are durable; how many rows were changed.
    async fn change(&self, changes: Vec<TimeChange>, read_commit: u64) -> Result<u64, StoreError> {
        if changes.is_empty() {
            return Ok(0);
        }
        let bytes = changes.iter().map(TimeChange::bytes).sum();
        self.write(bytes, |done| Job::Times(TimesJob { changes, read_commit, bytes, done })).await
    }
}

/// The entries with this prefix, sorted once for all readers of the list.
fn scan(engine: &Engine, prefix: &[u8]) -> Result<Arc<[RecentEntry]>, StoreError> {
    let mut list = Vec::new();
    for row in engine.scan(prefix) {
        let (key, at) = row?;
        let conversation = keys::parse_conversation(&key[prefix.len()..])
            .ok_or_else(|| StoreError::Damaged(format!("{key:?} is not a key of an entry")))?;
        list.push(RecentEntry { conversation, at: times::decode(&at)? });
    }
    list.sort_unstable_by(RecentEntry::by_time);
    Ok(list.into())
}

/// What a call touches.
#[derive(Default)]
struct Touching<'t> {
    /// Rows with the latest of their times, and the account of an entry.
    rows: BTreeMap<Vec<u8>, (Timestamp, Option<&'t AccountId>)>,
    absent: BTreeSet<&'t AccountId>,
}

impl<'t> Touching<'t> {
    /// Reads the lives of the accounts.
    fn of(touches: &'t Touches, engine: &Engine, head_cache: &HeadCache, app: AppId) -> Result<Self, StoreError> {
        let mut touching = Self::default();
        for (id, RecentEntry { conversation, at }) in &touches.entries {
            let account = AccountKey { app, account: id.clone() };
            match head_cache.read(engine, &account)? {
                Some(facts) => touching.add(times::entry(&account, facts.life, conversation), *at, Some(id)),
                None => drop(touching.absent.insert(id)),
            }
        }
        for (id, at) in &touches.chat_groups {
            touching.add(times::chat_group(app, id), *at, None);
        }
        Ok(touching)
    }

    fn add(&mut self, row: Vec<u8>, at: Timestamp, account: Option<&'t AccountId>) {
        let (latest, _) = self.rows.entry(row).or_insert((at, account));
        *latest = at.max(*latest);
    }

    /// Those that are later than what is kept; and what becomes of the accounts. A time that does not decode counts as
    /// one that is not there, so that it does not stay for good.
    fn later(self, engine: &Engine) -> Result<(Vec<TimeChange>, Touched), StoreError> {
        let (mut changes, mut grown) = (Vec::new(), BTreeSet::new());
        let kept = engine.get_all(self.rows.keys())?;
        for ((row, (at, account)), kept) in self.rows.into_iter().zip(kept) {
            let seen = kept.as_deref().and_then(time_or_damage);
            if seen.is_none_or(|seen| seen < at) {
                grown.extend(account.filter(|_| seen.is_none()).cloned());
                changes.push(TimeChange { row: row.into(), seen, later: Some(at) });
            }
        }
        let absent = self.absent.into_iter().cloned().collect();
        Ok((changes, Touched { absent, grown: grown.into_iter().collect() }))
    }
}

fn time_or_damage(value: &[u8]) -> Option<Timestamp> {
    let at = times::decode(value);
    at.inspect_err(|error| tracing::warn!(cause = %error, "a damaged time is replaced by that of a message")).ok()
}

fn read_all(engine: &Engine, rows: impl Iterator<Item: AsRef<[u8]>>) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let found = engine.get_all(rows)?;
    found.into_iter().map(|at| at.map(|at| times::decode(&at)).transpose()).collect()
}
