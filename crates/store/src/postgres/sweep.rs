//! Removes what ended lives left behind: touches that came too late for their account.

use tokio::time::timeout;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};

use super::connection::Pooled;
use super::failure::{self, Failure};
use super::pool::Pool;
use super::questions::Parameter;
use super::statements::{self, Statement};
use super::{apps, columns};
use crate::{AccountKey, StoreError, SweepStep};

/// The most accounts of one step. Each of their entries costs a look at its head, 33 µs where processors are short, and a
/// step has to end within the time that a statement has.
const ACCOUNTS_MAX: usize = 16;
/// After the last account.
const END: (i64, &str) = (i64::MAX, "");

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
    let locked = ask(&transaction, &statements::LOCK_SWEEP, &[]).await?;
    if !locked.first().map_or(Ok(false), |row| columns::column(row, 0))? {
        return Ok(SweepStep { last: after.cloned(), ..SweepStep::default() });
    }
    let after = apps::place_of(after);
    let accounts_max = rows_max.clamp(1, ACCOUNTS_MAX);
    let page_max = i64::try_from(accounts_max).unwrap_or(i64::MAX);
    let page = ask(&transaction, &statements::ACCOUNTS_AFTER, &[&after.0, &after.1, &page_max]).await?;
    let last = last_of(&page, accounts_max)?;
    let to = if last.is_some() { apps::place_of(last.as_ref()) } else { END };
    let accounts = typed(&statements::SWEEP, &[&after.0, &after.1, &to.0, &to.1]);
    let removed = transaction.execute_typed(&statements::SWEEP.sql, &accounts).await.map_err(failure::of_statement)?;
    transaction.commit().await.map_err(failure::of_statement)?;
    Ok(SweepStep { removed, last, damage: None })
}

/// The last account of a full page, or the one before where its id is damaged: the next step begins after it. `None` if
/// there is no next step.
fn last_of(page: &[Row], accounts_max: usize) -> Result<Option<AccountKey>, StoreError> {
    if page.len() < accounts_max {
        return Ok(None);
    }
    let last = page.iter().rev().find_map(|row| apps::to_key(row, 0).ok());
    last.map(Some).ok_or_else(|| StoreError::Damaged(format!("{accounts_max} accounts in a row have damaged ids")))
}

async fn ask(
    transaction: &Transaction<'_>,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<Vec<Row>, Failure> {
    transaction.query_typed(&statement.sql, &typed(statement, parameters)).await.map_err(failure::of_statement)
}

fn typed<'a>(statement: &Statement, parameters: &[Parameter<'a>]) -> Vec<(Parameter<'a>, Type)> {
    parameters.iter().copied().zip(statement.types.iter().cloned()).collect()
}
