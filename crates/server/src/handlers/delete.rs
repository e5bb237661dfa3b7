//! `delete`.

use pinfold_core::{Draft, Timestamp, rules};
use pinfold_wire::commands::Delete;
use pinfold_wire::recent_contact::delete::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for Delete {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let conversation = parse::listed_conversation(&request.conversation);
        let (account, conversation) = parse::both(call.account(), conversation)?;
        let ctx = call.context(account);
        let delete = |draft: &mut Draft<'_>, entry: Option<Timestamp>| {
            rules::delete_conversation(&ctx, draft, &conversation, entry)
        };
        let updated = call.acting(&call.origin).update_with_entry(account, &conversation, call.now_ms, delete).await?;
        call.committed(account, updated);
        Ok(Response {})
    }
}
