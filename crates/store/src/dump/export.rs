//! From a store to a dump.

use std::io::Write;
use std::sync::Arc;

use pinfold_core::HistoryChange;

use super::held_history::HeldHistory;
use super::{ExportError, LeftOut, Moved, Writer};
use crate::{AccountKey, Backend, Damage, ListedChatGroup, OnDamage, Snapshot, SnapshotItem, StoreError};

/// Accounts that are listed at a time.
const PAGE: usize = 256;
/// Bytes of a dump that are handed on together.
const CHUNK_BYTES: usize = 64 << 10;

/// A dump that is on its way: all of it is of the instant at which it began, whatever is written meanwhile, unless
/// the store is a database of several shards.
pub struct Exporting<W> {
    snapshot: Snapshot,
    writer: Writer<W>,
    on_damage: OnDamage,
    held: HeldHistory,
    left_out: Vec<Damage>,
}

impl<W: Write> Exporting<W> {
    /// Begins, or continues after what an interrupted export left. The instant is over when this returns.
    ///
    /// # Errors
    /// What the store says.
    pub async fn begin(backend: &dyn Backend, writer: Writer<W>) -> Result<Self, StoreError> {
        Self::begin_with(backend, writer, OnDamage::Stop).await
    }

    /// The same; with [`OnDamage::Skip`] what is damaged is left out.
    ///
    /// # Errors
    /// What the store says.
    pub async fn begin_with(
        backend: &dyn Backend,
        mut writer: Writer<W>,
        on_damage: OnDamage,
    ) -> Result<Self, StoreError> {
        let (after, with_history) = (writer.continues_after(), writer.with_history());
        let snapshot = backend.snapshot(after.as_ref(), on_damage, with_history).await?;
        Ok(Self { snapshot, writer, on_damage, held: HeldHistory::default(), left_out: Vec::new() })
    }

    /// How long it may be left alone before it ends early, instead of a minute.
    #[must_use]
    pub fn idle_for(self, max: std::time::Duration) -> Self {
        self.snapshot.idle_for(max);
        self
    }

    /// Whether all of it is of one instant. If not, each account still is.
    pub fn is_of_one_instant(&self) -> bool {
        self.snapshot.is_of_one_instant()
    }

    /// What the version of the dump has no place for, and was left out so far.
    pub fn left_out_by_version(&self) -> LeftOut {
        self.writer.left_out()
    }

    /// What was damaged and left out so far.
    pub fn left_out(&self) -> &[Damage] {
        &self.left_out
    }

    /// Writes the next item; `None` after the last one.
    ///
    /// # Errors
    /// [`ExportError`]; what was written has no end line, so it is not mistaken for a complete dump.
    pub async fn step(&mut self) -> Result<Option<Moved>, ExportError> {
        while let Some(found) = self.snapshot.next().await? {
            match self.write(found) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(ExportError::Unfit { what, problem }) if self.on_damage == OnDamage::Skip => {
                    self.left_out.push(Damage { what, problem });
                }
                Err(error) => return Err(error),
            }
            return Ok(Some(self.writer.written()));
        }
        self.write_held()?;
        Ok(None)
    }

    /// False if nothing was written.
    fn write(&mut self, found: SnapshotItem) -> Result<bool, ExportError> {
        match found {
            SnapshotItem::Account(account, state) => self.writer.account(&account, &state)?,
            SnapshotItem::Entry(account, entry) => self.writer.entry(&account, &entry)?,
            SnapshotItem::Change(account, change) if self.holds_history() => return self.hold(account, change),
            SnapshotItem::Change(account, change) => self.writer.change(&account, &change)?,
            SnapshotItem::LostHistory(account, Damage { what, problem }) => {
                self.held.lose(&account);
                return Err(ExportError::Unfit { what, problem });
            }
            SnapshotItem::ChatGroup(app, ListedChatGroup { seq, id, chat_group }) => {
                self.write_held()?;
                self.writer.chat_group(app, seq, &id, &chat_group)?;
            }
            SnapshotItem::ChatGroupTime(app, id, at) => {
                self.write_held()?;
                self.writer.chat_group_time(app, &id, at)?;
            }
            SnapshotItem::Damage(Damage { what, problem }) => return Err(ExportError::Unfit { what, problem }),
            // An import counts for itself.
            SnapshotItem::Counts(..) => return Ok(false),
        }
        Ok(true)
    }

    /// Whether the history of an account has to be known to its end before it is written.
    fn holds_history(&self) -> bool {
        self.on_damage == OnDamage::Skip || self.writer.last_changes().is_some()
    }

    /// Holds a change until the next account. False if nothing was written.
    fn hold(&mut self, account: AccountKey, change: Arc<HistoryChange>) -> Result<bool, ExportError> {
        let wrote = !self.held.is_of(&account) && self.write_held()?;
        self.held.add(account, change);
        Ok(wrote)
    }

    /// Writes the history that is held. False if there is none.
    fn write_held(&mut self) -> Result<bool, ExportError> {
        let Some((account, mut changes)) = self.held.take() else { return Ok(false) };
        if let Some(last_changes) = self.writer.last_changes() {
            last_changes.retain(&account, &mut changes);
        }
        changes.iter().try_for_each(|change| self.writer.change(&account, change))?;
        Ok(true)
    }

    /// Writes everything, and the end.
    ///
    /// # Errors
    /// As [`Exporting::step`].
    pub async fn finish(mut self, mut progress: impl FnMut(&Moved)) -> Result<(W, Moved), ExportError> {
        while let Some(moved) = self.step().await? {
            progress(&moved);
        }
        self.end()
    }

    /// Writes the end, without which a dump is none.
    ///
    /// # Errors
    /// What the destination says.
    pub fn end(self) -> Result<(W, Moved), ExportError> {
        let written = self.writer.written();
        Ok((self.writer.end()?, written))
    }
}

impl Exporting<Vec<u8>> {
    /// The next part of the dump, about 64 KiB; none if only the end is left, which [`Exporting::end`] gives.
    ///
    /// # Errors
    /// As [`Exporting::step`].
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        while self.writer.destination().len() < CHUNK_BYTES {
            if self.step().await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(std::mem::take(self.writer.destination())))
    }
}

/// Writes everything the store keeps at this instant, and the end of the dump.
///
/// # Errors
/// As [`Exporting::step`].
pub async fn export<W: Write>(
    backend: &dyn Backend,
    writer: Writer<W>,
    progress: impl FnMut(&Moved),
) -> Result<(W, Moved), ExportError> {
    Exporting::begin(backend, writer).await?.finish(progress).await
}

/// How many accounts there are, by a snapshot over their names; for the time that an export will take.
///
/// # Errors
/// What the backend says.
pub async fn count_accounts(backend: &dyn Backend) -> Result<u64, StoreError> {
    let (mut count, mut after) = (0, None::<AccountKey>);
    loop {
        let page = backend.list_accounts(None, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = Some(last.clone());
        count += page.len() as u64;
    }
}
