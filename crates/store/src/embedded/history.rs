//! The embedded store as [`History`]: rows beside accounts, read from the disk each time.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use fjall::Slice;
use pinfold_core::{AppId, HistoryChange, Revision, TimeMs};

use super::Embedded;
use super::commit::jobs::{Job, RowsJob};
use super::engine::Engine;
use super::format::rows::{Write, Writes};
use super::format::{history, lives};
use super::outbox::reads::first_unsent;
use super::sweep::changes;
use crate::history::{CHANGE_OVERHEAD_BYTES, encoding};
use crate::outbox::last_before_unsent;
use crate::{AccountKey, ChangeRange, CommitSink, History, HistoryBounds, Life, Position, StoreError, SweepStep};

/// The most rows that one job puts or removes, so that a batch takes little longer to write with them. Under a scheduler
/// so few that others run between the jobs of a trim.
const ROWS_MAX: usize = if cfg!(feature = "schedules") { 1 } else { 1024 };

#[async_trait]
impl History for Embedded {
    async fn changes(
        &self,
        account: &AccountKey,
        life: Life,
        range: &ChangeRange,
    ) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        let (account, range) = (account.clone(), *range);
        self.reading(move |engine| {
            if !has_life(engine, &account, life)? {
                return Ok(Vec::new());
            }
            // There is no change 0.
            let before = Revision(range.from.0.saturating_sub(1));
            let key = |revision| history::change(&account, life, revision);
            let rows = engine.range(key(before), key(range.until));
            if range.descending { read(rows.rev(), &account, &range) } else { read(rows, &account, &range) }
        })
        .await
    }

    async fn positions(&self, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        self.health.check_read()?;
        let known: Option<Vec<_>> = accounts.iter().map(|account| self.known_position(account)).collect();
        if let Some(known) = known {
            return Ok(known);
        }
        let accounts = accounts.to_vec();
        self.reading(move |engine| {
            let position = |account| Ok(engine.head(account)?.map(|(version, head)| Position::of(version, &head)));
            accounts.iter().map(position).collect()
        })
        .await
    }

    async fn put_changes(&self, account: &AccountKey, life: Life, changes: &[HistoryChange]) -> Result<(), StoreError> {
        for changes in changes.chunks(ROWS_MAX) {
            self.write_rows(changes.iter().map(|change| history::row(account, life, change)).collect()).await?;
        }
        Ok(())
    }

    async fn trim_changes(&self, account: &AccountKey, life: Life, bounds: HistoryBounds) -> Result<u64, StoreError> {
        let of_account = account.clone();
        let last = self.reading(move |engine| last_to_go(engine, &of_account, life, bounds)).await?;
        let Some(last) = last else { return Ok(0) };
        let (mut after, mut removed) = (history::changes(account, life), 0);
        let until = history::change(account, life, Revision(last.0 + 1));
        loop {
            let bounds = (after.clone(), until.clone());
            let rows: Vec<_> = self
                .reading(move |engine| engine.range(bounds.0, bounds.1).take(ROWS_MAX).map(|row| Ok(row?.0)).collect())
                .await?;
            let Some(last) = rows.last() else { return Ok(removed) };
            after = last.to_vec();
            removed += self.remove_rows(rows).await?;
        }
    }

    async fn sweep_changes(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        bounds: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        let (mut removed, mut damage) = (0, None);
        loop {
            let (after, bounds) = (after.cloned(), bounds.clone());
            let find = move |engine: &Engine| changes::to_go(&engine.now(), after.as_ref(), rows_max, &bounds);
            let found = self.reading(find).await?;
            removed += self.remove_rows(found.rows).await?;
            damage = damage.or(found.damage);
            if !found.has_more {
                return Ok(SweepStep { removed, last: found.last, damage });
            }
        }
    }

    fn tell(&self, sink: Arc<dyn CommitSink>) {
        self.sink.set(sink);
    }
}

impl Embedded {
    /// Where an account stands, if it is known without the disk.
    fn known_position(&self, account: &AccountKey) -> Option<Option<Position>> {
        let cached = self.accounts.peek(account)?;
        Some(cached.version.map(|version| Position::of(version, &cached.state.head)))
    }

    /// Removes rows in their order, so that the oldest go first whatever happens meanwhile; how many.
    pub(super) async fn remove_rows(&self, rows: Vec<Slice>) -> Result<u64, StoreError> {
        for rows in rows.chunks(ROWS_MAX) {
            self.write_rows(rows.iter().map(|row| (row.clone(), None)).collect()).await?;
        }
        Ok(rows.len() as u64)
    }

    /// Hands rows to the writer and waits until they are durable.
    pub(super) async fn write_rows(&self, writes: Writes) -> Result<(), StoreError> {
        let bytes = writes.iter().map(bytes).sum();
        self.write(bytes, |done| Job::Rows(RowsJob { writes, bytes, done })).await
    }
}

/// The size of a row in memory: that of the queue, and that of the batch.
fn bytes((key, value): &Write) -> u64 {
    (size_of::<Write>() + 2 * (key.len() + value.as_ref().map_or(0, |value| value.len()))) as u64
}

/// Whether this is the life that the account has.
fn has_life(engine: &Engine, account: &AccountKey, life: Life) -> Result<bool, StoreError> {
    Ok(engine.head(account)?.is_some_and(|(version, _)| version.life == life))
}

/// The changes of these rows until the bounds of a range are reached.
fn read(
    rows: impl Iterator<Item = Result<(Slice, Slice), StoreError>>,
    account: &AccountKey,
    range: &ChangeRange,
) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
    let (mut changes, mut bytes) = (Vec::new(), 0);
    for row in rows.take(range.count_max) {
        let (key, value) = row?;
        let (_, _, revision) = history::parse_change(&key)?;
        let change = encoding::decode(&account.account, revision, &value)?;
        bytes += change.weight();
        changes.push(Arc::new(change));
        if bytes >= range.bytes_max {
            break;
        }
    }
    Ok(changes)
}

/// The newest change that has to go for the bounds to hold, as far as none that is unsent goes with it: both of one
/// instant, since a change may be committed at any time.
fn last_to_go(
    engine: &Engine,
    account: &AccountKey,
    life: Life,
    bounds: HistoryBounds,
) -> Result<Option<Revision>, StoreError> {
    let instant = engine.now();
    if instant.head(account)?.is_none_or(|(version, _)| version.life != life) {
        return Ok(None);
    }
    let (from, until) = (history::changes(account, life), lives::end_of_life(history::CHANGES, account, life));
    let rows = instant.rows_between((Bound::Excluded(from), Bound::Excluded(until)));
    let last = bounds.last_to_go(rows.rev().map(|row| counted(row?)))?;
    Ok(last_before_unsent(last, first_unsent(&instant, account, life)?))
}

/// What bounds count of a row. A change whose time cannot be read goes by its place alone.
fn counted((key, value): (Slice, Slice)) -> Result<(Revision, TimeMs, usize), StoreError> {
    let (_, _, revision) = history::parse_change(&key)?;
    let at = encoding::decode_at(&value).unwrap_or(TimeMs(u64::MAX));
    Ok((revision, at, value.len() + CHANGE_OVERHEAD_BYTES))
}
