//! Removes changes, account by account.

use std::collections::BTreeMap;

use pinfold_core::{AccountId, AppId};
use tokio_postgres::Transaction;

use super::{Progress, pass, remove};
use crate::postgres::columns::column;
use crate::postgres::statements;
use crate::postgres::walk::{Page, Reads as _};
use crate::{AccountKey, HistoryBounds, StoreError, SweepStep};

/// Rows that one transaction removes: about 20 ms.
const ROWS_MAX: i64 = 4096;

/// What one transaction may still do.
pub(super) struct Budget {
    /// Accounts with changes, there or not: each costs three round trips.
    accounts: usize,
    rows: i64,
}

impl Budget {
    pub(super) fn of(accounts_max: usize) -> Self {
        Self { accounts: accounts_max, rows: ROWS_MAX }
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
        let removed = remove_from(transaction, (page.app, &account), not_before, left.rows).await?;
        step.removed += removed;
        left.rows = left.rows.saturating_sub_unsigned(removed);
        if left.rows <= 0 {
            return Ok(Progress::Cut);
        }
        if let (Some(app), Ok(account)) = (app, AccountId::parse(&account)) {
            step.last = Some(AccountKey { app, account });
        }
        left.accounts -= 1;
        if left.accounts == 0 {
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

/// Removes what is to go of one account, about so many rows at most.
async fn remove_from(
    transaction: &Transaction<'_>,
    (app, account): (i64, &str),
    not_before: i64,
    rows_max: i64,
) -> Result<u64, StoreError> {
    let earlier = &statements::SWEEP_EARLIER_CHANGES;
    let earlier = remove(transaction, earlier, &[&app, &account, &not_before, &rows_max]).await?;
    let rows_left = rows_max.saturating_sub_unsigned(earlier);
    Ok(earlier + remove(transaction, &statements::SWEEP_LATER_CHANGES, &[&app, &account, &rows_left]).await?)
}
