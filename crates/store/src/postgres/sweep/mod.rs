//! Removes what ended lives left behind beside accounts, and changes that are kept no longer.

mod changes;

use std::collections::BTreeMap;
use std::time::Duration;

use pinfold_core::AppId;
use tokio::time::timeout;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};

use super::connection::Pooled;
use super::failure::{self, Failure};
use super::pool::Pool;
use super::questions::Parameter;
use super::statements::{self, Statement};
use super::walk::{Page, Reads, Walk};
use super::{apps, columns};
use crate::{AccountKey, HistoryBounds, StoreError, SweepStep};

/// What is swept.
#[derive(Clone, Copy)]
pub(super) enum Swept<'a> {
    /// Touches that came too late for their account.
    Entries,
    /// Changes, by the bounds of the apps.
    Changes(&'a BTreeMap<AppId, HistoryBounds>),
}

impl Swept<'_> {
    /// The most accounts of one step, which has to end within the time that a statement has. Each entry costs a look at its
    /// head, 33 µs where processors are short; changes cost three statements an account, and what they remove is bounded.
    fn accounts_max(self) -> usize {
        match self {
            Self::Entries => 16,
            Self::Changes(_) => 64,
        }
    }
}

/// A step on a connection of its own. It may be cancelled: nothing depends on what it removes.
pub(super) async fn step(
    pool: &Pool,
    after: Option<&AccountKey>,
    rows_max: usize,
    swept: Swept<'_>,
) -> Result<SweepStep, StoreError> {
    let mut step = SweepStep { last: after.cloned(), ..SweepStep::default() };
    loop {
        let mut connection = pool.connection().await.map_err(failure::of_pool)?;
        let ended = timeout(
            pool.statement_max(),
            advance(&mut connection, &mut step, rows_max, swept, pool.statement_max() / 4),
        )
        .await;
        let ended = ended.unwrap_or_else(|_| Err(Failure::TimedOut.into()));
        if ended.is_err() {
            drop(Pooled::take(connection));
        }
        // No place is before the first account: a step that may not end there goes on.
        if ended? == Progress::Whole || step.last.is_some() {
            return Ok(step);
        }
    }
}

/// How far a step came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Through all that it was to look at.
    Whole,
    /// Not further, because it did enough. Of the next account some rows may be removed already.
    Cut,
}

/// Goes on after the last account of a step, in one transaction, which holds the lock of the sweep. Where another instance
/// has it, nothing is done and the next step is this one again. Counts accounts, however many rows they have.
async fn advance(
    client: &mut Client,
    step: &mut SweepStep,
    rows_max: usize,
    swept: Swept<'_>,
    time: Duration,
) -> Result<Progress, StoreError> {
    let transaction = client.transaction().await.map_err(failure::of_statement)?;
    let locked = transaction.read(&statements::LOCK_SWEEP, &[]).await?;
    if !locked.first().map_or(Ok(false), |row| columns::column(row, 0))? {
        return Ok(Progress::Whole);
    }
    let (mut looked_at, accounts_max) = (0, rows_max.clamp(1, swept.accounts_max()));
    let (after, removed) = (step.last.clone(), step.removed);
    let (mut left, mut progress) = (changes::Budget::of(accounts_max, time), Progress::Whole);
    let mut walk = Walk::after(apps::place_of(after.as_ref()), accounts_max);
    while progress == Progress::Whole && looked_at < accounts_max {
        let Some(page) = walk.next(&transaction).await? else {
            step.last = None;
            break;
        };
        progress = match swept {
            Swept::Entries => entries_of(&transaction, &page, step).await?,
            Swept::Changes(bounds) => changes::remove_of(&transaction, &page, bounds, step, &mut left).await?,
        };
        looked_at += page.accounts.len();
    }
    transaction.commit().await.map_err(failure::of_statement)?;
    let is_spent = match progress {
        Progress::Whole => looked_at >= accounts_max,
        Progress::Cut => step.removed == removed,
    };
    if is_spent && step.last == after {
        return Err(StoreError::Damaged(format!("{accounts_max} accounts in a row have damaged ids")));
    }
    Ok(progress)
}

async fn entries_of(transaction: &Transaction<'_>, page: &Page, step: &mut SweepStep) -> Result<Progress, StoreError> {
    step.removed += remove(transaction, &statements::SWEEP, &[&page.app, &page.after, &page.to]).await?;
    pass(page, step);
    Ok(Progress::Whole)
}

/// The next step begins after the last account of the page, or the one before where its id is damaged.
fn pass(page: &Page, step: &mut SweepStep) {
    if let Some(last) = page.accounts.iter().rev().find_map(|row| apps::to_key(row, 0).ok()) {
        step.last = Some(last);
    }
}

impl Reads for Transaction<'_> {
    async fn read(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let rows = self.query_typed(&statement.sql, &typed(statement, parameters)).await;
        Ok(rows.map_err(failure::of_statement)?)
    }
}

/// Runs a statement that removes rows; how many.
async fn remove(
    transaction: &Transaction<'_>,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<u64, StoreError> {
    let removed = transaction.execute_typed(&statement.sql, &typed(statement, parameters)).await;
    Ok(removed.map_err(failure::of_statement)?)
}

fn typed<'a>(statement: &Statement, parameters: &[Parameter<'a>]) -> Vec<(Parameter<'a>, Type)> {
    parameters.iter().copied().zip(statement.types.iter().cloned()).collect()
}
