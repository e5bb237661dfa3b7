//! What the rules have to know of an app.

use std::collections::BTreeSet;

use crate::{AccountId, Limits, WebhookCommands};

/// An app (`sdkappid`). Never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppId(pub u32);

/// The edition an app was bought in; the standard one lacks conversation groups and standard marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// Custom marks only.
    Standard,
    /// Everything.
    #[default]
    Pro,
    /// Everything.
    ProPlus,
    /// Everything.
    Enterprise,
}

/// Whether ids must be in a register before they can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Only registered ids are known.
    Imported,
    /// Every well-formed id is known.
    Any,
}

/// Whether the commands that send and import messages are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Messages {
    /// They are refused.
    #[default]
    Refuse,
    /// They keep the time of the message in the lists of recent conversations, and nothing else of it.
    Touch,
}

/// Which accounts may call besides administrators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Users {
    /// None.
    #[default]
    None,
    /// Each account, with its own signature and for itself only.
    Own,
}

/// What an app's configuration says to the rules.
#[derive(Clone, Debug)]
pub struct AppPolicy {
    /// Decides over conversation groups and standard marks.
    pub edition: Edition,
    /// The numbers its accounts may not pass.
    pub limits: Limits,
    /// Whether accounts must be imported.
    pub accounts: Registration,
    /// Whether chat groups must be registered.
    pub chat_groups: Registration,
    /// Whether messages are taken, to keep their times.
    pub messages: Messages,
    /// Days after which a recent conversation is not shown any more; 0 shows them for ever.
    pub recent_days: u32,
    /// Days for which each change of an account is kept; 0 keeps none.
    pub history_days: u32,
    /// Whether accounts may call for themselves.
    pub users: Users,
    /// What the app's backend is told of changes; empty without a webhook.
    pub webhook: WebhookCommands,
    /// May call everything, and count as imported.
    pub administrators: BTreeSet<AccountId>,
}

impl Default for AppPolicy {
    fn default() -> Self {
        Self {
            edition: Edition::default(),
            limits: Limits::default(),
            accounts: Registration::Imported,
            chat_groups: Registration::Any,
            messages: Messages::default(),
            recent_days: 0,
            history_days: 7,
            users: Users::default(),
            webhook: WebhookCommands::NONE,
            administrators: BTreeSet::new(),
        }
    }
}

impl AppPolicy {
    /// Whether an account can be used, `imported` being what the register says.
    pub fn knows_account(&self, account: &AccountId, imported: bool) -> bool {
        self.accounts == Registration::Any || self.is_imported(account, imported)
    }

    /// Whether changes of accounts are kept.
    pub fn keeps_history(&self) -> bool {
        self.history_days > 0
    }

    /// Whether an account counts as imported, `imported` being what the register says.
    pub fn is_imported(&self, account: &AccountId, imported: bool) -> bool {
        imported || self.administrators.contains(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_counts_as_imported() {
        let admin = AccountId::parse("administrator").unwrap();
        let policy = AppPolicy { administrators: [admin.clone()].into(), ..AppPolicy::default() };
        assert!(policy.knows_account(&admin, false));
        assert!(!policy.knows_account(&AccountId::parse("bob").unwrap(), false));
        assert!(policy.knows_account(&AccountId::parse("bob").unwrap(), true));
    }
}
