//! `account_delete`: deletes up to 100 accounts and all that was kept for them.

use serde::{Deserialize, Serialize};

use super::UserItem;
use crate::{Lenient, List};

/// The body of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    /// 1 to 100 accounts.
    #[serde(skip_serializing_if = "Lenient::is_absent")]
    pub delete_item: List<UserItem>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Response {
    /// One element an account, in the order of the request.
    pub result_item: Vec<DeleteResult>,
}

/// The result for one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteResult {
    /// 0, or the code of a refusal.
    pub result_code: u32,
    /// `""`, or the refusal as a sentence.
    pub result_info: String,
    /// The account.
    #[serde(rename = "UserID")]
    pub user_id: String,
}
