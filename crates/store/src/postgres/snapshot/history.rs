//! The history in a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use pinfold_core::Head;
use tokio_postgres::Row;

use super::{ACCOUNTS, Transaction};
use crate::dump::name;
use crate::history::{KeptRun, encoding};
use crate::postgres::changes::{AFTER_KEYS, split};
use crate::postgres::columns::{column, number_or_0};
use crate::postgres::statements::{self, kind};
use crate::postgres::walk::{Page, Reads as _, START, Walk};
use crate::postgres::{apps, rows};
use crate::snapshot::{SnapshotSender, Stop};
use crate::{AccountKey, Damage, Life, SnapshotItem};

/// Changes that are read together, and their bytes without those of the last one.
const CHANGES: i64 = 1024;
const BYTES: i64 = 1 << 20;

/// An account, and what its head tells of its changes.
struct Kept {
    account: AccountKey,
    life: Life,
    head: Head,
}

/// That of all accounts that are there, page by page of accounts.
pub(super) async fn changes(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    let mut walk = Walk::after(START, ACCOUNTS);
    while let Some(Page { app, after, to, accounts }) = walk.next(transaction).await? {
        let kept = kept(&accounts, sender).await?;
        if !kept.is_empty() {
            changes_of(transaction, sender, (app, after, &to), &kept).await?;
        }
    }
    Ok(())
}

/// The accounts whose last change is kept, by their ids.
async fn kept(accounts: &[Row], sender: &SnapshotSender) -> Result<BTreeMap<String, Kept>, Stop> {
    let mut kept = BTreeMap::new();
    for row in accounts {
        let head = Head {
            revision: number_or_0(row, 3)?,
            newest_ms: column::<Option<i64>>(row, 4)?.map_or(0, i64::cast_unsigned),
            history_from: number_or_0(row, 5)?,
            ..Head::default()
        };
        match apps::to_key(row, 0) {
            Ok(account) if head.history_from > 0 => {
                let life = rows::to_life(row, 2)?;
                kept.insert(account.account.as_str().to_owned(), Kept { account, life, head });
            }
            Ok(_) => {}
            Err(error) => {
                let damage = Damage::new("the history of some account", &error);
                sender.found(SnapshotItem::Damage(damage)).await?;
            }
        }
    }
    Ok(kept)
}

/// Sends the history of these accounts of one app, which come after one and up to another.
async fn changes_of(
    transaction: &Transaction,
    sender: &SnapshotSender,
    (app, after, to): (i64, String, &str),
    kept: &BTreeMap<String, Kept>,
) -> Result<(), Stop> {
    let mut after = (after, AFTER_KEYS.to_owned());
    let mut run: Option<(&Kept, KeptRun)> = None;
    loop {
        let (account, key) = &after;
        let parameters = [&app as _, account as _, &kind::CHANGE as _, key as _, &to as _, &CHANGES as _, &BYTES as _];
        let page = transaction.read(&statements::CHANGES_BETWEEN, &parameters).await?;
        let Some(last) = page.last() else { break };
        after = (column(last, 0)?, column(last, 1)?);
        for row in &page {
            let account: &str = column(row, 0)?;
            if run.as_ref().is_none_or(|(of, _)| of.account.account.as_str() != account) {
                end(run.take(), sender).await?;
                run = kept.get(account).map(|kept| (kept, KeptRun::of(&kept.account, Some(&kept.head))));
            }
            if let Some((kept, run)) = &mut run {
                tell(row, kept, run, sender).await?;
            }
        }
    }
    end(run, sender).await
}

/// Sends what a row shows; nothing for what a life that has ended left behind.
async fn tell(row: &Row, kept: &Kept, run: &mut KeptRun, sender: &SnapshotSender) -> Result<(), Stop> {
    let revision = match split(column(row, 1)?) {
        Ok((life, revision)) if life == kept.life => revision,
        Ok(_) => return Ok(()),
        Err(error) => {
            let damage = Damage::new(name(&kept.account), &error);
            return sender.found(SnapshotItem::Damage(damage)).await;
        }
    };
    let change = column::<&[u8]>(row, 2).and_then(|data| encoding::decode(&kept.account.account, revision, data));
    for item in run.next(revision, change.map(Arc::new)) {
        sender.found(item).await?;
    }
    Ok(())
}

async fn end(run: Option<(&Kept, KeptRun)>, sender: &SnapshotSender) -> Result<(), Stop> {
    if let Some(item) = run.and_then(|(_, run)| run.end()) {
        sender.found(item).await?;
    }
    Ok(())
}
