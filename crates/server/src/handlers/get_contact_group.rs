//! `get_contact_group`.

use pinfold_core::rules;
use pinfold_store::Scope;
use pinfold_wire::commands::GetContactGroup;
use pinfold_wire::recent_contact::get_contact_group::{Request, Response};

use super::answers::{group_items, record};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for GetContactGroup {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let cursor = parse::start_index(&request.start_index)?;
        let loaded = call.store.read(account, &Scope::All).await?;
        let page = rules::page(&call.app.policy, &account.account, &loaded.state, cursor)?;
        let groups = loaded.state.conversation_groups.iter().map(|(id, group)| (*id, &group.name));
        Ok(Response {
            contact_item: page.records.iter().map(|(conversation, kept)| record(conversation, kept)).collect(),
            group_item: group_items(groups),
            complete_flag: u32::from(page.next.is_none()),
            next_start_index: page.next.unwrap_or_default().0,
            complete_time: page.newest.0,
        })
    }
}
