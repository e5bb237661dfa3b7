//! `get_group_info`.

use pinfold_core::{ChatGroup, ChatGroupId, Refusal, rules};
use pinfold_wire::Service;
use pinfold_wire::commands::GetGroupInfo;
use pinfold_wire::group::get_group_info::{GroupInfo, Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::{Failure, refusal_code};

impl Handle for GetGroupInfo {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.group_id_list)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let items = parse::list("GroupIdList", &request.group_id_list)?;
        rules::chat_groups_per_call(&call.app.policy.limits, items.count())?;
        let ids: Vec<_> = items.iter().map(parse::chat_group_id).collect();
        let named: Vec<_> = ids.iter().flatten().cloned().collect();
        let mut found = call.store.backend().chat_groups(call.app.id, &named).await?.into_iter();
        let mut known = |id: ChatGroupId| rules::live_chat_group(&id, found.next().flatten());
        let mut group_info = Vec::with_capacity(ids.len());
        for (item, id) in items.iter().zip(ids) {
            group_info.push(info(item.given().cloned().unwrap_or_default(), id.and_then(&mut known)));
        }
        Ok(Response { group_info })
    }
}

fn info(group_id: String, known: Result<ChatGroup, Refusal>) -> GroupInfo {
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
