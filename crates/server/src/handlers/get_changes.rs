//! `get_changes`.

use pinfold_core::rules;
use pinfold_wire::commands::GetChanges;
use pinfold_wire::pinfold::get_changes::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::changes::change;
use crate::parse;
use crate::rest::error::Failure;

impl Handle for GetChanges {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let (limit, before) = (parse::integer("Limit", &request.limit)?, parse::integer("Before", &request.before)?);
        let query = rules::changes_page(&call.app.policy.limits, limit, before)?;
        let page = call.store.changes(account, &query).await?;
        rules::account_is_known(&call.app.policy, &account.account, &page.loaded.state)?;
        if !call.app.policy.keeps_history() {
            // What was kept until a reload is removed in the background.
            return Ok(Response { complete_flag: 1, ..Response::default() });
        }
        let oldest = page.changes.last().map_or(0, |change| change.revision.0);
        Ok(Response {
            change: page.changes.iter().map(|kept| change(kept)).collect(),
            complete_flag: u32::from(page.is_complete),
            before: if page.is_complete { 0 } else { oldest },
        })
    }
}
