//! `search_contact_group`.

use pinfold_core::rules;
use pinfold_store::Scope;
use pinfold_wire::commands::SearchContactGroup;
use pinfold_wire::recent_contact::search_contact_group::{Request, Response};

use super::answers::{group_items, record};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for SearchContactGroup {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.contact_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let items = parse::list("ContactItem", &request.contact_item);
        let items = items.and_then(|items| parse::conversations("ContactItem", items));
        let (account, items) = parse::both(call.account(), items)?;
        let asked = items.parsed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let scope = Scope::Conversations(asked.clone());
        let loaded = call.store.read(account, &scope).await?;
        let found = rules::search(&call.app.policy, &account.account, &loaded.state, &asked)?;
        Ok(Response {
            contact_result_item: found.records.iter().map(|(conversation, kept)| record(conversation, kept)).collect(),
            group_item: group_items(found.conversation_groups),
        })
    }
}
