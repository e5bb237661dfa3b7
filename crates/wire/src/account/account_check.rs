//! `account_check`: which of up to 100 accounts are imported.

use serde::{Deserialize, Serialize};

use super::UserItem;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// 1 to 100 accounts.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub check_item: List<UserItem>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// One element an account, in the order of the request.
    pub result_item: Vec<CheckResult>,
}

/// The registration of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CheckResult {
    /// The account.
    #[serde(rename = "UserID")]
    pub user_id: String,
    /// 0, or the code of a refusal.
    pub result_code: u32,
    /// `""`, or the refusal as a sentence.
    pub result_info: String,
    /// Whether it is imported.
    pub account_status: AccountStatus,
}

/// Whether an account is imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStatus {
    /// It is imported.
    Imported,
    /// It is not, or its id could not be read.
    #[default]
    NotImported,
}
