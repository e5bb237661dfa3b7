//! What waits to be sent, in a snapshot that tells of damage. Backups hold none of it.

use super::Transaction;
use crate::dump::name;
use crate::postgres::changes::split;
use crate::postgres::columns::column;
use crate::postgres::walk::{Reads as _, START};
use crate::postgres::{apps, statements};
use crate::snapshot::{SnapshotSender, Stop};
use crate::{Damage, SnapshotItem};

/// Unsent changes that are read together.
const CHANGES: i64 = 256;

/// Tells of each that cannot be sent because its change is not there.
pub(super) async fn without_change(transaction: &Transaction, sender: &SnapshotSender) -> Result<(), Stop> {
    let (mut app, mut account, mut key) = (START.0, START.1.to_owned(), String::new());
    loop {
        let parameters = [&app as _, &account as _, &key as _, &CHANGES as _];
        let page = transaction.read(&statements::UNSENT_WITHOUT_CHANGE, &parameters).await?;
        let Some(last) = page.last() else { return Ok(()) };
        for row in &page {
            if !column::<bool>(row, 3)? {
                continue;
            }
            let damage = match (apps::to_key(row, 0), split(column(row, 2)?)) {
                (Ok(account), Ok((_, revision))) => {
                    let problem = format!("change {} waits to be sent and is not in its history", revision.0);
                    Damage { what: name(&account), problem }
                }
                (Ok(account), Err(error)) => Damage::new(name(&account), &error),
                (Err(error), _) => Damage::new("an unsent change of some account", &error),
            };
            sender.found(SnapshotItem::Damage(damage)).await?;
        }
        (app, account, key) = (column(last, 0)?, column(last, 1)?, column(last, 2)?);
    }
}
