//! What the signature of a call permits (docs/protocol.md, "Who may call").

use pinfold_core::rules::Signer;
use pinfold_core::{AccountId, AppPolicy, Users};
use pinfold_wire::Service;

use super::error::{self, Failure};

/// Who signed, if that permits calls of this service: an administrator of the app, or another account where the app lets
/// accounts call for themselves. `identifier` is the one that the signature proved.
pub(crate) fn permitted(policy: &AppPolicy, identifier: &str, service: Service) -> Result<Signer, Failure> {
    if let Some(administrator) = policy.administrators.get(identifier) {
        return Ok(Signer::Administrator(administrator.clone()));
    }
    let account = match policy.users {
        Users::Own if is_open_to_accounts(service) => AccountId::parse(identifier).ok(),
        Users::Own | Users::None => None,
    };
    account.map(Signer::Account).ok_or_else(|| not_permitted(service))
}

/// Refuses a call that only an administrator may make.
pub(crate) fn not_permitted(service: Service) -> Failure {
    let sentence = "identifier is not an administrator of the app; only administrators may call";
    Failure::Request(error::not_permitted(service), sentence.to_owned())
}

/// Whether an account may call a service for itself: each of its commands says which account it is about.
fn is_open_to_accounts(service: Service) -> bool {
    match service {
        Service::RecentContact | Service::Pinfold => true,
        Service::Account | Service::Group | Service::OpenIm => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(users: Users) -> AppPolicy {
        let administrators = AccountId::parse("administrator").into_iter().collect();
        AppPolicy { users, administrators, ..AppPolicy::default() }
    }

    fn codes(users: Users, identifier: &str) -> [u32; 5] {
        Service::ALL.map(|service| match permitted(&policy(users), identifier, service) {
            Ok(Signer::Administrator(_)) => 1,
            Ok(Signer::Account(_)) => 0,
            Err(failure) => failure.answer(Some(service)).0.number(),
        })
    }

    #[test]
    fn an_administrator_may_call_every_service_whatever_others_may() {
        assert_eq!(codes(Users::None, "administrator"), [1; 5]);
        assert_eq!(codes(Users::Own, "administrator"), [1; 5]);
    }

    #[test]
    fn another_account_may_call_where_calls_name_an_account_and_only_if_the_app_says_so() {
        assert_eq!(codes(Users::None, "alice"), [50003, 70403, 10007, 90009, 50003]);
        assert_eq!(codes(Users::Own, "alice"), [0, 70403, 10007, 90009, 0]);
    }

    #[test]
    fn a_signature_of_an_identifier_that_is_no_account_id_permits_nothing() {
        assert_eq!(codes(Users::Own, &"a".repeat(33)), [50003, 70403, 10007, 90009, 50003]);
    }
}
