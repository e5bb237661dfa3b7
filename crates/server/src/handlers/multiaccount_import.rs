//! `multiaccount_import`.

use pinfold_core::{AccountId, Limits, Profile, Refusal};
use pinfold_wire::account::account_import;
use pinfold_wire::account::multiaccount_import::{Request, Response};
use pinfold_wire::commands::MultiaccountImport;
use pinfold_wire::{Lenient, Malformed};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for MultiaccountImport {
    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.account_list)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let limits = &call.app.policy.limits;
        let items = parse::accounts(limits, request.account_list_sent_as.or("AccountList"), &request.account_list)?;
        let parsed = items.iter().map(|item| listed(limits, item)).collect::<Result<Vec<_>, _>>()?;
        // Together, so that they share commits; the same account twice takes its turns in this order.
        let results = call.together(parsed.into_iter().map(|item| import(call, item))).await;
        let mut fail_accounts = Vec::new();
        for (item, result) in items.iter().zip(results) {
            match result {
                Ok(()) => {}
                Err(Failure::Refused(_)) => fail_accounts.push(id_text(item)),
                Err(internal) => return Err(internal),
            }
        }
        Ok(Response { fail_accounts })
    }
}

async fn import(call: &Call<'_>, item: Result<(AccountId, Profile), Refusal>) -> Result<(), Failure> {
    let (account, profile) = item?;
    call.import(account, &profile).await
}

/// An element of the list; a number for an id refuses the whole call before anything is imported.
fn listed(
    limits: &Limits,
    item: &Lenient<account_import::Request>,
) -> Result<Result<(AccountId, Profile), Refusal>, Refusal> {
    if let Lenient::Malformed(Malformed::NumberForString) = item {
        return Err(Refusal::AccountIdNotText("UserID"));
    }
    let item = parse::object("an element of AccountList", item).and_then(|item| parse::profile_of(limits, item));
    match item {
        Err(refusal @ Refusal::AccountIdNotText(_)) => Err(refusal),
        item => Ok(item),
    }
}

fn id_text(item: &Lenient<account_import::Request>) -> String {
    item.given().and_then(|item| item.user_id.given()).cloned().unwrap_or_default()
}
