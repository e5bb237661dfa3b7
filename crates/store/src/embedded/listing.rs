//! Lists apps, accounts and chat groups. Finding the next app or account takes one seek, whatever rows it has.

use pinfold_core::{AppId, ChatGroupId, ChatGroupSeq, Timestamp};

use super::engine::Engine;
use super::format::{keys, times, values};
use crate::{AccountKey, ChatGroupList, ListedChatGroup, StoreError};

/// Apps above `after` that have a row of a kind that tells of an app, ascending.
pub(super) fn apps(engine: &Engine, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
    let (mut found, mut after) = (Vec::new(), after);
    while found.len() < count_max {
        let next = keys::KINDS_OF_APPS.into_iter().map(|kind| next_app(engine, kind, after));
        let Some(app) = next.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min() else { break };
        found.push(app);
        after = Some(app);
    }
    Ok(found)
}

/// The first app greater than `after` with a row of this kind.
fn next_app(engine: &Engine, kind: u8, after: Option<AppId>) -> Result<Option<AppId>, StoreError> {
    let from = after.map_or_else(|| vec![kind], |after| keys::end_of_app(kind, after));
    let row = engine.range(from, vec![kind + 1]).next().transpose()?;
    row.map(|(key, _)| keys::parse_app(&key)).transpose()
}

/// Accounts with keys between these two.
pub(super) fn accounts(
    engine: &Engine,
    mut from: Vec<u8>,
    until: &[u8],
    count_max: usize,
) -> Result<Vec<AccountKey>, StoreError> {
    let mut found = Vec::new();
    while found.len() < count_max {
        let Some(row) = engine.range(from, until.to_vec()).next() else { break };
        let account = keys::parse_account(&row?.0)?;
        from = keys::end_of_account(&account);
        found.push(account);
    }
    Ok(found)
}

/// Chat groups of an app after a place, and how many of all are live.
pub(super) fn chat_groups(
    engine: &Engine,
    app: AppId,
    after: ChatGroupSeq,
    count_max: usize,
) -> Result<ChatGroupList, StoreError> {
    let rows = engine.range(keys::serial(app, after), keys::serial(app, ChatGroupSeq(u32::MAX)));
    let page = rows.take(count_max).map(|row| listed_chat_group(engine, app, &row?.1)).collect::<Result<_, _>>()?;
    Ok(ChatGroupList { live: engine.chat_group_count(app)?.live, page })
}

/// The first keys of times of chat groups of an app, with the times.
pub(super) fn first_chat_group_times(
    engine: &Engine,
    app: AppId,
    count_max: usize,
) -> Result<Vec<(fjall::Slice, Timestamp)>, StoreError> {
    let (from, until) = keys::around_app(times::CHAT_GROUP_TIMES, app);
    engine
        .range(from, until)
        .take(count_max)
        .map(|row| row.and_then(|(key, at)| Ok((key, times::decode(&at)?))))
        .collect()
}

/// The first chat groups of an app with their serial numbers, and whether the app has no others.
pub(super) fn first_chat_groups(
    engine: &Engine,
    app: AppId,
    count_max: usize,
) -> Result<(Vec<(ChatGroupSeq, ChatGroupId)>, bool), StoreError> {
    let mut rows = engine.range(keys::serial(app, ChatGroupSeq(0)), keys::serial(app, ChatGroupSeq(u32::MAX)));
    let listed = |row: Result<(fjall::Slice, fjall::Slice), StoreError>| {
        let (key, id) = row?;
        match keys::parse_other(&key)? {
            keys::Other::ChatGroupSeq(_, serial) => Ok((serial, values::decode_chat_group_id(&id)?)),
            keys::Other::LastCommit
            | keys::Other::Count(_)
            | keys::Other::Entry(..)
            | keys::Other::Change(..)
            | keys::Other::Unsent(..)
            | keys::Other::Paused(_)
            | keys::Other::ChatGroup(..)
            | keys::Other::ChatGroupTime(..) => Err(StoreError::Damaged(format!("{key:?} is among serial numbers"))),
        }
    };
    let first = rows.by_ref().take(count_max).map(listed).collect::<Result<_, _>>()?;
    Ok((first, rows.next().is_none()))
}

/// A chat group by its row in the list of places.
fn listed_chat_group(engine: &Engine, app: AppId, id: &[u8]) -> Result<ListedChatGroup, StoreError> {
    let id = values::decode_chat_group_id(id)?;
    let row = engine.get(&keys::chat_group(app, &id))?;
    let row = row.ok_or_else(|| StoreError::Damaged(format!("chat group {id} is listed but not kept")))?;
    let (seq, chat_group) = values::decode_chat_group(&row)?;
    Ok(ListedChatGroup { seq, id, chat_group })
}
