//! Reads what waits to be sent.

use std::sync::Arc;

use pinfold_core::{AccountId, AppId, TimeMs};
use tokio_postgres::Row;

use crate::history::encoding;
use crate::outbox::share_of;
use crate::postgres::columns::{column, not_an_id};
use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::questions::Question;
use crate::postgres::{changes, rows, statements};
use crate::{AccountKey, Backlog, PageBounds, SentUpTo, Shares, StoreError, Unsent, UnsentPage, Waiting, WaitingPage};

/// Changes that one statement counts.
const BACKLOG_ROWS: u64 = 10_000;

/// One statement, which reads accounts of all shares.
pub(super) async fn waiting(
    pool: &Pool,
    is_sharded: bool,
    (app, shares): (AppId, Shares),
    after: Option<&AccountId>,
    count_max: usize,
) -> Result<WaitingPage, StoreError> {
    let statement = if is_sharded { &statements::WAITING_ON_SHARDS } else { &statements::WAITING };
    let after = after.map_or("", AccountId::as_str);
    let found = pool.read(statement, &[&i64::from(app.0), &after, &to_i64(count_max)]).await?.rows;
    let mut page = WaitingPage::default();
    for row in &found {
        let account = AccountId::parse(column(row, 0)?).map_err(not_an_id)?;
        if shares.contains(share_of(&account)) {
            page.accounts.extend(to_waiting(account.clone(), row)?);
        }
        page.last = Some(account);
    }
    Ok(page)
}

/// `None` for an account that has no unsent change of its life.
fn to_waiting(account: AccountId, row: &Row) -> Result<Option<Waiting>, StoreError> {
    let Some(key) = column::<Option<&str>>(row, 1)? else { return Ok(None) };
    let (life, first) = changes::split(key)?;
    Ok(Some(Waiting { account, life, first, since: time(row, 2)? }))
}

/// One statement. It reads one change more than is asked for, which tells whether there are more.
pub(super) async fn unsent(
    pool: &Pool,
    account: &AccountKey,
    after: Option<SentUpTo>,
    PageBounds { count_max, bytes_max }: PageBounds,
) -> Result<UnsentPage, StoreError> {
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    let after = after.map(|SentUpTo { life, revision }| (life.0.cast_signed(), changes::key_of(life, revision)));
    let (life, key) = after.unzip();
    let question = Question::of(&statements::UNSENT).with(app).with(id).with(life).with(key);
    let question = question.with(to_i64(count_max.saturating_add(1))).with(to_i64(bytes_max));
    let [answer] = pool.ask(Subject(app, id), [Some(question)]).await?;
    let found = answer.map_or_else(Vec::new, |answer| answer.rows);
    page(&account.account, &found, count_max, bytes_max)
}

/// The database counts stored bytes, which may be fewer than those of the bound.
fn page(account: &AccountId, found: &[Row], count_max: usize, bytes_max: usize) -> Result<UnsentPage, StoreError> {
    let Some(first) = found.first() else { return Ok(UnsentPage { is_last: true, ..UnsentPage::default() }) };
    let life = Some(rows::to_life(first, 0)?);
    let waiting = column::<i64>(first, 4)?;
    let (mut changes, mut bytes) = (Vec::new(), 0);
    for row in found.iter().take(count_max) {
        if waiting == 0 || bytes >= bytes_max {
            break;
        }
        let unsent = to_unsent(account, row)?;
        bytes += unsent.change.as_ref().map_or(0, |change| change.weight());
        changes.push(unsent);
    }
    let is_last = to_i64(changes.len()) == waiting;
    Ok(UnsentPage { life, changes, is_last })
}

fn to_unsent(account: &AccountId, row: &Row) -> Result<Unsent, StoreError> {
    let (_, revision) = changes::split(column(row, 1)?)?;
    let data = column::<Option<&[u8]>>(row, 3)?;
    let change = data.and_then(|data| encoding::decode(account, revision, data).ok());
    Ok(Unsent { revision, at: time(row, 2)?, change: change.map(Arc::new) })
}

/// Some statements, each of which reads a part of the index: asked for all at once, the database may read all accounts.
pub(super) async fn backlog(pool: &Pool, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
    let (app, mut backlog) = (i64::from(app.0), Backlog::default());
    let (mut account, mut key) = (String::new(), String::new());
    loop {
        let rows_max = BACKLOG_ROWS.min(changes_max - backlog.changes);
        let parameters = [&app as _, &account as _, &key as _, &rows_max.cast_signed() as _];
        let found = pool.read(&statements::BACKLOG, &parameters).await?.rows;
        let Some(row) = found.first() else { return Ok(backlog) };
        let count = |index| column::<i64>(row, index).map(i64::cast_unsigned);
        let (changes, accounts) = (count(0)?, count(1)?);
        if changes == 0 {
            return Ok(backlog);
        }
        backlog.oldest = backlog.oldest.into_iter().chain([time(row, 2)?]).min();
        backlog.changes += changes;
        backlog.accounts += accounts - u64::from(column::<&str>(row, 3)? == account);
        (account, key) = (column(row, 4)?, column(row, 5)?);
        if changes < rows_max || backlog.changes >= changes_max {
            return Ok(backlog);
        }
    }
}

/// One that is missing is damage, which a check names, and never old.
fn time(row: &Row, index: usize) -> Result<TimeMs, StoreError> {
    let at = column::<Option<i64>>(row, index)?;
    Ok(at.map_or(TimeMs(u64::MAX), |at| TimeMs(at.cast_unsigned())))
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
