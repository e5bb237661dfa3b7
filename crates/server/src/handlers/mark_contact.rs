//! `mark_contact`.

use pinfold_core::rules;
use pinfold_wire::commands::MarkContact;
use pinfold_wire::recent_contact::mark_contact::{MarkResult, Request, Response};

use super::answers::result;
use super::{Call, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for MarkContact {
    fn items(request: &Request) -> usize {
        parse::count(&request.mark_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let change = |item| parse::mark_change(item, &call.app.policy.limits);
        let items = parse::list("MarkItem", &request.mark_item);
        let items = items.and_then(|items| items.iter().map(change).collect::<Result<Vec<_>, _>>());
        let (account, items) = parse::both(call.arranging_account(&request.from_account), items)?;
        let (echoes, parsed): (Vec<_>, Vec<_>) =
            items.into_iter().map(|item| ((item.operation, item.echo), item.parsed)).unzip();
        let named = parsed.iter().flatten().map(|change| change.conversation.clone()).collect();
        let results = call.update_conversations(&account, named, |ctx, draft| rules::mark(ctx, draft, &parsed)).await?;
        let results = echoes.into_iter().zip(results.into_iter().map(result));
        let result_item = results
            .map(|((opt_type, contact_item), (result_code, result_info))| MarkResult {
                opt_type,
                contact_item,
                result_code,
                result_info,
            })
            .collect();
        Ok(Response { result_item })
    }
}
