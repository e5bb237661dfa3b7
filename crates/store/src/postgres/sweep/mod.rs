//! Removes what ended lives left behind beside accounts, and changes that are kept or sent no longer.

mod changes;
mod unsent;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pinfold_core::{AppId, TimeMs};
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
use crate::{AccountKey, HistoryBounds, StoreError, SweepStep, UnsentSweep};

/// What is swept.
#[derive(Clone, Copy)]
pub(super) enum Swept<'a> {
    /// What stands beside accounts, by a walk through all of them.
    Beside(Beside<'a>),
    /// Changes that wait to be sent, by a walk through those. Of each app those before its time go.
    Unsent(&'a BTreeMap<AppId, TimeMs>),
}

/// What is swept beside accounts.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    /// Touches that came too late for their account.
    Entries,
    /// Changes, by the bounds of the apps.
    Changes(&'a BTreeMap<AppId, HistoryBounds>),
}

impl Beside<'_> {
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
) -> Result<UnsentSweep, StoreError> {
    let mut sweep = UnsentSweep { step: SweepStep { last: after.cloned(), ..SweepStep::default() }, given_up: 0 };
    loop {
        let mut connection = pool.connection().await.map_err(failure::of_pool)?;
        let ended = timeout(
            pool.statement_max(),
            advance(&mut connection, &mut sweep, rows_max, swept, pool.statement_max() / 4),
        )
        .await;
        let ended = ended.unwrap_or_else(|_| Err(Failure::TimedOut.into()));
        if ended.is_err() {
            drop(Pooled::take(connection));
        }
        // No place is before the first account: a step that may not end there goes on.
        if ended? == Progress::Whole || sweep.step.last.is_some() {
            return Ok(sweep);
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
/// has it, nothing is done and the next step is this one again.
async fn advance(
    client: &mut Client,
    sweep: &mut UnsentSweep,
    rows_max: usize,
    swept: Swept<'_>,
    time: Duration,
) -> Result<Progress, StoreError> {
    let transaction = client.transaction().await.map_err(failure::of_statement)?;
    let locked = transaction.read(&statements::LOCK_SWEEP, &[]).await?;
    if !locked.first().map_or(Ok(false), |row| columns::column(row, 0))? {
        return Ok(Progress::Whole);
    }
    let until = Instant::now() + time;
    match swept {
        Swept::Unsent(not_before) => unsent::advance(transaction, sweep, rows_max, not_before, until).await,
        Swept::Beside(swept) => {
            let accounts_max = rows_max.clamp(1, swept.accounts_max());
            advance_beside(transaction, &mut sweep.step, accounts_max, swept, until).await
        }
    }
}

/// Counts accounts, however many rows they have.
async fn advance_beside(
    transaction: Transaction<'_>,
    step: &mut SweepStep,
    accounts_max: usize,
    swept: Beside<'_>,
    until: Instant,
) -> Result<Progress, StoreError> {
    let (after, removed, mut looked_at) = (step.last.clone(), step.removed, 0);
    let (mut left, mut progress) = (changes::Budget::of(accounts_max, until), Progress::Whole);
    let mut walk = Walk::after(apps::place_of(after.as_ref()), accounts_max);
    while progress == Progress::Whole && looked_at < accounts_max {
        let Some(page) = walk.next(&transaction).await? else {
            step.last = None;
            break;
        };
        progress = match swept {
            Beside::Entries => entries_of(&transaction, &page, step).await?,
            Beside::Changes(bounds) => changes::remove_of(&transaction, &page, bounds, step, &mut left).await?,
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
