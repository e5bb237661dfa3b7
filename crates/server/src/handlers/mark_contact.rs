//! `mark_contact`.

use pinfold_core::{Draft, rules};
use pinfold_wire::commands::MarkContact;
use pinfold_wire::recent_contact::mark_contact::{MarkResult, Request, Response};

use super::answers::{ItemAnswer, item_answers};
use super::{Call, FromAccount, Handle};
use crate::parse::{self, Items};
use crate::rest::error::Failure;

impl Handle for MarkContact {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.mark_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let change = |item| parse::mark_change(item, &call.app.policy.limits);
        let items = parse::list("MarkItem", &request.mark_item);
        let items = items.and_then(|items| items.iter().map(change).collect::<Result<Items<_>, _>>());
        let (account, items) = parse::both(call.account(), items)?;
        let named = items.parsed.iter().flatten().map(|change| change.conversation.clone()).collect();
        let ctx = call.context(account);
        let mark = |draft: &mut Draft<'_>| rules::mark(&ctx, draft, &items.parsed);
        let results = call.update_conversations(account, named, mark).await?;
        let result_item = item_answers(items.echoes, results)
            .map(|ItemAnswer { operation, contact_item, result_code, result_info }| MarkResult {
                opt_type: operation,
                contact_item,
                result_code,
                result_info,
            })
            .collect();
        Ok(Response { result_item })
    }
}
