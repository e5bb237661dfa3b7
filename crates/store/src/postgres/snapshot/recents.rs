//! Entries of recent conversations in a snapshot, and the last messages of chat groups.

use std::collections::BTreeMap;

use pinfold_core::{AppId, ChatGroupId, Timestamp};
use tokio_postgres::Row;

use super::{ACCOUNTS, CHAT_GROUPS, Transaction};
use crate::dump::{name, name_of_chat_group};
use crate::postgres::columns::{column, not_an_id, number};
use crate::postgres::walk::{Page, Place, Reads as _, START, Walk};
use crate::postgres::{apps, entries, rows, statements};
use crate::snapshot::{SnapshotSender, Stop};
use crate::{Damage, Life, SnapshotItem, StoreError};

/// Entries that are read together.
const ENTRIES: i64 = 1024;

/// Those of all accounts that are there, page by page of accounts.
pub(super) async fn entries(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    let mut walk = Walk::after(START, ACCOUNTS);
    while let Some(page) = walk.next(transaction).await? {
        if !page.accounts.is_empty() {
            entries_of(transaction, sender, page).await?;
        }
    }
    Ok(())
}

/// Sends the entries of these accounts. It reads page by page, because the number of entries has no bound.
async fn entries_of(
    transaction: &Transaction,
    sender: &SnapshotSender,
    Page { app, after, to, accounts }: Page,
) -> Result<(), Stop> {
    let lives = accounts.iter().map(|row| Ok((place(row, 0)?, rows::to_life(row, 2)?)));
    let lives = lives.collect::<Result<BTreeMap<_, _>, StoreError>>()?;
    let mut after = (after, i16::MAX, String::new());
    loop {
        let (account, kind, key) = &after;
        let parameters = [&app as _, account as _, kind as _, key as _, &to as _, &ENTRIES as _];
        let page = transaction.read(&statements::ENTRIES_BETWEEN, &parameters).await?;
        let Some(row) = page.last() else { return Ok(()) };
        after = (column(row, 4)?, column(row, 0)?, column(row, 1)?);
        for row in &page {
            if let Some(item) = entry(row, &lives)? {
                sender.found(item).await?;
            }
        }
    }
}

/// `None` for what a life that has ended left behind.
fn entry(row: &Row, lives: &BTreeMap<Place, Life>) -> Result<Option<SnapshotItem>, StoreError> {
    let life = lives.get(&place(row, 3)?);
    let account = match apps::to_key(row, 3) {
        Ok(account) => account,
        Err(error) => return Ok(Some(SnapshotItem::Damage(Damage::new("an entry of some account", &error)))),
    };
    Ok(match entries::decode(row) {
        Ok((of, entry)) => (life == Some(&of)).then_some(SnapshotItem::Entry(account, entry)),
        Err(error) => Some(SnapshotItem::Damage(Damage::new(name(&account), &error))),
    })
}

fn place(row: &Row, first: usize) -> Result<Place, StoreError> {
    Ok((column(row, first)?, column(row, first + 1)?))
}

/// Those of all apps, whether the chat group is registered or not.
pub(super) async fn chat_group_times(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    let mut after = (-1i64, String::new());
    loop {
        let (app, id) = &after;
        let page = transaction.read(&statements::CHAT_GROUP_TIMES_AFTER, &[app, id, &CHAT_GROUPS]).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = place(last, 0)?;
        for row in &page {
            sender.found(chat_group_time(row)?).await?;
        }
    }
}

fn chat_group_time(row: &Row) -> Result<SnapshotItem, StoreError> {
    let app = AppId(number(row, 0)?);
    let id = ChatGroupId::parse(column(row, 1)?).map_err(not_an_id)?;
    Ok(match number(row, 2) {
        Ok(at) => SnapshotItem::ChatGroupTime(app, id, Timestamp(at)),
        Err(error) => SnapshotItem::Damage(Damage::new(name_of_chat_group(app, &id), &error)),
    })
}
