//! `update_contact_group`: renames a conversation group, or changes its conversations.

use pinfold_core::rules::{self, MemberChange};
use pinfold_core::{ConversationGroupId, Draft, GroupName, Limits, Refusal};
use pinfold_store::{AccountKey, Scope};
use pinfold_wire::commands::UpdateContactGroup;
use pinfold_wire::recent_contact::update_contact_group::{ContactResult, Request, Response, UpdateGroupResult};

use super::answers::{ItemAnswer, item_answers};
use super::{Call, FromAccount, Handle};
use crate::parse::{self, Items};
use crate::rest::error::Failure;

#[derive(Clone, Copy)]
enum Kind {
    Rename,
    Members,
}

/// What is to be done, read before the store is asked.
enum Update {
    Rename { old: GroupName, new: GroupName },
    Members { name: GroupName, items: Items<MemberChange> },
}

impl Handle for UpdateContactGroup {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        request.update_group.given().map_or(0, |update| parse::count(&update.contact_update_item))
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let update = read(&request, &call.app.policy.limits);
        let (account, update) = parse::both(call.account(), update)?;
        match update {
            Update::Rename { old, new } => rename(call, account, &old, &new).await,
            Update::Members { name, items } => members(call, account, &name, items).await,
        }
    }
}

fn read(request: &Request, limits: &Limits) -> Result<Update, Refusal> {
    if let Some(other) = parse::integer("UpdateType", &request.update_type)?.filter(|kind| *kind != 1) {
        return Err(Refusal::Malformed(format!("UpdateType is {other}; 1 is allowed")));
    }
    let update = parse::object("UpdateGroup", &request.update_group)?;
    let old = parse::group_name("OldGroupName", &update.old_group_name, limits);
    match parse::operation("UpdateGroupType", &update.update_group_type, &[(1, Kind::Rename), (2, Kind::Members)])? {
        Kind::Rename => {
            Ok(Update::Rename { old: old?, new: parse::group_name("NewGroupName", &update.new_group_name, limits)? })
        }
        Kind::Members => {
            let items = parse::elements("ContactUpdateItem", &update.contact_update_item)?;
            let items = items.iter().map(parse::member_change).collect::<Result<Items<_>, _>>();
            parse::both(old, items).map(|(name, items)| Update::Members { name, items })
        }
    }
}

async fn rename(call: &Call<'_>, account: &AccountKey, old: &GroupName, new: &GroupName) -> Result<Response, Failure> {
    let (ctx, fingerprint) = (call.context(account), call.fingerprint());
    let rename = |draft: &mut Draft<'_>| rules::rename_conversation_group(&ctx, draft, fingerprint, old, new);
    let id = call.update(account, &Scope::Head, rename).await?;
    Ok(answer(1, id, new, old, Vec::new()))
}

async fn members(
    call: &Call<'_>,
    account: &AccountKey,
    name: &GroupName,
    items: Items<MemberChange>,
) -> Result<Response, Failure> {
    let named = items.parsed.iter().flatten().map(|change| change.conversation.clone()).collect();
    let ctx = call.context(account);
    let update = |draft: &mut Draft<'_>| rules::update_members(&ctx, draft, name, &items.parsed);
    let (id, results) = call.update_conversations(account, named, update).await?;
    let results = item_answers(items.echoes, results)
        .map(|ItemAnswer { operation, contact_item, result_code, result_info }| ContactResult {
            contact_opt_type: operation,
            contact_item,
            result_code,
            result_info,
        })
        .collect();
    Ok(answer(2, id, name, name, results))
}

fn answer(
    update_group_type: u32,
    id: ConversationGroupId,
    name: &GroupName,
    old: &GroupName,
    contact_result_item: Vec<ContactResult>,
) -> Response {
    let update_group_result = UpdateGroupResult {
        update_group_type,
        group_name: name.as_str().to_owned(),
        group_id: id.0,
        old_group_name: old.as_str().to_owned(),
        contact_result_item,
    };
    Response { update_type: 1, update_group_result }
}
