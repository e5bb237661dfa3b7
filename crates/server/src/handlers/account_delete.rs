//! `account_delete`.

use pinfold_core::{AccountId, Draft, Refusal, rules};
use pinfold_store::Scope;
use pinfold_wire::Service;
use pinfold_wire::account::account_delete::{DeleteResult, Request, Response};
use pinfold_wire::commands::AccountDelete;

use super::answers::result_in;
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for AccountDelete {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.delete_item)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let items = parse::named_accounts(&call.app.policy.limits, "DeleteItem", &request.delete_item)?;
        let mut result_item = Vec::new();
        // Together, so that they share commits; the second mention of an account finds it deleted.
        for answer in call.together(items.into_iter().map(|item| answer(call, item))).await {
            result_item.push(answer?);
        }
        Ok(Response { result_item })
    }
}

async fn answer(call: &Call<'_>, (user_id, account): parse::NamedAccount) -> Result<DeleteResult, Failure> {
    let deleted: Result<(), Refusal> = match delete(call, account).await {
        Ok(()) => Ok(()),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(internal) => return Err(internal),
    };
    let (result_code, result_info) = result_in(Service::Account, &deleted);
    Ok(DeleteResult { result_code, result_info, user_id })
}

async fn delete(call: &Call<'_>, account: Result<AccountId, Refusal>) -> Result<(), Failure> {
    let key = call.key(account?);
    call.update(&key, &Scope::All, |draft: &mut Draft<'_>| rules::delete_account(draft, &key.account)).await
}
