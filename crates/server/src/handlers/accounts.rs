//! The account service: importing, checking and deleting accounts.

use futures_util::stream::{self, StreamExt as _};
use pinfold_core::{AccountId, Profile, Refusal, rules};
use pinfold_store::Scope;
use pinfold_wire::account::account_check::{self, AccountStatus, CheckResult};
use pinfold_wire::account::account_delete::{self, DeleteResult};
use pinfold_wire::account::{UserItem, account_import, multiaccount_import};
use pinfold_wire::commands::{AccountCheck, AccountDelete, AccountImport, MultiaccountImport};
use pinfold_wire::{Lenient, List, Malformed, Service};

use super::answers::result_in;
use super::{Call, Handle};
use crate::parse;
use crate::rest::error::Failure;

/// Accounts in one call.
pub(super) const ACCOUNTS_PER_CALL_MAX: usize = 100;
/// Lengths of what is kept beside the id: as the service's documents have them.
const NICK_BYTES_MAX: usize = 500;
const FACE_URL_BYTES_MAX: usize = 500;

impl Handle for AccountImport {
    async fn handle(call: &Call<'_>, request: account_import::Request) -> Result<account_import::Response, Failure> {
        let (account, profile) = imported(&request)?;
        import(call, account, &profile).await?;
        Ok(account_import::Response {})
    }
}

impl Handle for MultiaccountImport {
    fn items(request: &multiaccount_import::Request) -> usize {
        parse::count(&request.account_list)
    }

    async fn handle(
        call: &Call<'_>,
        request: multiaccount_import::Request,
    ) -> Result<multiaccount_import::Response, Failure> {
        let items = accounts(request.account_list_sent_as.or("AccountList"), &request.account_list)?;
        let parsed = items.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        // Together, so that they share commits; the same account twice takes its turns in this order.
        let one = |item: Result<(AccountId, Profile), Refusal>| async {
            let (account, profile) = item?;
            import(call, account, &profile).await
        };
        let results = together(call, parsed.into_iter().map(one)).await;
        let mut fail_accounts = Vec::new();
        for (item, result) in items.iter().zip(results) {
            match result {
                Ok(()) => {}
                Err(Failure::Refused(_)) => fail_accounts.push(item.given().map(id_text).unwrap_or_default()),
                Err(internal) => return Err(internal),
            }
        }
        Ok(multiaccount_import::Response { fail_accounts })
    }
}

impl Handle for AccountCheck {
    fn items(request: &account_check::Request) -> usize {
        parse::count(&request.check_item)
    }

    async fn handle(call: &Call<'_>, request: account_check::Request) -> Result<account_check::Response, Failure> {
        let items = parsed("CheckItem", &request.check_item)?;
        let named: Vec<_> = items.iter().filter_map(|(_, account)| account.as_ref().ok().cloned()).collect();
        let imported = call.store.backend().imported(call.app.id, &named).await?;
        let mut imported = imported.into_iter();
        let mut check = |(user_id, account): Named| {
            let known = account.map(|account| call.app.policy.is_imported(&account, imported.next() == Some(true)));
            let (result_code, result_info) = result_in(Service::Account, &known);
            let imported = known == Ok(true);
            let account_status = if imported { AccountStatus::Imported } else { AccountStatus::NotImported };
            CheckResult { user_id, result_code, result_info, account_status }
        };
        Ok(account_check::Response { result_item: items.into_iter().map(&mut check).collect() })
    }
}

impl Handle for AccountDelete {
    fn items(request: &account_delete::Request) -> usize {
        parse::count(&request.delete_item)
    }

