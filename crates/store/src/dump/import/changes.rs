//! The history: some changes of an account in one call of the store, and several calls at once. What is there from an
//! earlier import is put again.

use std::mem;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use pinfold_core::{Head, HistoryChange};

use super::super::Moved;
use super::super::error::{LineError, name};
use super::IN_FLIGHT_MAX;
use crate::{AccountKey, Backend, Scope, StoreError};

/// Changes that one call takes.
const CALL_MAX: usize = 1000;
/// No more changes in a call after this many bytes in memory.
const CALL_BYTES_MAX: usize = 1 << 20;

/// Changes of one account that follow each other.
#[derive(Default)]
struct Run {
    account: Option<AccountKey>,
    changes: Vec<HistoryChange>,
    weight: usize,
    /// The line of the last one, and the bytes of the dump up to it.
    line: u64,
    bytes: u64,
}

/// Puts the history of one account after the other.
pub(super) struct Changes<'b> {
    backend: &'b dyn Backend,
    run: Run,
    /// Those that are put together, each with whether the next one is of another account.
    waiting: Vec<(Run, bool)>,
}

impl<'b> Changes<'b> {
    pub(super) fn new(backend: &'b dyn Backend) -> Self {
        Self { backend, run: Run::default(), waiting: Vec::new() }
    }

    /// Adds one that stands on this line. How much had to be put before.
    pub(super) async fn add(
        &mut self,
        account: AccountKey,
        change: HistoryChange,
        line: u64,
        bytes: u64,
    ) -> Result<Moved, LineError> {
        let is_another = self.run.account.as_ref() != Some(&account);
        let is_full = self.run.changes.len() >= CALL_MAX || self.run.weight >= CALL_BYTES_MAX;
        if is_another || is_full {
            self.end_run(is_another);
        }
        let put = if self.waiting.len() >= IN_FLIGHT_MAX { self.put_waiting().await? } else { Moved::default() };
        self.run.weight += change.weight();
        self.run.changes.push(change);
        (self.run.account, self.run.line, self.run.bytes) = (Some(account), line, bytes);
        Ok(put)
    }

    /// Puts all that waits; how much it is.
    pub(super) async fn put(&mut self) -> Result<Moved, LineError> {
        self.end_run(true);
        self.put_waiting().await
    }

    fn end_run(&mut self, is_last_of_account: bool) {
        let run = mem::take(&mut self.run);
        if run.account.is_some() {
            self.waiting.push((run, is_last_of_account));
        }
    }

    async fn put_waiting(&mut self) -> Result<Moved, LineError> {
        let calls = mem::take(&mut self.waiting).into_iter().map(|(run, is_last)| put_run(self.backend, run, is_last));
        let sum = async |one: Moved, other: Moved| {
            Ok(Moved { changes: one.changes + other.changes, bytes: one.bytes.max(other.bytes), ..one })
        };
        stream::iter(calls).buffer_unordered(IN_FLIGHT_MAX).try_fold(Moved::default(), sum).await
    }
}

async fn put_run(
    backend: &dyn Backend,
    Run { account, changes, line, bytes, .. }: Run,
    is_last_of_account: bool,
) -> Result<Moved, LineError> {
    let Some(account) = account else { return Ok(Moved::default()) };
    let error = |problem: String| LineError { line, problem: format!("{}: {problem}", name(&account)) };
    let failed = |failure: StoreError| error(format!("the store: {failure}"));
    let loaded = backend.load(&account, &Scope::Head).await.map_err(failed)?;
    let version = loaded.version;
    let version =
        version.ok_or_else(|| error("it has a change and is not in the store; another process writes".into()))?;
    check(&loaded.state.head, &changes, is_last_of_account).map_err(error)?;
    backend.put_changes(&account, version.life, &changes).await.map_err(failed)?;
    Ok(Moved { changes: changes.len() as u64, bytes, ..Moved::default() })
}

/// Whether changes that follow each other are of the history that the head of their account tells of; or what is wrong.
fn check(head: &Head, changes: &[HistoryChange], is_last_of_account: bool) -> Result<(), String> {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Ok(()) };
    if head.history_from == 0 || first.revision.0 < head.history_from {
        return Err(format!("change {} lies before its history", first.revision));
    }
    if last.revision.0 > head.revision || (is_last_of_account && last.revision.0 < head.revision) {
        return Err(format!("its changes go up to {}, and its last change is {}", last.revision, head.revision));
    }
    if is_last_of_account && last.at.0 != head.newest_ms {
        return Err(format!("the time of change {} is not that of its last change", last.revision));
    }
    Ok(())
}
