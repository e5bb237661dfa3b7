//! A snapshot of everything in one transaction, whose first statement sets the instant.

mod history;
mod outbox;
mod recents;

use std::time::Duration;

use pinfold_core::{AccountState, AppId};
use tokio_postgres::Row;

use super::connection::{Connection, Pooled};
use super::failure::told;
use super::open::NO_TIME_LIMIT;
use super::pool::Pool;
use super::questions::Parameter;
use super::statements::{self, Statement};
use super::walk::{Page, Place, Reads, Walk};
use super::{apps, chat_groups, columns, rows};
use crate::dump::name;
use crate::snapshot::{SnapshotSender, Stop};
use crate::{AccountKey, Damage, OnDamage, RegisterCounts, Snapshot, SnapshotItem, StoreError};

/// Accounts whose rows are read together.
const ACCOUNTS: usize = 64;
const CHAT_GROUPS: i64 = 256;
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Begins a snapshot on a connection of its own, which is closed when it ends.
pub(super) async fn begin(
    pool: &Pool,
    after: Option<&AccountKey>,
    on_damage: OnDamage,
    with_history: bool,
) -> Result<Snapshot, StoreError> {
    let connection = pool.tested_connection().await?;
    let transaction = Transaction { client: Pooled::take(connection), statement_max: pool.statement_max() };
    transaction.begin().await?;
    let is_sharded = transaction.is_sharded().await?;
    let (app, account) = apps::place_of(after);
    let after = (app, account.to_owned());
    let snapshot = Snapshot::spawned(|sender| async move {
        accounts(&transaction, after, &sender).await?;
        recents::entries(&transaction, &sender).await?;
        if with_history {
            history::changes(&transaction, &sender).await?;
        }
        if on_damage == OnDamage::Skip {
            outbox::without_change(&transaction, &sender).await?;
        }
        all_chat_groups(&transaction, &sender).await?;
        recents::chat_group_times(&transaction, &sender).await?;
        counts(&transaction, &sender).await
    });
    Ok(if is_sharded { snapshot.over_shards() } else { snapshot })
}

/// Nothing has to be committed: it ends with its connection.
struct Transaction {
    client: Connection,
    statement_max: Duration,
}

impl Transaction {
    async fn begin(&self) -> Result<(), StoreError> {
        self.in_time(self.client.batch_execute(&format!("{BEGIN}; {NO_TIME_LIMIT}"))).await?;
        self.read(&statements::SCHEMA, &[]).await.map(|_| ())
    }

    /// Whether Citus has our rows on several servers: then a transaction sees each of them at another instant.
    async fn is_sharded(&self) -> Result<bool, StoreError> {
        let is = |rows: Vec<Row>| rows.first().map_or(Ok(false), |row| columns::column(row, 0));
        if !is(self.read(&statements::HAS_SHARDS, &[]).await?)? {
            return Ok(false);
        }
        is(self.read(&statements::IS_SHARDED, &[]).await?)
    }

    /// A snapshot changes nothing, so that all its failures may name their cause: none leaves an outcome open.
    async fn in_time<T>(&self, asked: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, StoreError> {
        let answered = tokio::time::timeout(self.statement_max, asked).await.map_err(|_| {
            StoreError::Failed(format!("the database did not answer within {} s", self.statement_max.as_secs_f64()))
        })?;
        answered.map_err(|error| StoreError::Failed(format!("the database ended the reading: {}", told(&error))))
    }
}

impl Reads for Transaction {
    async fn read(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let typed: Vec<_> = parameters.iter().copied().zip(statement.types.iter().cloned()).collect();
        self.in_time(self.client.query_typed(&statement.sql, &typed)).await
    }
}

async fn accounts(transaction: &Transaction, (app, account): Place, sender: &SnapshotSender) -> Result<(), Stop> {
    let mut walk = Walk::after((app, &account), ACCOUNTS);
    while let Some(Page { app, after, to, .. }) = walk.next(transaction).await? {
        tell_accounts(&transaction.read(&statements::ROWS_BETWEEN, &[&app, &after, &to]).await?, sender).await?;
    }
    Ok(())
}

async fn tell_accounts(rows: &[Row], sender: &SnapshotSender) -> Result<(), Stop> {
    let key = |row: &Row| (row.try_get::<_, i64>(APP).ok(), row.try_get::<_, String>(ACCOUNT).ok());
    for of_account in rows.chunk_by(|one, other| key(one) == key(other)) {
        let found = match account(of_account) {
            Ok((account, Ok(state))) => SnapshotItem::Account(account, state.into()),
            Ok((account, Err(error))) => SnapshotItem::Damage(Damage::new(name(&account), &error)),
            Err(error) => SnapshotItem::Damage(Damage::new("a row of some account", &error)),
        };
        sender.found(found).await?;
    }
    Ok(())
}

/// Indexes of the columns that name the account, after those that every statement reads.
const APP: usize = 22;
const ACCOUNT: usize = 23;

type Read = (AccountKey, Result<AccountState, StoreError>);

fn account(of_account: &[Row]) -> Result<Read, StoreError> {
    let row = of_account.first().ok_or_else(|| StoreError::Damaged("an account has no rows".into()))?;
    let account = apps::to_key(row, APP)?;
    Ok((account, rows::decode(of_account).map(|(_, state)| state)))
}

async fn all_chat_groups(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    let mut after = (-1i64, -1i64);
    loop {
        let page = transaction.read(&statements::ALL_CHAT_GROUPS_AFTER, &[&after.0, &after.1, &CHAT_GROUPS]).await?;
        for row in &page {
            after = (columns::column(row, 7)?, columns::column(row, 1)?);
            let found = match columns::number(row, 7).and_then(|app| Ok((AppId(app), chat_groups::to_listed(row)?))) {
                Ok((app, listed)) => SnapshotItem::ChatGroup(app, listed),
                Err(error) => {
                    let what = format!("chat group number {} of app {}", after.1, after.0);
                    SnapshotItem::Damage(Damage::new(what, &error))
                }
            };
            sender.found(found).await?;
        }
        if page.len() as i64 != CHAT_GROUPS {
            return Ok(());
        }
    }
}

async fn counts(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    for row in transaction.read(&statements::ALL_CHAT_GROUP_COUNTS, &[]).await? {
        let live = columns::column::<i64>(&row, 2)?.cast_unsigned();
        let counts = RegisterCounts { live, last_serial: columns::number(&row, 1)? };
        sender.found(SnapshotItem::Counts(AppId(columns::number(&row, 0)?), counts)).await?;
    }
    Ok(())
}
