//! Removes changes, account by account.

use std::collections::BTreeMap;
use std::time::Instant;

use pinfold_core::{AccountId, AppId};
use tokio_postgres::Transaction;

use super::{Progress, pass, remove};
use crate::postgres::columns::column;
use crate::postgres::questions::Parameter;
use crate::postgres::statements;
use crate::postgres::walk::{Page, Reads as _};
use crate::{AccountKey, HistoryBounds, StoreError, SweepStep};

/// Rows that one transaction removes: about 20 ms.
const ROWS_MAX: i64 = 4096;
/// Rows that one statement reads and removes.
const ROWS_AT_ONCE: i64 = 1024;

/// What one transaction may still do.
pub(super) struct Budget {
    /// Accounts with changes, there or not: each costs three round trips.
    accounts: usize,
    rows: i64,
    /// A slow disk should not have it run out of the time that it has.
    until: Instant,
}

impl Budget {
    pub(super) fn of(accounts_max: usize, until: Instant) -> Self {
        Self { accounts: accounts_max, rows: ROWS_MAX, until }
    }

    fn is_spent(&self) -> bool {
        self.accounts == 0 || Instant::now() >= self.until
    }
}

/// Removes changes of the accounts of a page, and of those that were between them, as long as the budget lasts.
pub(super) async fn remove_of(
    transaction: &Transaction<'_>,
    page: &Page,
    bounds: &BTreeMap<AppId, HistoryBounds>,
    step: &mut SweepStep,
    left: &mut Budget,
) -> Result<Progress, StoreError> {
    let app = u32::try_from(page.app).map(AppId).ok();
    let not_before = app.and_then(|app| bounds.get(&app)).map_or(0, |bounds| bounds.not_before.0);
    let not_before = i64::try_from(not_before).unwrap_or(i64::MAX);
    let mut after = page.after.clone();
    while let Some(account) = next(transaction, page, &after).await? {
        let place = (page.app, &*account);
        while remove_from(transaction, place, not_before, &mut step.removed, &mut left.rows).await? {
            if left.rows <= 0 {
                return Ok(Progress::Cut);
            }
        }
        if let (Some(app), Ok(account)) = (app, AccountId::parse(&account)) {
            step.last = Some(AccountKey { app, account });
        }
        left.accounts -= 1;
        if left.is_spent() {
            return Ok(Progress::Cut);
        }
        after = account;
    }
    pass(page, step);
    Ok(Progress::Whole)
}

/// The next account of the page that changes are stored of.
async fn next(transaction: &Transaction<'_>, page: &Page, after: &str) -> Result<Option<String>, StoreError> {
    let rows = transaction.read(&statements::WITH_CHANGES_AFTER, &[&page.app, &after, &page.to]).await?;
    rows.first().map(|row| column(row, 0)).transpose()
}

/// Removes what is to go of one account, up to a number of rows; whether there may be more.
async fn remove_from(
    transaction: &Transaction<'_>,
    (app, account): (i64, &str),
    not_before: i64,
    removed: &mut u64,
    rows_left: &mut i64,
) -> Result<bool, StoreError> {
    let earlier =
        (&*statements::SWEEP_EARLIER_CHANGES, &[&app as Parameter<'_>, &account, &not_before, &ROWS_AT_ONCE][..]);
    let later = (&*statements::SWEEP_LATER_CHANGES, &[&app as Parameter<'_>, &account, &ROWS_AT_ONCE][..]);
    let mut may_be_more = false;
    for (statement, parameters) in [earlier, later] {
        let rows = remove(transaction, statement, parameters).await?;
        *removed += rows;
        *rows_left = rows_left.saturating_sub_unsigned(rows);
        may_be_more |= rows >= ROWS_AT_ONCE.unsigned_abs();
    }
    Ok(may_be_more)
}
