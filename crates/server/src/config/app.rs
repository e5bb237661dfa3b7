//! One `[[app]]` of the configuration.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ipnet::IpNet;
use pinfold_core::{AccountId, AppId, AppPolicy, Edition, Registration};
use serde::{Deserialize, Serialize};

use super::values::{self, EditionText, RegistrationText};
use super::{LimitsConfig, Secret};

/// An app: who may call for it, and what its accounts may keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default = "AppConfig::template", deny_unknown_fields)]
pub struct AppConfig {
    /// The app's id, the `sdkappid` of every call.
    #[serde(with = "values::app_id")]
    pub sdkappid: AppId,
    /// A disabled app answers 60016 to every call.
    pub disabled: bool,
    /// Decides over conversation groups and standard marks.
    #[serde(with = "EditionText")]
    pub edition: Edition,
    /// The signing keys, at least one; a signature by any of them is valid. Read from `keys_file` if that is set.
    pub keys: Vec<Secret>,
    /// The file `keys` came from.
    #[serde(deserialize_with = "values::some_path", serialize_with = "values::some_path_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys_file: Option<PathBuf>,
    /// The accounts that may call, at least one.
    #[serde(with = "values::account_ids")]
    pub administrators: BTreeSet<AccountId>,
    /// Whether accounts must be imported.
    #[serde(with = "RegistrationText")]
    pub accounts: Registration,
    /// Whether chat groups must be registered.
    #[serde(with = "RegistrationText")]
    pub chat_groups: Registration,
    /// Calls of one command in a second: none stands for the protocol's numbers, 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_second_max: Option<u32>,
    /// Addresses that may call (60021); empty allows all.
    #[serde(deserialize_with = "values::networks")]
    pub allow_from: Vec<IpNet>,
    /// The numbers its accounts may not pass.
    pub limits: LimitsConfig,
}

impl AppConfig {
    /// An app with these keys and every default.
    pub fn new(sdkappid: AppId, keys: Vec<Secret>) -> Self {
        Self { sdkappid, keys, ..Self::template() }
    }

    /// What the rules of core have to know of the app.
    pub fn policy(&self) -> AppPolicy {
        AppPolicy {
            edition: self.edition,
            limits: (&self.limits).into(),
            accounts: self.accounts,
            chat_groups: self.chat_groups,
            administrators: self.administrators.clone(),
        }
    }

    /// The defaults. The id 0 never leaves this module: `sdkappid` is required.
    fn template() -> Self {
        let policy = AppPolicy::default();
        Self {
            sdkappid: AppId(0),
            disabled: false,
            edition: policy.edition,
            keys: Vec::new(),
            keys_file: None,
            administrators: AccountId::parse("administrator").into_iter().collect(),
            accounts: policy.accounts,
            chat_groups: policy.chat_groups,
            calls_per_second_max: None,
            allow_from: Vec::new(),
            limits: LimitsConfig::default(),
        }
    }
}
