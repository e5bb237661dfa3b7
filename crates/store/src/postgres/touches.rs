//! Touches: of two times that are kept for a conversation or a chat group the later one stays.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};

use super::failure::Failure;
use super::lanes::Subject;
use super::pool::Pool;
use super::questions::Parameter;
use super::statements::{self, Statement};
use super::{COMMITS_AT_ONCE_MAX, entries, heads};
use crate::{Life, StoreError, Touched};

/// Rows of one statement, which takes three parameters for each and at most 65,535 in all.
const ROWS_MAX: usize = 500;
/// How often a statement is tried that lost a race, which changed nothing.
const TRIES_MAX: usize = 8;

/// One round trip for the lives of the accounts, then a statement for each account and each chat group.
pub(super) async fn touch(pool: &Pool, app: AppId, touches: &Touches) -> Result<Touched, StoreError> {
    let latest = latest_of_accounts(touches);
    let lives = lives(pool, app, &latest.keys().copied().collect::<Vec<_>>()).await?;
    let mut touched = Touched::default();
    let mut writes: Vec<_> = latest_of_chat_groups(touches).into_iter().map(Write::of_chat_group).collect();
    for (account, entries) in latest {
        match lives.get(account) {
            Some(life) => writes.extend(Write::of_account(account, *life, &entries)),
            None => touched.absent.push(account.clone()),
        }
    }
    let app = i64::from(app.0);
    let written = stream::iter(writes).map(|write| async move { write.run(pool, app).await });
    let grown: Vec<_> = written.buffered(COMMITS_AT_ONCE_MAX).try_collect().await?;
    touched.grown = grown.into_iter().flatten().collect();
    touched.grown.dedup();
    Ok(touched)
}

/// In the order of their keys, so that no two calls wait for each other's rows.
fn latest_of_accounts(touches: &Touches) -> BTreeMap<&AccountId, BTreeMap<&Conversation, Timestamp>> {
    let mut latest = BTreeMap::<_, BTreeMap<_, Timestamp>>::new();
    for (account, RecentEntry { conversation, at }) in &touches.entries {
        let kept = latest.entry(account).or_default().entry(conversation).or_insert(*at);
        *kept = (*kept).max(*at);
    }
    latest
}

fn latest_of_chat_groups(touches: &Touches) -> BTreeMap<&ChatGroupId, Timestamp> {
    let mut latest = BTreeMap::new();
    for (id, at) in &touches.chat_groups {
        let kept = latest.entry(id).or_insert(*at);
        *kept = (*kept).max(*at);
    }
    latest
}

/// Those of the accounts that are there. No copy would do: an account may have been deleted and created elsewhere.
async fn lives(pool: &Pool, app: AppId, accounts: &[&AccountId]) -> Result<BTreeMap<AccountId, Life>, StoreError> {
    let answers = pool.ask_all(Subject(app.0.into(), ""), &heads::questions(app, accounts)).await?;
    let found = heads::found(&answers)?;
    let life = |account: &AccountId| found.get(account.as_str()).map(|known| (account.clone(), known.life));
    Ok(accounts.iter().filter_map(|account| life(account)).collect())
}

/// An entry as its columns hold it.
#[derive(Clone)]
struct EntryRow {
    kind: i16,
    key: String,
    at: i64,
}

/// A statement of a touch: of one account or one chat group, so that it stays on one shard.
enum Write {
    Entries(AccountId, Vec<EntryRow>),
    ChatGroup(ChatGroupId, i64),
}

impl Write {
    fn of_chat_group((id, at): (&ChatGroupId, Timestamp)) -> Self {
        Self::ChatGroup(id.clone(), at.0.into())
    }

    fn of_account(account: &AccountId, life: Life, entries: &BTreeMap<&Conversation, Timestamp>) -> Vec<Self> {
        let row = |(conversation, at): (&&Conversation, &Timestamp)| {
            let (kind, key) = entries::key_of(life, conversation);
            EntryRow { kind, key, at: at.0.into() }
        };
        let rows: Vec<_> = entries.iter().map(row).collect();
        rows.chunks(ROWS_MAX).map(|rows| Self::Entries(account.clone(), rows.to_vec())).collect()
    }

    /// The account that a row was written for. A chat group waits under its own name, so that one that is slow does not
    /// hold up all others.
    async fn run(self, pool: &Pool, app: i64) -> Result<Option<AccountId>, StoreError> {
        match self {
            Self::ChatGroup(id, at) => {
                let id = id.as_str();
                run(pool, Subject(app, id), &statements::TOUCH_CHAT_GROUP, &[&app, &id, &at]).await?;
                Ok(None)
            }
            Self::Entries(account, rows) => {
                let written = write_entries(pool, Subject(app, account.as_str()), &rows).await?;
                Ok(written.then_some(account))
            }
        }
    }
}

/// Whether a row was written.
async fn write_entries(
    pool: &Pool,
    subject @ Subject(app, account): Subject<'_>,
    rows: &[EntryRow],
) -> Result<bool, StoreError> {
    let mut parameters: Vec<Parameter<'_>> = vec![&app, &account];
    for EntryRow { kind, key, at } in rows {
        parameters.extend([kind as Parameter<'_>, key, at]);
    }
    let written = match rows.len() {
        1 => run(pool, subject, &statements::TOUCH_ENTRY, &parameters).await?,
        count => run(pool, subject, &statements::touch_entries(count), &parameters).await?,
    };
    Ok(written > 0)
}

/// Runs it as a commit, and gives the number of rows changed. Cancelled while it waits for a standby, it would keep a
/// time that a failover loses, and the same touch, made again, would find it kept.
pub(super) async fn run(
    pool: &Pool,
    subject: Subject<'_>,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<u64, StoreError> {
    let mut tries = 1;
    loop {
        match pool.run(subject, statement, parameters).await {
            Err(Failure::Lost) if tries < TRIES_MAX => tries += 1,
            ended => return Ok(ended?.affected),
        }
    }
}
