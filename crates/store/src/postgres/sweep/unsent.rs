//! Removes changes that wait to be sent: those of lives that have ended, and those that waited too long.

use std::collections::BTreeMap;
use std::time::Instant;

use pinfold_core::{AccountId, AppId, TimeMs};
use tokio_postgres::Transaction;

use super::{Progress, remove};
use crate::postgres::columns::{column, not_an_id};
use crate::postgres::questions::Parameter;
use crate::postgres::walk::{Place, Reads as _};
use crate::postgres::{apps, failure, statements};
use crate::{AccountKey, StoreError, UnsentSweep};

/// Rows that one statement looks at, or removes.
const ROWS_AT_ONCE: i64 = 1024;

/// Goes through what waits, app after app, until so many rows were looked at or the time is over.
pub(super) async fn advance(
    transaction: Transaction<'_>,
    sweep: &mut UnsentSweep,
    rows_max: usize,
    not_before: &BTreeMap<AppId, TimeMs>,
    until: Instant,
) -> Result<Progress, StoreError> {
    let mut left = i64::try_from(rows_max).unwrap_or(i64::MAX).max(1);
    let mut progress = Progress::Whole;
    while left > 0 && progress == Progress::Whole {
        let (app, account) = apps::place_of(sweep.step.last.as_ref());
        let place = (app, account.to_owned());
        let Some((page, rows)) = next_page(&transaction, place, left.min(ROWS_AT_ONCE)).await? else {
            sweep.step.last = None;
            break;
        };
        progress = remove_of(&transaction, &page, not_before, sweep, until).await?;
        if progress == Progress::Whole {
            sweep.step.last = Some(page.last()?);
        }
        left -= rows;
    }
    transaction.commit().await.map_err(failure::of_statement)?;
    Ok(progress)
}

/// Accounts of an app with unsent changes: after one, up to another.
struct Page {
    app: i64,
    after: String,
    to: String,
}

impl Page {
    fn last(&self) -> Result<AccountKey, StoreError> {
        let app = u32::try_from(self.app).map_err(|_| StoreError::Damaged(format!("{} is not an app", self.app)))?;
        Ok(AccountKey { app: AppId(app), account: AccountId::parse(&self.to).map_err(not_an_id)? })
    }
}

/// The next page with about so many rows, and how many were looked at.
async fn next_page(
    transaction: &Transaction<'_>,
    (mut app, mut after): Place,
    rows_max: i64,
) -> Result<Option<(Page, i64)>, StoreError> {
    loop {
        let rows = transaction.read(&statements::ACCOUNTS_UNSENT_AFTER, &[&app, &after, &rows_max]).await?;
        if let Some(last) = rows.last() {
            return Ok(Some((Page { app, after, to: column(last, 0)? }, rows.len() as i64)));
        }
        let next = transaction.read(&statements::APP_UNSENT_AFTER, &[&app]).await?;
        let Some(next) = next.first() else { return Ok(None) };
        (app, after) = (column(next, 0)?, String::new());
    }
}

/// Of an app that is not named only changes of ended lives go.
async fn remove_of(
    transaction: &Transaction<'_>,
    Page { app, after, to }: &Page,
    not_before: &BTreeMap<AppId, TimeMs>,
    sweep: &mut UnsentSweep,
    until: Instant,
) -> Result<Progress, StoreError> {
    let not_before = u32::try_from(*app).ok().and_then(|app| not_before.get(&AppId(app)));
    let not_before = not_before.map_or(0, |not_before| i64::try_from(not_before.0).unwrap_or(i64::MAX));
    loop {
        let ended = [app as Parameter<'_>, after, to, &ROWS_AT_ONCE];
        let ended = remove(transaction, &statements::SWEEP_ENDED_UNSENT, &ended).await?;
        let old = [app as Parameter<'_>, after, to, &not_before, &ROWS_AT_ONCE];
        let old = remove(transaction, &statements::SWEEP_OLD_UNSENT, &old).await?;
        sweep.step.removed += ended + old;
        sweep.given_up += old;
        if ended.max(old) < ROWS_AT_ONCE.unsigned_abs() {
            return Ok(Progress::Whole);
        }
        if Instant::now() >= until {
            return Ok(Progress::Cut);
        }
    }
}
