//! Reads changes, and where accounts stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pinfold_core::{AccountId, AppId, HistoryChange, Revision};
use tokio_postgres::Row;

use crate::history::encoding;
use crate::postgres::columns::{column, number_or_0};
use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::questions::Question;
use crate::postgres::{changes, rows, statements};
use crate::{AccountKey, ChangeRange, Life, Position, StoreError};

/// Changes that one statement reads.
const CHANGES_MAX: usize = 256;
/// Accounts that one statement is asked about.
const ACCOUNTS_MAX: usize = 1000;

/// One statement for most ranges. The database counts stored bytes, which are fewer than those of the range's bound or, in
/// odd cases, more: then another one reads on.
pub(super) async fn changes(
    pool: &Pool,
    account: &AccountKey,
    life: Life,
    range: &ChangeRange,
) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
    let mut left = *range;
    let mut read = Vec::new();
    while left.count_max > 0 && left.bytes_max > 0 && left.from < left.until {
        // Boxed, as the compiler follows futures in futures only so deep.
        let page = Box::pin(page(pool, account, life, &left)).await?;
        for change in page.changes {
            left.count_max -= 1;
            left.bytes_max = left.bytes_max.saturating_sub(change.weight());
            match left.descending {
                true => left.until = change.revision,
                false => left.from = Revision(change.revision.0.saturating_add(1)),
            }
            read.push(Arc::new(change));
            if left.bytes_max == 0 {
                break;
            }
        }
        if page.is_last {
            break;
        }
    }
    Ok(read)
}

/// What one statement read.
struct Page {
    changes: Vec<HistoryChange>,
    /// Whether there is no more in the range.
    is_last: bool,
}

async fn page(pool: &Pool, account: &AccountKey, life: Life, range: &ChangeRange) -> Result<Page, StoreError> {
    let statement = if range.descending { &statements::CHANGES_BACK } else { &statements::CHANGES };
    let (count_max, app, id) = (range.count_max.min(CHANGES_MAX), i64::from(account.app.0), account.account.as_str());
    let question = Question::of(statement).with(app).with(id);
    let question = question.with(changes::key_of(life, range.from)).with(changes::key_of(life, range.until));
    let question = question.with(life.0.cast_signed()).with(to_i64(count_max)).with(to_i64(range.bytes_max));
    let [answer] = pool.ask(Subject(app, id), [Some(question)]).await?;
    let rows = answer.map_or_else(Vec::new, |answer| answer.rows);
    let stored = rows.iter().map(|row| column::<&[u8]>(row, 1).map(<[u8]>::len)).sum::<Result<usize, _>>()?;
    let changes = rows.iter().map(|row| change(&account.account, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { is_last: rows.len() < count_max && stored < range.bytes_max, changes })
}

fn change(account: &AccountId, row: &Row) -> Result<HistoryChange, StoreError> {
    let (_, revision) = changes::split(column(row, 0)?)?;
    encoding::decode(account, revision, column(row, 1)?)
}

pub(super) async fn positions(pool: &Pool, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
    let mut asked = BTreeMap::<AppId, BTreeSet<&str>>::new();
    for AccountKey { app, account } in accounts {
        asked.entry(*app).or_default().insert(account.as_str());
    }
    let mut found = BTreeMap::<AppId, BTreeMap<String, Position>>::new();
    for (app, asked) in asked {
        let asked: Vec<_> = asked.into_iter().collect();
        for asked in asked.chunks(ACCOUNTS_MAX) {
            let answers = pool.ask_all(Subject(app.0.into(), ""), &questions(app, asked)).await?;
            let rows = answers.iter().flat_map(|answer| &answer.rows);
            let positions = rows.map(|row| Ok((column(row, 0)?, position(row)?)));
            let positions = positions.collect::<Result<BTreeMap<_, _>, StoreError>>()?;
            found.entry(app).or_default().extend(positions);
        }
    }
    Ok(accounts.iter().map(|key| found.get(&key.app)?.get(key.account.as_str()).copied()).collect())
}

/// A question for each of a few accounts, which is answered from the primary key even where the database knows little of
/// the table, and one for many.
fn questions<'a>(app: AppId, accounts: &[&'a str]) -> Vec<Question<'a>> {
    let app = i64::from(app.0);
    match accounts.len() {
        ..=statements::FEW_ACCOUNTS => {
            let of = |account: &&'a str| Question::of(&statements::POSITION).with(app).with(*account);
            accounts.iter().map(of).collect()
        }
        _ => vec![Question::of(&statements::POSITIONS).with(app).with(accounts.to_vec())],
    }
}

fn position(row: &Row) -> Result<Position, StoreError> {
    let (revision, history_from) = (Revision(number_or_0(row, 2)?), number_or_0(row, 3)?);
    Ok(Position { life: rows::to_life(row, 1)?, revision, history_from, imported: column(row, 4)? })
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
