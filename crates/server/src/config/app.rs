//! `[[app]]` and `[app.limits]`: the keys and callers of an app, and the limits of its accounts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ipnet::IpNet;
use pinfold_core::{AccountId, AppId, AppPolicy, Edition, Limits, Messages, Registration, Users, WebhookCommands};

use super::kinds::{
    ACCOUNT_IDS, APP_ID, COUNT_OR_ZERO, DAYS_OR_ZERO, EDITION, FILE_PATH, FLAG, MESSAGES, RANGES, REGISTRATION,
    SIGNING_KEYS, TOKEN, USERS, limit,
};
use super::section::{Section, section};
use super::{Secret, WebhookConfig};

section! {
    /// One for each app: who may call for it, and what its accounts may keep.
    pub struct AppConfig in "app." {
        /// The app's id, the `sdkappid` of every call. Required, and no two apps share one.
        sdkappid: AppId = AppId(0), APP_ID, Live, for example "1400000001";
        /// A disabled app answers 60016 to every call.
        disabled: bool = false, FLAG, Live;
        /// `standard` refuses conversation groups and standard marks with 51013.
        edition: Edition = Edition::default(), EDITION, Live;
        /// Signing keys; any of them verifies, which is how keys are rotated. This or `keys_file`.
        keys: Vec<Secret> = Vec::new(), SIGNING_KEYS, Live, for example r#"["at-least-16-characters"]"#;
        /// File with the signing keys, one a line; `#` begins a comment line. This or `keys`.
        keys_file: Option<PathBuf> = None, FILE_PATH, Live, for example r#""app-1400000001.keys""#;
        /// Accounts that may call, for every account. They count as imported.
        administrators: BTreeSet<AccountId> = AccountId::parse("administrator").into_iter().collect(), ACCOUNT_IDS, Live;
        /// `none`: only administrators call. `own`: every account may call for itself, with a signature of its own,
        /// what reads and arranges conversations.
        users: Users = Users::default(), USERS, Live;
        /// Calls of one account in a second with its own signature; more answer 60007. Only with `users = "own"`.
        /// 0 = no limit.
        user_calls_per_second_max: u32 = 20, COUNT_OR_ZERO, Live;
        /// `imported`: accounts must be imported before they can be used. `any`: every well-formed id is accepted.
        accounts: Registration = AppPolicy::default().accounts, REGISTRATION, Live;
        /// `imported`: chat groups must be registered before they can be used. `any`: every well-formed id is accepted.
        chat_groups: Registration = AppPolicy::default().chat_groups, REGISTRATION, Live;
        /// Calls of each command in a second; more answer 60007. 0 = no limit.
        /// Not set: 200, and 100 for `multiaccount_import`, `account_delete` and `account_check`.
        calls_per_second_max: Option<u32> = None, COUNT_OR_ZERO, Live, for example "200";
        /// Addresses from which administrators may call, with `users = "none"` everybody; others get 60021. Empty = all.
        allow_from: Vec<IpNet> = Vec::new(), RANGES, Live;
        /// `refuse`: the commands that send messages answer 60009. `touch`: they put the conversation into the list of
        /// recent conversations, and neither deliver nor keep the message.
        messages: Messages = Messages::default(), MESSAGES, Live;
        /// Days after which a conversation that is not pinned is left out of the list of recent conversations.
        /// 0 = never.
        recent_days: u32 = 0, DAYS_OR_ZERO, Live;
        /// Days for which each change of an account is kept, for `get_changes`, `undo` and `watch`. 0 keeps none.
        history_days: u32 = AppPolicy::default().history_days, DAYS_OR_ZERO, Live;
        /// Secret by which the callbacks of another chat service are verified; not set, they are refused. This or
        /// `callback_token_file`.
        callback_token: Option<Secret> = None, TOKEN, Live, for example r#""at-least-16-characters""#;
        /// File with that secret, on its first line. This or `callback_token`.
        callback_token_file: Option<PathBuf> = None, FILE_PATH, Live, for example r#""app-1400000001.token""#;
        /// Whether callbacks also register and destroy chat groups.
        callback_group_register: bool = false, FLAG, Live;
    } with {
        /// The numbers its accounts may not pass.
        limits: Limits = Limits::default();
        /// Where its changes are sent to.
        webhook: Option<WebhookConfig> = None;
    }
}

/// What a limit may hold: from its least value to its largest.
macro_rules! limit {
    ($min:literal) => {
        limit!($min 4294967295)
    };
    ($min:literal $max:literal) => {
        limit::<$min, $max>(concat!("a whole number from ", $min, " to ", $max))
    };
}

/// Makes `[app.limits]` of the rows in core.
macro_rules! limits_section {
    (
        configurable {
            $($(#[doc = $doc:literal])+ $name:ident = $default:literal, from $min:literal $(to $max:literal)?;)+
        }
        fixed { $($fixed:tt)* }
    ) => {
        section! {
            impl Limits in "app.limits.", "The numbers an account of this app may not pass.", {
                $($(#[doc = $doc])+ $name: usize, limit!($min $($max)?), Live;)+
            }, Self::default()
        }
    };
}

pinfold_core::limits!(limits_section);

impl AppConfig {
    /// An app with these keys and every default.
    pub fn new(sdkappid: AppId, keys: Vec<Secret>) -> Self {
        Self { sdkappid, keys, ..Self::defaults() }
    }

    /// What the rules of core have to know of the app.
    pub fn policy(&self) -> AppPolicy {
        AppPolicy {
            edition: self.edition,
            limits: self.limits.clone(),
            accounts: self.accounts,
            chat_groups: self.chat_groups,
            administrators: self.administrators.clone(),
            users: self.users,
            messages: self.messages,
            recent_days: self.recent_days,
            history_days: self.history_days,
            webhook: self.webhook.as_ref().map_or(WebhookCommands::NONE, |webhook| webhook.events),
        }
    }
}
