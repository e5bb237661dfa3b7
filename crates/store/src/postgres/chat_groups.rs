//! The register of chat groups.

use std::collections::BTreeMap;

use pinfold_core::{AccountId, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Timestamp};
use tokio_postgres::Row;

use super::columns::{column, not_an_id, number, text};
use super::failure::committed;
use super::lanes::Subject;
use super::pool::Pool;
use super::questions::{Parameter, Question};
use super::statements;
use crate::{ChatGroupList, Commit, ListedChatGroup, StoreError};

pub(super) async fn get(pool: &Pool, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
    let [answer] = pool.ask(Subject(app.0.into(), ""), [Some(question(app, ids.iter()))]).await?;
    let found = answer.iter().flat_map(|answer| &answer.rows).map(to_listed);
    let found = found.map(|listed| listed.map(|listed| (listed.id, listed.chat_group)));
    let found = found.collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

pub(super) fn question<'a>(app: AppId, ids: impl Iterator<Item = &'a ChatGroupId>) -> Question<'a> {
    let asked: Vec<_> = ids.map(ChatGroupId::as_str).collect();
    Question::of(&statements::CHAT_GROUPS).with(i64::from(app.0)).with(asked)
}

pub(super) async fn put(
    pool: &Pool,
    app: AppId,
    id: &ChatGroupId,
    expected: Option<&ChatGroup>,
    new: &ChatGroup,
) -> Result<Commit, StoreError> {
    let (app, id, new) = (i64::from(app.0), id.as_str(), Columns::of(new));
    let key: [Parameter<'_>; 2] = [&app, &id];
    let Some(expected) = expected.map(Columns::of) else {
        return committed(
            pool.run(Subject(app, ""), &statements::CREATE_CHAT_GROUP, &[&key[..], &new.parameters()].concat()).await,
        );
    };
    let more_live = i64::from(expected.destroyed) - i64::from(new.destroyed);
    let parameters = [&key[..], &new.parameters(), &expected.parameters(), &[&more_live]].concat();
    committed(pool.run(Subject(app, ""), &statements::CHANGE_CHAT_GROUP, &parameters).await)
}

pub(super) async fn register(pool: &Pool, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
    let app = i64::from(app.0);
    let live = new.iter().map(|(_, new)| i64::from(!new.destroyed)).sum::<i64>();
    let ids: Vec<_> = new.iter().map(|(id, _)| id.as_str()).collect();
    let columns: Vec<_> = new.iter().map(|(_, new)| Columns::of(new)).collect();
    let kinds: Vec<_> = columns.iter().map(|new| new.kind).collect();
    let names: Vec<_> = columns.iter().map(|new| new.name).collect();
    let owners: Vec<_> = columns.iter().map(|new| new.owner).collect();
    let created_at: Vec<_> = columns.iter().map(|new| new.created_at).collect();
    let destroyed: Vec<_> = columns.iter().map(|new| new.destroyed).collect();
    let parameters: [Parameter<'_>; 8] = [&app, &ids, &kinds, &names, &owners, &created_at, &destroyed, &live];
    committed(pool.run(Subject(app, ""), &statements::REGISTER_CHAT_GROUPS, &parameters).await)
}

/// A page, and how many chat groups of all are live, in one round trip.
pub(super) async fn list(
    pool: &Pool,
    app: AppId,
    after: ChatGroupSeq,
    count_max: usize,
) -> Result<ChatGroupList, StoreError> {
    let app = i64::from(app.0);
    let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
    let page = Question::of(&statements::CHAT_GROUPS_AFTER).with(app).with(i64::from(after.0)).with(count_max);
    let live = Question::of(&statements::CHAT_GROUP_COUNT).with(app);
    let [page, live] = pool.ask(Subject(app, ""), [Some(page), Some(live)]).await?;
    let live = live.iter().flat_map(|answer| &answer.rows).next().map(|row| column::<i64>(row, 0)).transpose()?;
    let page = page.iter().flat_map(|answer| &answer.rows).map(to_listed).collect::<Result<_, _>>()?;
    Ok(ChatGroupList { live: live.unwrap_or(0).cast_unsigned(), page })
}

/// A chat group as its columns hold it.
struct Columns<'a> {
    kind: &'a str,
    name: &'a [u8],
    owner: Option<&'a str>,
    created_at: i64,
    destroyed: bool,
}

impl<'a> Columns<'a> {
    fn of(chat_group: &'a ChatGroup) -> Self {
        Self {
            kind: chat_group.kind.as_str(),
            name: chat_group.name.as_bytes(),
            owner: chat_group.owner.as_ref().map(AccountId::as_str),
            created_at: chat_group.created_at.0.into(),
            destroyed: chat_group.destroyed,
        }
    }

    fn parameters(&self) -> [Parameter<'_>; 5] {
        [&self.kind, &self.name, &self.owner, &self.created_at, &self.destroyed]
    }
}

/// A chat group from the columns that all statements read first.
pub(super) fn to_listed(row: &Row) -> Result<ListedChatGroup, StoreError> {
    let owner = column::<Option<&str>>(row, 4)?.map(AccountId::parse).transpose();
    let chat_group = ChatGroup {
        kind: column::<&str>(row, 2)?.parse().map_err(StoreError::Damaged)?,
        name: text(row, 3)?.to_owned(),
        owner: owner.map_err(not_an_id)?,
        created_at: Timestamp(number(row, 5)?),
        destroyed: column(row, 6)?,
    };
    let id = ChatGroupId::parse(column(row, 0)?).map_err(not_an_id)?;
    Ok(ListedChatGroup { seq: ChatGroupSeq(number(row, 1)?), id, chat_group })
}
