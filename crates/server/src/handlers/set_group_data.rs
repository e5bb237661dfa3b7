//! `set_group_data`.

use pinfold_core::{Draft, rules};
use pinfold_store::Scope;
use pinfold_wire::commands::SetGroupData;
use pinfold_wire::pinfold::set_group_data::{Request, Response};

use super::answers::listed_groups;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for SetGroupData {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let limits = &call.app.policy.limits;
        let name = parse::group_name("GroupName", &request.group_name, limits)?;
        let data = parse::group_data("Data", &request.data, limits)?;
        let ctx = call.context(account);
        let set = |draft: &mut Draft<'_>| rules::set_group_data(&ctx, draft, &name, data.as_ref());
        let group = call.update(account, &Scope::All, set).await?;
        Ok(Response { group_item: listed_groups([group]) })
    }
}
