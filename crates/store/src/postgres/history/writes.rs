//! Puts changes of imported accounts, and trims the history of one.

use pinfold_core::HistoryChange;

use crate::postgres::changes::{AFTER_KEYS, ChangeRow};
use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::questions::Parameter;
use crate::postgres::{entries, statements, touches};
use crate::{AccountKey, HistoryBounds, Life, StoreError};

/// Rows that one statement writes, with four parameters for each of at most 65,535 in all.
const PUT_MAX: usize = 500;
/// Rows that one statement removes: about 20 ms.
const TRIMMED_MAX: u64 = 4096;

pub(super) async fn put(
    pool: &Pool,
    account: &AccountKey,
    life: Life,
    changes: &[HistoryChange],
) -> Result<(), StoreError> {
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    for changes in changes.chunks(PUT_MAX) {
        let rows: Vec<_> = changes.iter().map(|change| ChangeRow::of(&account.account, life, change)).collect();
        let mut parameters: Vec<Parameter<'_>> = vec![&app, &id];
        for ChangeRow { key, revision, at_ms, data } in &rows {
            parameters.extend([key as Parameter<'_>, revision, at_ms, data]);
        }
        touches::run(pool, Subject(app, id), &statements::put_changes(rows.len()), &parameters).await?;
    }
    Ok(())
}

pub(super) async fn trim(
    pool: &Pool,
    account: &AccountKey,
    life: Life,
    HistoryBounds { not_before, changes_max, bytes_max }: HistoryBounds,
) -> Result<u64, StoreError> {
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    let (first, end) = (entries::prefix(life), entries::prefix(life) + AFTER_KEYS);
    let [count, bytes, not_before] =
        [changes_max as u64, bytes_max as u64, not_before.0].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let at_once = TRIMMED_MAX.cast_signed();
    let parameters: [Parameter<'_>; 8] = [&app, &id, &first, &end, &count, &bytes, &not_before, &at_once];
    let mut trimmed = 0;
    loop {
        let removed = touches::run(pool, Subject(app, id), &statements::TRIM_CHANGES, &parameters).await?;
        trimmed += removed;
        if removed < TRIMMED_MAX {
            return Ok(trimmed);
        }
    }
}
