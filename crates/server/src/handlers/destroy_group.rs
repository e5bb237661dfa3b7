//! `destroy_group`.

use pinfold_core::rules;
use pinfold_wire::commands::DestroyGroup;
use pinfold_wire::group::destroy_group::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for DestroyGroup {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let id = parse::chat_group_id(&request.group_id)?;
        let destroyed = call.store.update_chat_group(call.app.id, &id, |found| rules::destroy_chat_group(&id, found));
        destroyed.await?;
        Ok(Response {})
    }
}
