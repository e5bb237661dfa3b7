//! `top`.

use pinfold_core::Draft;
use pinfold_core::rules::{self, PinOperation};
use pinfold_wire::commands::Top;
use pinfold_wire::recent_contact::top::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for Top {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.recent_contact_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let items = parse::list("RecentContactItem", &request.recent_contact_item);
        let items = items.and_then(|items| parse::conversations("RecentContactItem", items));
        let (account, items) = parse::both(call.account(), items)?;
        let operations = [(1, PinOperation::Pin), (2, PinOperation::Unpin)];
        let operation = parse::operation("OperationType", &request.operation_type, &operations)?;
        let named = items.parsed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let ctx = call.context(account);
        let pin = |draft: &mut Draft<'_>| rules::pin(&ctx, draft, operation, &named);
        call.update_conversations(account, named.clone(), pin).await?;
        Ok(Response {})
    }
}
