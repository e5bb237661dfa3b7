//! Whose data a call arranges, by who signed it and the account it names.

use crate::{AccountId, Refusal};

/// The account whose signature a call carries, and what it may do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// An administrator of the app: it may arrange every account.
    Administrator(AccountId),
    /// Any other account: it may arrange itself.
    Account(AccountId),
}

impl Signer {
    /// The account that signed.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Administrator(account) | Self::Account(account) => account,
        }
    }
}

/// The account that a call is about. `from_account` is the field `From_Account`: `None` where it is absent, the refusal of
/// its field where it cannot be read. A field that cannot be read is never taken for an absent one.
///
/// # Errors
/// The refusal of the field; [`Refusal::Malformed`] where an administrator names no account; [`Refusal::OtherAccount`]
/// where an account names another one than itself.
pub fn arranged_by(signer: &Signer, from_account: Option<Result<AccountId, Refusal>>) -> Result<AccountId, Refusal> {
    match (signer, from_account.transpose()?) {
        (Signer::Administrator(_), Some(named)) => Ok(named),
        (Signer::Administrator(_), None) => Err(Refusal::Malformed("From_Account is missing".to_owned())),
        (Signer::Account(own), None) => Ok(own.clone()),
        (Signer::Account(own), Some(named)) if named == *own => Ok(named),
        (Signer::Account(own), Some(named)) => Err(Refusal::OtherAccount { named, signer: own.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn unreadable() -> Refusal {
        Refusal::AccountIdNotText("From_Account")
    }

    #[test]
    fn an_administrator_arranges_the_account_it_names_and_must_name_one() {
        let admin = Signer::Administrator(id("administrator"));
        assert_eq!(arranged_by(&admin, Some(Ok(id("bob")))), Ok(id("bob")));
        assert_eq!(arranged_by(&admin, None), Err(Refusal::Malformed("From_Account is missing".into())));
        assert_eq!(arranged_by(&admin, Some(Err(unreadable()))), Err(unreadable()));
    }

    #[test]
    fn an_account_arranges_itself_named_or_not() {
        let alice = Signer::Account(id("alice"));
        assert_eq!(arranged_by(&alice, None), Ok(id("alice")));
        assert_eq!(arranged_by(&alice, Some(Ok(id("alice")))), Ok(id("alice")));
    }

    #[test]
    fn an_account_is_refused_for_every_other_name_however_near() {
        let alice = Signer::Account(id("alice"));
        for other in ["bob", "Alice", " alice", "alice ", "alice\u{200b}", "administrator"] {
            let refusal = Refusal::OtherAccount { named: id(other), signer: id("alice") };
            assert_eq!(arranged_by(&alice, Some(Ok(id(other)))), Err(refusal));
        }
    }

    #[test]
    fn a_field_that_cannot_be_read_is_not_an_absent_one() {
        let alice = Signer::Account(id("alice"));
        assert_eq!(arranged_by(&alice, Some(Err(unreadable()))), Err(unreadable()));
    }
}
