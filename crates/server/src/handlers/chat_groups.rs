//! The group service: the register of chat groups.

use pinfold_core::rules::{self, NewChatGroup};
use pinfold_core::{ChatGroup, ChatGroupId, ChatGroupKind, Refusal, Timestamp};
use pinfold_store::ChatGroupSeq;
use pinfold_wire::commands::{CreateGroup, DestroyGroup, GetAppidGroupList, GetGroupInfo, ImportGroup};
use pinfold_wire::group::get_appid_group_list::{self, GroupIdItem};
use pinfold_wire::group::get_group_info::{self, GroupInfo};
use pinfold_wire::group::{
    RegisteredChatGroup, destroy_group, {self as wire},
};
use pinfold_wire::{Lenient, Service};

use super::{Call, Handle};
use crate::parse;
use crate::rest::error::{Failure, refusal_code};

pub(super) const GROUPS_PER_CALL_MAX: usize = 50;
const PAGE_MAX: i64 = 10_000;
const NAME_BYTES_MAX: usize = 100;
/// How often an assigned id is drawn anew because it is taken: with 36⁹ of them twice is a wonder.
const DRAWS_MAX: usize = 8;

type Rule = fn(&ChatGroupId, Option<&ChatGroup>, &NewChatGroup, Timestamp) -> Result<ChatGroup, Refusal>;

impl Handle for CreateGroup {
    async fn handle(call: &Call<'_>, request: wire::NewChatGroup) -> Result<RegisteredChatGroup, Failure> {
        register(call, &request, &new_chat_group(&request)?, call.now, rules::create_chat_group).await
    }
}

impl Handle for ImportGroup {
    async fn handle(call: &Call<'_>, request: wire::NewChatGroup) -> Result<RegisteredChatGroup, Failure> {
        let created_at = created_at(call, &request.create_time);
        let (new, created_at) = parse::both(new_chat_group(&request), created_at)?;
        register(call, &request, &new, created_at, rules::import_chat_group).await
    }
}

impl Handle for DestroyGroup {
    async fn handle(call: &Call<'_>, request: destroy_group::Request) -> Result<destroy_group::Response, Failure> {
        let id = chat_group_id(&request.group_id)?;
        let destroy = |existing: Option<&ChatGroup>| rules::destroy_chat_group(&id, existing);
        call.store.update_chat_group(call.app.id, &id, destroy).await?;
        Ok(destroy_group::Response {})
    }
}

impl Handle for GetGroupInfo {
    fn items(request: &get_group_info::Request) -> usize {
        parse::count(&request.group_id_list)
    }

    async fn handle(call: &Call<'_>, request: get_group_info::Request) -> Result<get_group_info::Response, Failure> {
        let items = parse::list("GroupIdList", &request.group_id_list)?;
        if !(1..=GROUPS_PER_CALL_MAX).contains(&items.count()) {
            let sentence =
                format!("GroupIdList has {} chat groups; 1 to {GROUPS_PER_CALL_MAX} are allowed", items.count());
            return Err(Refusal::Malformed(sentence).into());
        }
        let ids: Vec<_> = items.iter().map(chat_group_id).collect();
        let named: Vec<_> = ids.iter().flatten().cloned().collect();
        let mut found = call.store.backend().chat_groups(call.app.id, &named).await?.into_iter();
        let info = |(item, id): (&Lenient<String>, Result<ChatGroupId, Refusal>)| {
            let known = id.and_then(|id| live(&id, found.next().flatten()));
            group_info(item.given().cloned().unwrap_or_default(), known)
        };
        Ok(get_group_info::Response { group_info: items.iter().zip(ids).map(info).collect() })
    }
}

impl Handle for GetAppidGroupList {
    async fn handle(
        call: &Call<'_>,
        request: get_appid_group_list::Request,
    ) -> Result<get_appid_group_list::Response, Failure> {
        let limit = within("Limit", parse::integer("Limit", &request.limit)?, 1, PAGE_MAX, PAGE_MAX)?;
        let next = within("Next", parse::integer("Next", &request.next)?, 0, i64::from(i32::MAX), 0)?;
        let group_type = parse::text("GroupType", &request.group_type)?;
        match group_type.map(|word| chat_group_kind("GroupType", word)).transpose()? {
            None => list_all(call, ChatGroupSeq(next), limit as usize).await,
            Some(kind) => list_of_kind(call, kind, ChatGroupSeq(next), limit as usize).await,
        }
    }
}

/// A page of the whole register. Destroyed chat groups take a place on it.
async fn list_all(
    call: &Call<'_>,
    after: ChatGroupSeq,
    count_max: usize,
) -> Result<get_appid_group_list::Response, Failure> {
    let backend = call.store.backend();
    let total = backend.chat_group_count(call.app.id).await?;
    let page = backend.chat_groups_after(call.app.id, after, count_max).await?;
    let last = page.last().map_or(ChatGroupSeq(0), |(serial, ..)| *serial);
    let has_more = !backend.chat_groups_after(call.app.id, last, 1).await?.is_empty() && !page.is_empty();
    let live = page.into_iter().filter(|(_, _, chat_group)| !chat_group.destroyed);
    Ok(listed(total, live.map(|(_, id, _)| id), has_more.then_some(last)))
}

/// A page of the chat groups of one kind. It is full where there are more.
async fn list_of_kind(
    call: &Call<'_>,
    kind: ChatGroupKind,
    after: ChatGroupSeq,
    count_max: usize,
) -> Result<get_appid_group_list::Response, Failure> {
    let backend = call.store.backend();
    // One more than the page holds tells whether another page follows.
    let mut found = backend.chat_groups_of_kinds(call.app.id, kind.synonyms(), after, count_max + 1).await?;
    let has_more = found.page.len() > count_max;
    found.page.truncate(count_max);
    let last = found.page.last().map(|(serial, _)| *serial).filter(|_| has_more);
    Ok(listed(found.count, found.page.into_iter().map(|(_, id)| id), last))
}

