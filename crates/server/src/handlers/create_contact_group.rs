//! `create_contact_group`.

use pinfold_core::{Draft, Refusal, rules};
use pinfold_wire::commands::CreateContactGroup;
use pinfold_wire::recent_contact::ItemResult;
use pinfold_wire::recent_contact::create_contact_group::{GroupContactItem, GroupResult, Request, Response};

use super::answers::{ItemAnswer, group_item, item_answers};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for CreateContactGroup {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        only_group(request).map_or(0, |group| parse::count(&group.contact_item))
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account();
        let group = only_group(&request);
        let items = group.clone().and_then(|group| parse::elements("ContactItem", &group.contact_item));
        let items = items.and_then(|items| parse::conversations("ContactItem", items));
        let (account, items) = parse::both(account, items)?;
        let group = group?;
        let name = parse::group_name("GroupName", &group.group_name, &call.app.policy.limits)?;
        let named = items.parsed.iter().flatten().cloned().collect();
        let ctx = call.context(account);
        let create = |draft: &mut Draft<'_>| rules::create_conversation_group(&ctx, draft, &name, &items.parsed);
        let created = call.update_conversations(account, named, create).await?;
        let result_item = item_answers(items.echoes, created.results)
            .map(|ItemAnswer { contact_item, result_code, result_info, .. }| ItemResult {
                contact_item,
                result_code,
                result_info,
            })
            .collect();
        let group_result = GroupResult { group_item: group_item(created.id, &name), result_item };
        Ok(Response { group_result_item: vec![group_result] })
    }
}

/// A call creates exactly one conversation group.
fn only_group(request: &Request) -> Result<&GroupContactItem, Refusal> {
    let groups = parse::list("GroupContactItem", &request.group_contact_item)?;
    match &groups[..] {
        [group] => parse::object("the element of GroupContactItem", group),
        _ => {
            let given = groups.count();
            Err(Refusal::Malformed(format!("GroupContactItem has {given} elements; exactly 1 is allowed")))
        }
    }
}
