//! The apps a server answers for, ready for use.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use pinfold_core::{AppId, AppPolicy, Users};
use pinfold_wire::commands::COMMANDS;
use pinfold_wire::pinfold::watch;

use crate::config::{AppConfig, Secret};
use crate::metrics::AppMetrics;
use crate::net::networks;

/// An app with all that a request is judged by.
pub(crate) struct App {
    pub(crate) id: AppId,
    pub(crate) policy: AppPolicy,
    pub(crate) keys: Arc<[Secret]>,
    pub(crate) disabled: bool,
    allow_from: Vec<IpNet>,
    /// One limiter a command, in the order of [`COMMANDS`], and that of `watch`; `None` where the rate is not limited.
    limiters: Vec<Option<DefaultDirectRateLimiter>>,
    config: AppConfig,
    pub(crate) meters: Arc<AppMetrics>,
}

/// All apps by their id.
pub(crate) type Apps = HashMap<AppId, Arc<App>>;

/// The apps of a configuration. One that is as it was before is kept, and so the calls of this second stay counted.
pub(crate) fn of(configs: &[AppConfig], before: &Apps) -> Apps {
    let kept = |config: &AppConfig| before.get(&config.sdkappid).filter(|app| app.config == *config).cloned();
    let app = |config| kept(config).unwrap_or_else(|| Arc::new(App::new(config)));
    configs.iter().map(|config| (config.sdkappid, app(config))).collect()
}

impl App {
    pub(crate) fn new(config: &AppConfig) -> Self {
        Self {
            id: config.sdkappid,
            policy: config.policy(),
            keys: config.keys.clone().into(),
            disabled: config.disabled,
            allow_from: config.allow_from.clone(),
            limiters: rates().map(|rate| limiter(config.calls_per_second_max.unwrap_or(rate))).collect(),
            config: config.clone(),
            meters: Arc::new(AppMetrics::new(config.sdkappid)),
        }
    }

    /// Whether calls of this identifier may come from this address. Where accounts call for themselves the list holds for
    /// administrators only; it is asked before the signature, which proves the identifier.
    pub(crate) fn allows(&self, address: IpAddr, identifier: &str) -> bool {
        let is_listed = || self.allow_from.is_empty() || networks::contain(&self.allow_from, address);
        match self.policy.users {
            Users::Own if !self.policy.administrators.contains(identifier) => true,
            Users::Own | Users::None => is_listed(),
        }
    }

    /// Calls in a second of one account that calls for itself; 0 is no limit.
    pub(crate) fn user_calls_per_second_max(&self) -> u32 {
        self.config.user_calls_per_second_max
    }

    /// The secret by which callbacks are signed, if the app takes some.
    pub(crate) fn callback_token(&self) -> Option<&Secret> {
        self.config.callback_token.as_ref()
    }

    /// Whether callbacks also register and destroy chat groups.
    pub(crate) fn registers_by_callback(&self) -> bool {
        self.config.callback_group_register
    }

    /// Takes one call of a command (its place in [`COMMANDS`], or [`WATCH`](crate::metrics::WATCH)) out of this second's
    /// share.
    pub(crate) fn may_call(&self, command: usize) -> bool {
        self.limiters[command].as_ref().is_none_or(|limiter| limiter.check().is_ok())
    }
}

/// The rates of calls by default.
fn rates() -> impl Iterator<Item = u32> {
    COMMANDS.iter().map(|command| command.calls_per_second_max).chain([watch::STARTS_PER_SECOND_MAX])
}

/// A limiter with a burst of one second.
fn limiter(per_second_max: u32) -> Option<DefaultDirectRateLimiter> {
    let per_second = NonZeroU32::new(per_second_max)?;
    Some(RateLimiter::direct(Quota::per_second(per_second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(change: impl FnOnce(&mut AppConfig)) -> App {
        let mut config = AppConfig::new(AppId(1), Vec::new());
        change(&mut config);
        App::new(&config)
    }

    fn burst(app: &App, name: &str) -> usize {
        let command = COMMANDS.iter().position(|command| command.name == name).unwrap();
        (0..1000).take_while(|_| app.may_call(command)).count()
    }

    #[test]
    fn a_burst_is_one_second_of_calls_and_each_command_has_its_own() {
        let app = app(|_| ());
        // The limiter refills while the loop runs, so a few more may pass.
        assert!((200..260).contains(&burst(&app, "mark_contact")));
        assert!((100..130).contains(&burst(&app, "account_check")));
    }

    #[test]
    fn a_configured_rate_holds_for_every_command_and_0_switches_it_off() {
        assert!((3..10).contains(&burst(&app(|config| config.calls_per_second_max = Some(3)), "account_check")));
        assert_eq!(burst(&app(|config| config.calls_per_second_max = Some(0)), "mark_contact"), 1000);
    }

    #[test]
    fn an_app_that_did_not_change_is_kept_with_its_counts_and_one_that_did_is_made_anew() {
        let config = |id, rate| AppConfig {
            calls_per_second_max: Some(rate),
            ..AppConfig::new(AppId(id), vec![Secret::new("a-made-up-key-for-these-tests").unwrap()])
        };
        let before = of(&[config(1, 5), config(2, 5), config(3, 5)], &Apps::new());
        let after = of(&[config(1, 5), config(2, 6), config(4, 5)], &before);
        assert!(Arc::ptr_eq(&before[&AppId(1)], &after[&AppId(1)]));
        assert_eq!(after[&AppId(2)].config.calls_per_second_max, Some(6));
        assert!(!after.contains_key(&AppId(3)) && after.contains_key(&AppId(4)));
    }

    #[test]
    fn calls_are_allowed_from_the_networks_named_and_from_everywhere_without_any() {
        assert!(app(|_| ()).allows(IpAddr::from([203, 0, 113, 1]), "alice"));
        let app = app(|config| config.allow_from = vec!["10.0.0.0/8".parse().unwrap()]);
        assert!(app.allows("::ffff:10.1.2.3".parse().unwrap(), "alice"));
        assert!(!app.allows(IpAddr::from([203, 0, 113, 1]), "alice"));
    }

    #[test]
    fn where_accounts_call_for_themselves_the_networks_hold_for_administrators() {
        let app = app(|config| {
            config.users = Users::Own;
            config.allow_from = vec!["10.0.0.0/8".parse().unwrap()];
        });
        let elsewhere = IpAddr::from([203, 0, 113, 1]);
        assert!(app.allows(elsewhere, "alice"));
        assert!(!app.allows(elsewhere, "administrator") && app.allows(IpAddr::from([10, 1, 2, 3]), "administrator"));
    }
}
