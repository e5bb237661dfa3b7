//! `order_groups`.

use pinfold_core::{Draft, rules};
use pinfold_store::Scope;
use pinfold_wire::commands::OrderGroups;
use pinfold_wire::pinfold::order_groups::{Request, Response};

use super::answers::listed_groups;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for OrderGroups {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.group_name)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let name = |name| parse::group_name("GroupName", name, &call.app.policy.limits);
        let names = parse::list("GroupName", &request.group_name)?.iter().map(name).collect::<Result<Vec<_>, _>>()?;
        let ctx = call.context(account);
        let order = |draft: &mut Draft<'_>| rules::order_groups(&ctx, draft, &names);
        let groups = call.update(account, &Scope::All, order).await?;
        Ok(Response { group_item: listed_groups(groups) })
    }
}
