//! Which changes a running server can follow.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Config;
use super::keys::section_of;
use super::table::KEYS;

impl Config {
    /// The keys that differ in `new` and that only a restart follows. Everything of
    /// the apps is followed at once, and so are `log` and, as long as both have them, the files of `[tls]` and the
    /// password of the database, wherever it comes from.
    pub fn restart_keys(&self, new: &Config) -> BTreeSet<&'static str> {
        let is_tls_followed = self.tls.is_some() && new.tls.is_some();
        let is_password_followed = self.store.password.is_some() && new.store.password.is_some();
        let is_followed = |name: &str| match section_of(name) {
            "app" | "app.limits" => true,
            "tls" => is_tls_followed,
            "store" if name.starts_with("store.password") => is_password_followed,
            _ => name == "log",
        };
        let (old_table, new_table) = (self.table(), new.table());
        let differs = |name: &str| value_of(&old_table, name) != value_of(&new_table, name);
        let names = KEYS.iter().map(|key| key.name).filter(|name| !is_followed(name));
        let mut keys: BTreeSet<_> = names.filter(|name| differs(name)).collect();
        // Passwords are written as four stars, whatever they are.
        keys.extend((self.store.password.is_some() != new.store.password.is_some()).then_some("store.password"));
        keys.extend((self.store.url != new.store.url).then_some("store.url"));
        keys
    }

    fn table(&self) -> Table {
        Table::try_from(self).expect("every field is a number, a text, a list or a table of those")
    }
}

fn value_of<'a>(table: &'a Table, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        Some((section, rest)) => value_of(table.get(section)?.as_table()?, rest),
        None => table.get(name),
    }
}

#[cfg(test)]
mod tests {
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