fn listed(
    total: u64,
    ids: impl Iterator<Item = ChatGroupId>,
    next: Option<ChatGroupSeq>,
) -> get_appid_group_list::Response {
    get_appid_group_list::Response {
        total_count: u32::try_from(total).unwrap_or(i32::MAX as u32).min(i32::MAX as u32),
        group_id_list: ids.map(|id| GroupIdItem { group_id: id.as_str().to_owned() }).collect(),
        next: next.map_or(0, |serial| serial.0),
    }
}

/// Registers under the chosen id, or under one that is drawn.
async fn register(
    call: &Call<'_>,
    request: &wire::NewChatGroup,
    new: &NewChatGroup,
    created_at: Timestamp,
    rule: Rule,
) -> Result<RegisteredChatGroup, Failure> {
    let chosen = match request.group_id.given().is_some_and(String::is_empty) || request.group_id.is_absent() {
        true => None,
        false => Some(chat_group_id(&request.group_id)?),
    };
    for _ in 0..DRAWS_MAX {
        // A drawn id looks assigned, which only an import may; it is the service's own here.
        let (id, rule) = match &chosen {
            Some(id) => (id.clone(), rule),
            None => (rules::assigned_id(new.kind, rand::random()), rules::import_chat_group as Rule),
        };
        let put = |existing: Option<&ChatGroup>| rule(&id, existing, new, created_at);
        match call.store.update_chat_group(call.app.id, &id, put).await.map_err(Failure::from) {
            Err(Failure::Refused(Refusal::ChatGroupTaken { .. })) if chosen.is_none() => {}
            Err(failure) => return Err(failure),
            Ok(()) => return Ok(RegisteredChatGroup { group_id: id.as_str().to_owned() }),
        }
    }
    Err(pinfold_store::StoreError::Failed("no free chat group id was drawn".into()).into())
}

fn new_chat_group(request: &wire::NewChatGroup) -> Result<NewChatGroup, Refusal> {
    let no_owner = request.owner_account.is_absent() || request.owner_account.given().is_some_and(String::is_empty);
    let owner = if no_owner { None } else { Some(parse::account("Owner_Account", &request.owner_account)) };
    let ((kind, name), owner) = parse::both(kind_and_name(request), owner.transpose())?;
    Ok(NewChatGroup { kind, name, owner })
}

fn kind_and_name(request: &wire::NewChatGroup) -> Result<(ChatGroupKind, String), Refusal> {
    let missing = |field| Refusal::Malformed(format!("{field} is missing"));
    let kind = parse::text("Type", &request.kind)?.ok_or_else(|| missing("Type"))?;
    let kind = chat_group_kind("Type", kind)?;
    let name = parse::text("Name", &request.name)?.filter(|name| !name.is_empty()).ok_or_else(|| missing("Name"))?;
    if name.len() > NAME_BYTES_MAX {
        let bytes = name.len();
        return Err(Refusal::Malformed(format!("Name has {bytes} bytes; at most {NAME_BYTES_MAX} are allowed")));
    }
    Ok((kind, name.to_owned()))
}

fn chat_group_kind(field: &str, word: &str) -> Result<ChatGroupKind, Refusal> {
    word.parse().map_err(|problem| Refusal::Malformed(format!("{field} {problem}")))
}

/// A missing id is a bad parameter; one that no chat group can have is a bad id.
fn chat_group_id(value: &Lenient<String>) -> Result<ChatGroupId, Refusal> {
    match value.given().filter(|id| !id.is_empty()) {
        Some(id) => ChatGroupId::parse(id).map_err(|problem| Refusal::ChatGroupIdBad(format!("GroupId {problem}"))),
        None => parse::chat_group("GroupId", value),
    }
}

fn created_at(call: &Call<'_>, value: &Lenient<i64>) -> Result<Timestamp, Refusal> {
    let given = parse::integer("CreateTime", value)?.filter(|time| *time != 0);
    within("CreateTime", given, 1, i64::from(i32::MAX), i64::from(call.now.0)).map(Timestamp)
}

fn within(field: &str, value: Option<i64>, min: i64, max: i64, default: i64) -> Result<u32, Refusal> {
    let value = value.unwrap_or(default);
    u32::try_from(value)
        .ok()
        .filter(|_| (min..=max).contains(&value))
        .ok_or_else(|| Refusal::Malformed(format!("{field} is {value}; {min} to {max} are allowed")))
}

fn live(id: &ChatGroupId, found: Option<ChatGroup>) -> Result<ChatGroup, Refusal> {
    found.filter(|chat_group| !chat_group.destroyed).ok_or_else(|| Refusal::ChatGroupUnknown(id.clone()))
}

fn group_info(group_id: String, known: Result<ChatGroup, Refusal>) -> GroupInfo {
    match known {
        Ok(chat_group) => GroupInfo {
            group_id,
            kind: chat_group.kind.as_str().to_owned(),
            name: chat_group.name,
            owner_account: chat_group.owner.map_or_else(String::new, |owner| owner.as_str().to_owned()),
            create_time: chat_group.created_at.0,
            ..GroupInfo::default()
        },
        Err(refusal) => GroupInfo {
            group_id,
            error_code: refusal_code(&refusal, Some(Service::Group)).number(),
            error_info: refusal.to_string(),
            ..GroupInfo::default()
        },
    }
}
