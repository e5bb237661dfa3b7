//! `multiaccount_import`: registers up to 100 accounts.

use serde::{Deserialize, Serialize};

use super::account_import;
use crate::{
    Lenient, List,
    lenient::{self, SentAs},
};

/// One account, as `account_import` takes it.
pub type Account = account_import::Request;

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", from = "Spellings")]
pub struct Request {
    /// `AccountList`, or the older `Accounts`, where an element may be a plain id: 1 to 100 accounts.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub account_list: List<Account>,
    /// Which name the list had.
    #[serde(skip)]
    pub account_list_sent_as: SentAs,
}

/// The same with a field for each spelling; `AccountList` wins.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Spellings {
    account_list: List<Account>,
    accounts: List<Account>,
}

impl From<Spellings> for Request {
    fn from(spellings: Spellings) -> Self {
        let Spellings { account_list, accounts } = spellings;
        let (account_list_sent_as, account_list) =
            lenient::first([("AccountList", account_list), ("Accounts", accounts)]);
        Self { account_list, account_list_sent_as }
    }
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// The ids that were not imported; `[]` when all were.
    pub fail_accounts: Vec<String>,
}
