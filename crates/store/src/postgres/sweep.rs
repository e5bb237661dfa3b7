//! Removes what ended lives left behind: touches that came too late for their account.

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
use crate::{AccountKey, StoreError, SweepStep};

/// The most accounts of one step. Each of their entries costs a look at its head, 33 µs where processors are short, and a
/// step has to end within the time that a statement has.
const ACCOUNTS_MAX: usize = 16;

/// A step on a connection of its own. It may be cancelled: nothing depends on what it removes.
pub(super) async fn step(pool: &Pool, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError> {
    let mut connection = pool.connection().await.map_err(failure::of_pool)?;
    let ended = timeout(pool.statement_max(), step_on(&mut connection, after, rows_max)).await;
    let ended = ended.unwrap_or_else(|_| Err(Failure::TimedOut.into()));
    if ended.is_err() {
        drop(Pooled::take(connection));
    }
    ended
}

/// In one transaction, which holds the lock of the sweep. Where another instance has it, nothing is done and the next step
/// is this one again. Counts accounts, however many rows they have.
async fn step_on(client: &mut Client, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError> {
    let transaction = client.transaction().await.map_err(failure::of_statement)?;
    let mut step = SweepStep { last: after.cloned(), ..SweepStep::default() };
    let locked = transaction.read(&statements::LOCK_SWEEP, &[]).await?;
    if !locked.first().map_or(Ok(false), |row| columns::column(row, 0))? {
        return Ok(step);
    }
    let (mut looked_at, accounts_max) = (0, rows_max.clamp(1, ACCOUNTS_MAX));
    let mut walk = Walk::after(apps::place_of(after), accounts_max);
    while looked_at < accounts_max {
        let Some(Page { app, after, to, accounts }) = walk.next(&transaction).await? else {
            step.last = None;
            break;
        };
        step.removed += remove(&transaction, &statements::SWEEP, &[&app, &after, &to]).await?;
        looked_at += accounts.len();
        // The next step begins after the last account whose id is not damaged.
        step.last = accounts.iter().rev().find_map(|row| apps::to_key(row, 0).ok()).or(step.last);
    }
    transaction.commit().await.map_err(failure::of_statement)?;
    if looked_at >= accounts_max && step.last.as_ref() == after {
        return Err(StoreError::Damaged(format!("{looked_at} accounts in a row have damaged ids")));
    }
    Ok(step)
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
