//! Removes changes that were sent.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::{COMMITS_AT_ONCE_MAX, changes, statements, touches};
use crate::{SentChange, StoreError};

/// Changes that one statement removes. The database may compare each of its rows with each of them, where it knows little
/// of the table.
const ROWS_MAX: usize = 256;

/// Where accounts are on shards, a statement stays on one: it names one account. Elsewhere it names many, so that all of them
/// are one commit.
pub(super) async fn remove_sent(pool: &Pool, is_sharded: bool, sent: &[SentChange]) -> Result<(), StoreError> {
    let together = |one: &&SentChange, other: &&SentChange| {
        let (one, other) = (&one.account, &other.account);
        if is_sharded { one == other } else { one.app == other.app }
    };
    // In one order, so that no two statements wait for each other's rows.
    let mut sorted: Vec<_> = sent.iter().collect();
    sorted.sort_unstable_by(|one, other| (&one.account, one.revision).cmp(&(&other.account, other.revision)));
    let mut removals = Vec::new();
    for rows in sorted.chunk_by(together).flat_map(|rows| rows.chunks(ROWS_MAX)) {
        removals.push(remove(pool, is_sharded, rows));
    }
    stream::iter(removals).buffer_unordered(COMMITS_AT_ONCE_MAX).try_collect().await
}

/// Removes changes of one app, on a database with shards of one account.
async fn remove(pool: &Pool, is_sharded: bool, sent: &[&SentChange]) -> Result<(), StoreError> {
    let Some(first) = sent.first() else { return Ok(()) };
    let (app, account) = (i64::from(first.account.app.0), first.account.account.as_str());
    let keys: Vec<_> = sent.iter().map(|sent| changes::key_of(sent.life, sent.revision)).collect();
    if is_sharded {
        let parameters = [&app as _, &account as _, &keys as _];
        touches::run(pool, Subject(app, account), &statements::REMOVE_SENT, &parameters).await?;
    } else {
        let accounts: Vec<_> = sent.iter().map(|sent| sent.account.account.as_str()).collect();
        let parameters = [&app as _, &accounts as _, &keys as _];
        touches::run(pool, Subject(app, ""), &statements::REMOVE_SENT_OF_MANY, &parameters).await?;
    }
    Ok(())
}
