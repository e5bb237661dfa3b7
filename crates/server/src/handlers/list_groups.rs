//! `list_groups`.

use pinfold_core::rules;
use pinfold_store::Scope;
use pinfold_wire::commands::ListGroups;
use pinfold_wire::pinfold::list_groups::{Request, Response};

use super::answers::listed_groups;
use super::{Call, FromAccount, Handle};
use crate::rest::error::Failure;

impl Handle for ListGroups {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, _: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let loaded = call.store.read(account, &Scope::All).await?;
        let groups = rules::list_groups(&call.app.policy, &account.account, &loaded.state)?;
        Ok(Response { group_item: listed_groups(groups) })
    }
}
