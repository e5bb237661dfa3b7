//! All that is kept for one app.

use pinfold_core::{AccountId, AppId};
use tokio_postgres::Row;

use super::lanes::Subject;
use super::pool::Pool;
use super::questions::Parameter;
use super::{columns, statements, walk};
use crate::{AccountKey, StoreError};

pub(super) async fn list(pool: &Pool, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
    let (mut found, mut after) = (Vec::new(), after.map_or(-1, |app| i64::from(app.0)));
    while found.len() < count_max {
        let rows = pool.read(&statements::APP_AFTER, &[&after]).await?.rows;
        let next = rows.first().map(|row| columns::column::<Option<i64>>(row, 0)).transpose()?.flatten();
        let Some(app) = next else { break };
        found.push(AppId(u32::try_from(app).map_err(|_| StoreError::Damaged(format!("{app} is not an app")))?));
        after = app;
    }
    Ok(found)
}

pub(super) async fn list_accounts_of(
    pool: &Pool,
    app: AppId,
    after: Option<&AccountKey>,
    count_max: usize,
) -> Result<Vec<AccountKey>, StoreError> {
    let after = after.map_or("", |key| key.account.as_str());
    let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
    let rows = pool.read(&statements::ACCOUNTS_OF, &[&i64::from(app.0), &after, &count_max]).await?.rows;
    let account = |row| AccountId::parse(columns::column(row, 0)?).map_err(columns::not_an_id);
    rows.iter().map(|row| Ok(AccountKey { app, account: account(row)? })).collect()
}

pub(super) async fn list_accounts(
    pool: &Pool,
    after: Option<&AccountKey>,
    count_max: usize,
) -> Result<Vec<AccountKey>, StoreError> {
    let (app, account) = place_of(after);
    let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
    let rows = pool.read(&statements::ACCOUNTS_AFTER, &[&app, &account, &count_max]).await?.rows;
    rows.iter().map(|row| to_key(row, 0)).collect()
}

/// Where a walk over all accounts goes on that has come to this one.
pub(super) fn place_of(after: Option<&AccountKey>) -> (i64, &str) {
    after.map_or(walk::START, |key| (i64::from(key.app.0), key.account.as_str()))
}

/// The account that two columns of a row name, its app in the first of them.
pub(super) fn to_key(row: &Row, first: usize) -> Result<AccountKey, StoreError> {
    let account = AccountId::parse(columns::column(row, first + 1)?).map_err(columns::not_an_id)?;
    Ok(AccountKey { app: AppId(columns::number(row, first)?), account })
}

pub(super) async fn forget_chat_groups(pool: &Pool, app: AppId, count_max: usize) -> Result<u64, StoreError> {
    let (app, count_max) = (i64::from(app.0), i64::try_from(count_max).unwrap_or(i64::MAX));
    let forgotten = pool.run(Subject(app, ""), &statements::FORGET_CHAT_GROUPS, &[&app, &count_max]).await?.affected;
    if forgotten == 0 {
        forget_times(pool, app, count_max).await?;
        pool.run(Subject(app, ""), &statements::FORGET_CHAT_GROUP_COUNT, &[&app]).await?;
    }
    Ok(forgotten)
}

/// Forgets the times of all chat groups of an app, so many at a time.
async fn forget_times(pool: &Pool, app: i64, count_max: i64) -> Result<(), StoreError> {
    let parameters: [Parameter<'_>; 2] = [&app, &count_max];
    while pool.run(Subject(app, ""), &statements::FORGET_CHAT_GROUP_TIMES, &parameters).await?.affected > 0 {}
    Ok(())
}
