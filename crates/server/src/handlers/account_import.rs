//! `account_import`.

use pinfold_wire::account::account_import::{Request, Response};
use pinfold_wire::commands::AccountImport;

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for AccountImport {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let (account, profile) = parse::profile_of(&call.app.policy.limits, &request)?;
        call.import(account, &profile).await?;
        Ok(Response {})
    }
}
