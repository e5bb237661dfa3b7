//! Accounts of the account service.

use pinfold_core::{AccountId, Limits, Profile, Refusal, rules};
use pinfold_wire::account::{UserItem, account_import};
use pinfold_wire::{Lenient, List};

use super::fields::{account, list, object, text};

/// An account's id as it was given, and as it was read.
pub(crate) type NamedAccount = (String, Result<AccountId, Refusal>);

/// An array of accounts, of which a call may name so many.
pub(crate) fn accounts<'a, T>(
    limits: &Limits,
    field: &'static str,
    value: &'a List<T>,
) -> Result<&'a [Lenient<T>], Refusal> {
    let items = list(field, value)?;
    rules::accounts_per_call(limits, field, items.count())?;
    Ok(items)
}

/// The accounts of an array, each with its id as it was given.
///
/// # Errors
/// Among others [`Refusal::AccountIdNotText`]: a number for an account id refuses the whole call.
pub(crate) fn named_accounts(
    limits: &Limits,
    field: &'static str,
    value: &List<UserItem>,
) -> Result<Vec<NamedAccount>, Refusal> {
    let element = format!("an element of {field}");
    let named = |item: &Lenient<UserItem>| {
        let account = object(&element, item).and_then(|item| account("UserID", &item.user_id));
        if let Err(refusal @ Refusal::AccountIdNotText(_)) = account {
            return Err(refusal);
        }
        let text = item.given().and_then(|item| item.user_id.given()).cloned().unwrap_or_default();
        Ok((text, account))
    };
    accounts(limits, field, value)?.iter().map(named).collect()
}

/// The account that is imported, and its profile.
pub(crate) fn profile_of(limits: &Limits, item: &account_import::Request) -> Result<(AccountId, Profile), Refusal> {
    let account = account(item.user_id_sent_as.or("UserID"), &item.user_id)?;
    let nick = text("Nick", &item.nick)?.unwrap_or_default().to_owned();
    rules::nick_fits(limits, &nick)?;
    let face_url = text("FaceUrl", &item.face_url)?.unwrap_or_default().to_owned();
    rules::face_url_fits(limits, &face_url)?;
    Ok((account, Profile { nick, face_url }))
}
