//! `top`.

use pinfold_core::rules::{self, PinOperation};
use pinfold_wire::recent_contact::Top;
use pinfold_wire::recent_contact::top::{Request, Response};

use super::{Call, Handle};
use crate::error::Failure;
use crate::parse;

impl Handle for Top {
    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.arranging_account(&request.from_account)?;
        let items =
            parse::conversations("RecentContactItem", parse::list("RecentContactItem", &request.recent_contact_item)?)?;
        let operations = [(1, PinOperation::Pin), (2, PinOperation::Unpin)];
        let operation = parse::operation("OperationType", &request.operation_type, &operations)?;
        let named = items.into_iter().map(|item| item.parsed).collect::<Result<Vec<_>, _>>()?;
        call.update_conversations(&account, named.clone(), |rule, draft| rules::pin(rule, draft, operation, &named))
            .await?;
        Ok(Response {})
    }
}