    async fn handle(call: &Call<'_>, request: account_delete::Request) -> Result<account_delete::Response, Failure> {
        let items = parsed("DeleteItem", &request.delete_item)?;
        // Together, so that they share commits; the second mention of an account finds it deleted.
        let one = |(user_id, account): Named| async {
            let deleted = match account {
                Ok(account) => delete(call, account).await,
                Err(refusal) => Err(refusal.into()),
            };
            match deleted {
                Ok(()) => Ok((user_id, Ok(()))),
                Err(Failure::Refused(refusal)) => Ok((user_id, Err(refusal))),
                Err(internal) => Err(internal),
            }
        };
        let mut result_item = Vec::new();
        for deleted in together(call, items.into_iter().map(one)).await {
            let (user_id, deleted) = deleted?;
            let (result_code, result_info) = result_in(Service::Account, &deleted);
            result_item.push(DeleteResult { result_code, result_info, user_id });
        }
        Ok(account_delete::Response { result_item })
    }
}

/// Makes changes of one call, as many at once as the store likes, and gives their outcomes in their order.
async fn together<T>(call: &Call<'_>, changes: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(changes)
        .buffered(call.store.backend().commits_of_a_call_max().min(ACCOUNTS_PER_CALL_MAX))
        .collect()
        .await
}

async fn import(call: &Call<'_>, account: AccountId, profile: &Profile) -> Result<(), Failure> {
    let account = call.key(account);
    call.update(&account, &Scope::Head, |_, draft| rules::import_account(draft, profile)).await
}

async fn delete(call: &Call<'_>, account: AccountId) -> Result<(), Failure> {
    let key = call.key(account);
    call.update(&key, &Scope::All, |ctx, draft| rules::delete_account(draft, ctx.account)).await
}

/// An element of the list; a number for an id refuses the whole call before anything is imported.
fn listed(item: &Lenient<account_import::Request>) -> Result<Result<(AccountId, Profile), Refusal>, Refusal> {
    if let Lenient::Malformed(Malformed::NumberForString) = item {
        return Err(Refusal::AccountIdNotText("UserID"));
    }
    let item = parse::object("an element of AccountList", item).and_then(imported);
    match item {
        Err(refusal @ Refusal::AccountIdNotText(_)) => Err(refusal),
        item => Ok(item),
    }
}

fn imported(item: &account_import::Request) -> Result<(AccountId, Profile), Refusal> {
    let account = parse::account(item.user_id_sent_as.or("UserID"), &item.user_id)?;
    let nick = bounded("Nick", &item.nick, NICK_BYTES_MAX)?;
    let face_url = bounded("FaceUrl", &item.face_url, FACE_URL_BYTES_MAX)?;
    Ok((account, Profile { nick, face_url }))
}

fn bounded(field: &str, value: &Lenient<String>, bytes_max: usize) -> Result<String, Refusal> {
    let text = parse::text(field, value)?.unwrap_or_default();
    if text.len() > bytes_max {
        return Err(Refusal::Malformed(format!("{field} has {} bytes; at most {bytes_max} are allowed", text.len())));
    }
    Ok(text.to_owned())
}

/// An array of 1 to 100 accounts.
fn accounts<'a, T>(field: &str, list: &'a List<T>) -> Result<&'a [Lenient<T>], Refusal> {
    let items = parse::list(field, list)?;
    if !(1..=ACCOUNTS_PER_CALL_MAX).contains(&items.count()) {
        let given = items.count();
        return Err(Refusal::Malformed(format!(
            "{field} has {given} accounts; 1 to {ACCOUNTS_PER_CALL_MAX} are allowed"
        )));
    }
    Ok(items)
}

/// An account's id as it was given, and as it was read.
type Named = (String, Result<AccountId, Refusal>);

/// The accounts of an array, each with its id as it was given.
fn parsed(field: &str, list: &List<UserItem>) -> Result<Vec<Named>, Refusal> {
    let element = format!("an element of {field}");
    let parse = |item: &Lenient<UserItem>| {
        let account = parse::object(&element, item).and_then(|item| parse::account("UserID", &item.user_id));
        if let Err(refusal @ Refusal::AccountIdNotText(_)) = account {
            return Err(refusal);
        }
        let text = item.given().and_then(|item| item.user_id.given()).cloned().unwrap_or_default();
        Ok((text, account))
    };
    accounts(field, list)?.iter().map(parse).collect()
}

fn id_text(item: &account_import::Request) -> String {
    item.user_id.given().cloned().unwrap_or_default()
}
