//! Chat groups of the group service.

use pinfold_core::rules::{self, NewChatGroup};
use pinfold_core::{ChatGroupId, ChatGroupKind, ChatGroupSeq, Limits, Refusal, Timestamp};
use pinfold_wire::{Lenient, group as wire};

use super::fields::{account, both, chat_group, missing, text, within};

/// What an app says about a chat group it registers.
pub(crate) fn new_chat_group(limits: &Limits, request: &wire::NewChatGroup) -> Result<NewChatGroup, Refusal> {
    let no_owner = request.owner_account.is_absent() || request.owner_account.given().is_some_and(String::is_empty);
    let owner = if no_owner { None } else { Some(account("Owner_Account", &request.owner_account)) };
    let ((kind, name), owner) = both(kind_and_name(limits, &request.kind, &request.name), owner.transpose())?;
    Ok(NewChatGroup { kind, name, owner })
}

/// The same of a callback, whose owner counts as none if it cannot be read.
pub(crate) fn told_chat_group(
    limits: &Limits,
    kind: &Lenient<String>,
    name: &Lenient<String>,
    owner: &Lenient<String>,
) -> Result<NewChatGroup, Refusal> {
    let (kind, name) = kind_and_name(limits, kind, name)?;
    Ok(NewChatGroup { kind, name, owner: account("Owner_Account", owner).ok() })
}

fn kind_and_name(
    limits: &Limits,
    kind: &Lenient<String>,
    name: &Lenient<String>,
) -> Result<(ChatGroupKind, String), Refusal> {
    let kind = text("Type", kind)?.ok_or_else(|| missing("Type"))?;
    let kind = chat_group_kind("Type", kind)?;
    let name = text("Name", name)?.filter(|name| !name.is_empty()).ok_or_else(|| missing("Name"))?;
    rules::chat_group_name_fits(limits, name)?;
    Ok((kind, name.to_owned()))
}

/// `CreateTime`; a missing one, or 0, is now.
pub(crate) fn created_at(value: &Lenient<i64>, now: Timestamp) -> Result<Timestamp, Refusal> {
    if value.given() == Some(&0) {
        return Ok(now);
    }
    within("CreateTime", value, [1, i32::MAX as u32], now.0).map(Timestamp)
}

/// `Next`: the place in the register after which a page begins.
pub(crate) fn next_chat_group(value: &Lenient<i64>) -> Result<ChatGroupSeq, Refusal> {
    within("Next", value, [0, i32::MAX as u32], 0).map(ChatGroupSeq)
}

/// A kind by its word.
pub(crate) fn chat_group_kind(field: &str, word: &str) -> Result<ChatGroupKind, Refusal> {
    word.parse().map_err(|problem| Refusal::Malformed(format!("{field} {problem}")))
}

/// `GroupId`. A missing one is a bad parameter; one that a chat group cannot have is a bad id.
pub(crate) fn chat_group_id(value: &Lenient<String>) -> Result<ChatGroupId, Refusal> {
    match value.given().filter(|id| !id.is_empty()) {
        Some(id) => ChatGroupId::parse(id).map_err(|problem| Refusal::ChatGroupIdBad(format!("GroupId {problem}"))),
        None => chat_group("GroupId", value),
    }
}
