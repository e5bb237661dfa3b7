//! Changes that a running server takes, and those that need a restart.

use std::collections::BTreeSet;

use super::Config;
use super::keys::{Key, Reload, section_of};

impl Config {
    /// The keys that differ in `new` and that only a restart takes. Every key of the apps is taken at once.
    pub fn restart_keys(&self, new: &Config) -> BTreeSet<&'static str> {
        let has_tls = self.tls.is_some() && new.tls.is_some();
        let has_password = self.store.password.is_some() && new.store.password.is_some();
        let needs_restart = |key: &&Key| match key.reload {
            Reload::Live => false,
            Reload::Exchange if section_of(key.name) == "tls" => !has_tls,
            Reload::Exchange => !has_password,
            Reload::Restart => true,
        };
        self.changed_keys(new).into_iter().filter(needs_restart).map(|key| key.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::KEYS;
    use super::super::{AppConfig, LogFormat, Password, TlsConfig};
    use super::*;
    use pinfold_core::AppId;

    fn changed(change: impl FnOnce(&mut Config)) -> Vec<&'static str> {
        let mut new = config();
        change(&mut new);
        config().restart_keys(&new).into_iter().collect()
    }

    fn config() -> Config {
        let tls = TlsConfig { cert_file: "cert".into(), key_file: "key".into(), client_ca_file: None };
        let mut config = Config { tls: Some(tls), ..Config::default() };
        config.store.password = Some(Password::new("before"));
        config
    }

    #[test]
    fn the_apps_the_log_and_the_files_of_tls_are_followed() {
        let keys = changed(|config| {
            config.log = "debug".to_owned();
            config.apps.push(AppConfig::new(AppId(1), Vec::new()));
            config.tls.as_mut().unwrap().cert_file = "other".into();
            config.tls.as_mut().unwrap().client_ca_file = Some("ca".into());
        });
        assert_eq!(keys, [""; 0]);
    }

    #[test]
    fn every_key_of_an_app_is_live_since_apps_may_come_and_go() {
        let of_apps = KEYS.iter().filter(|key| key.name.starts_with("app."));
        assert!(of_apps.clone().count() > 10);
        assert_eq!(of_apps.filter(|key| key.reload != Reload::Live).map(|key| key.name).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn everything_else_is_named() {
        let keys = changed(|config| {
            config.admin_listen = None;
            config.connections_max = 1;
            config.log_format = LogFormat::Json;
            config.store.cache_mib = 1;
            config.timeouts.drain = std::time::Duration::from_secs(1);
        });
        assert_eq!(keys, ["admin_listen", "connections_max", "log_format", "store.cache_mib", "timeouts.drain_ms"]);
    }

    #[test]
    fn a_new_password_is_followed_and_in_a_url_it_is_named_though_it_is_never_written() {
        let new = |config: &mut Config| config.store.password = Some(Password::new("after"));
        assert_eq!(changed(new), [""; 0]);
        assert_eq!(changed(|config| config.store.password = None), ["store.password"]);
        let with_url = |url: &str| {
            let mut config = config();
            config.store.url = url.parse().unwrap();
            config
        };
        let (before, after) = (with_url("postgres://me:before@db/x"), with_url("postgres://me:after@db/x"));
        assert_eq!(before.restart_keys(&after), BTreeSet::from(["store.url"]));
    }

    #[test]
    fn tls_is_neither_begun_nor_ended_at_once() {
        assert_eq!(changed(|config| config.tls = None), ["tls.cert_file", "tls.key_file"]);
    }
}
