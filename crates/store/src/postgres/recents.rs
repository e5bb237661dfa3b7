//! Reads the list of recent conversations and the last messages of chat groups, and trims the list.

use std::collections::HashMap;
use std::sync::Arc;

use pinfold_core::{AppId, ChatGroupId, Conversation, RecentEntry, Timestamp};

use super::lanes::Subject;
use super::pool::Pool;
use super::questions::Question;
use super::{columns, entries, statements, touches};
use crate::{AccountKey, Life, StoreError};

fn of(account: &AccountKey) -> Subject<'_> {
    Subject(account.app.0.into(), account.account.as_str())
}

pub(super) async fn entries(pool: &Pool, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
    let subject @ Subject(app, id) = of(account);
    let question = Question::of(&statements::ENTRIES_OF).with(app).with(id).with(entries::prefix(life));
    let [answer] = pool.ask(subject, [Some(question)]).await?;
    answer.iter().flat_map(|answer| &answer.rows).map(|row| Ok(entries::decode(row)?.1)).collect()
}

pub(super) async fn entry(
    pool: &Pool,
    account: &AccountKey,
    life: Life,
    conversation: &Conversation,
) -> Result<Option<Timestamp>, StoreError> {
    let subject @ Subject(app, id) = of(account);
    let (kind, key) = entries::key_of(life, conversation);
    let question = Question::of(&statements::ENTRY).with(app).with(id).with(kind).with(key);
    let [answer] = pool.ask(subject, [Some(question)]).await?;
    let row = answer.iter().flat_map(|answer| &answer.rows).next();
    row.map(|row| columns::number(row, 0).map(Timestamp)).transpose()
}

pub(super) async fn chat_group_times(
    pool: &Pool,
    app: AppId,
    ids: &[ChatGroupId],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let asked: Vec<_> = ids.iter().map(ChatGroupId::as_str).collect();
    let question = Question::of(&statements::CHAT_GROUP_TIMES).with(i64::from(app.0)).with(asked);
    let [answer] = pool.ask(Subject(app.0.into(), ""), [(!ids.is_empty()).then_some(question)]).await?;
    let rows = answer.iter().flat_map(|answer| &answer.rows);
    let times = rows.map(|row| Ok((columns::column::<&str>(row, 0)?, Timestamp(columns::number(row, 1)?))));
    let times = times.collect::<Result<HashMap<_, _>, StoreError>>()?;
    Ok(ids.iter().map(|id| times.get(id.as_str()).copied()).collect())
}

pub(super) async fn trim(
    pool: &Pool,
    account: &AccountKey,
    life: Life,
    entries: &[RecentEntry],
) -> Result<u64, StoreError> {
    let subject @ Subject(app, id) = of(account);
    let keys = entries.iter().map(|entry| entries::key_of(life, &entry.conversation));
    let (kinds, keys): (Vec<_>, Vec<_>) = keys.unzip();
    let times: Vec<_> = entries.iter().map(|entry| i64::from(entry.at.0)).collect();
    touches::run(pool, subject, &statements::TRIM, &[&app, &id, &kinds, &keys, &times]).await
}
