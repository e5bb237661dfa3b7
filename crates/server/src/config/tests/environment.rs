//! Variables of the environment.

use super::*;

fn load_with(variables: &[(&str, &str)]) -> Config {
    Directory::new(APP).load(variables).unwrap().config
}

fn refused_with(variable: &str, text: &str) -> String {
    Directory::new(APP).load(&[(variable, text)]).unwrap_err()
}

#[test]
fn a_variable_wins_over_the_file() {
    let directory = Directory::new(&format!("log = \"warn\"\n{APP}"));
    assert_eq!(directory.load(&[]).unwrap().config.log, "warn");
    assert_eq!(directory.load(&[("PINFOLD_LOG", "debug")]).unwrap().config.log, "debug");
}

#[test]
fn a_whole_configuration_can_come_from_variables() {
    let variables = [
        ("PINFOLD_STORE__URL", "memory:"),
        ("PINFOLD_APP__0__SDKAPPID", "1"),
        ("PINFOLD_APP__0__KEYS", "0123456789abcdef"),
        ("PINFOLD_APP__1__SDKAPPID", "2"),
        ("PINFOLD_APP__1__KEYS", "fedcba9876543210"),
        ("PINFOLD_APP__1__DISABLED", "true"),
        ("PINFOLD_APP__1__LIMITS__NAME_BYTES_MAX", "64"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.into()));
    let config = Config::load(None, variables.into_iter()).unwrap().config;
    assert_eq!(config.apps[0].sdkappid.0, 1);
    assert!(config.apps[1].disabled);
    assert_eq!(config.apps[1].limits.name_bytes_max, 64);
}

#[test]
fn a_list_is_written_with_commas_or_as_toml() {
    for text in ["127.0.0.1:1, [::1]:2", "[\"127.0.0.1:1\", \"[::1]:2\"]"] {
        let listen = load_with(&[("PINFOLD_LISTEN", text)]).listen;
        assert_eq!(listen, ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()]);
    }
    assert_eq!(load_with(&[("PINFOLD_LISTEN", "[::1]:2")]).listen, ["[::1]:2".parse().unwrap()]);
    assert!(load_with(&[("PINFOLD_APP__0__ALLOW_FROM", "")]).apps[0].allow_from.is_empty());
}

#[test]
fn a_list_of_keys_that_is_broken_toml_is_refused_and_not_repeated() {
    let sentence = refused_with("PINFOLD_APP__0__KEYS", "[\"0123456789abcdef");
    assert!(sentence.starts_with("app[0].keys is not allowed; allowed is a list of keys"), "{sentence}");
    assert!(sentence.ends_with(" (PINFOLD_APP__0__KEYS)"), "{sentence}");
}

#[test]
fn a_number_that_is_none_is_refused_with_the_variable() {
    assert_eq!(
        refused_with("PINFOLD_STORE__CACHE_MIB", "lots"),
        "store.cache_mib = \"lots\" is not allowed; allowed is a whole number from 1 to 4294967295 \
         (PINFOLD_STORE__CACHE_MIB)"
    );
    assert!(refused_with("PINFOLD_APP__0__DISABLED", "1").starts_with("app[0].disabled = \"1\" is not allowed"));
}

#[test]
fn an_unknown_variable_is_refused_with_the_one_that_was_likely_meant() {
    let meant = [
        ("PINFOLD_STORE_URL", "PINFOLD_STORE__URL"),
        ("PINFOLD_listen", "PINFOLD_LISTEN"),
        ("PINFOLD_APP_0_KEYS", "PINFOLD_APP__0__KEYS"),
        ("PINFOLD_APP__KEYS", "PINFOLD_APP__0__KEYS"),
        ("PINFOLD_APP__2__LIMIT__PINS_MAX", "PINFOLD_APP__2__LIMITS__PINS_MAX"),
        ("PINFOLD_APP__01__KEYS", "PINFOLD_APP__1__KEYS"),
    ];
    for (variable, meant) in meant {
        let sentence = refused_with(variable, "x");
        let expected = format!("unknown key {variable}; did you mean {meant}? ({variable})");
        assert_eq!(sentence, expected);
    }
}

#[test]
fn an_unknown_variable_is_refused_without_its_value() {
    assert!(!refused_with("PINFOLD_SECRET", "0123456789abcdef").contains("0123"));
}

#[test]
fn variables_of_the_command_line_of_dev_and_of_tests_are_no_keys_and_no_error() {
    load_with(&[("HOME", "/"), ("PINFOLD_CONFIG", "x"), ("PINFOLD_TEST_X", "x"), ("PINFOLD_DEV_DATA", "x")]);
}

#[test]
fn links_to_other_services_are_ignored_and_named() {
    let links = [
        ("PINFOLD_DB_PORT", "tcp://10.0.0.2:5432"),
        ("PINFOLD_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("PINFOLD_POSTGRESQL_SERVICE_HOST", "10.0.0.2"),
        ("PINFOLD_SERVICE_PORT_HTTP", "8080"),
    ];
    let loaded = Directory::new(APP).load(&links).unwrap();
    assert_eq!(loaded.ignored_variables(), links.map(|(name, _)| name));
}

#[test]
fn what_only_begins_like_a_link_to_a_service_is_refused() {
    for variable in ["PINFOLD_SERVICE_HOSTS", "PINFOLD_PORT_8080", "PINFOLD_DB_NAME"] {
        let sentence = refused_with(variable, "tcp://10.0.0.1:8080");
        assert!(sentence.starts_with(&format!("unknown key {variable}")), "{sentence}");
    }
}

#[test]
fn white_space_around_a_value_is_not_a_part_of_it() {
    let around = |text: &str| format!(" \t{text} \r\n");
    let directory = Directory::new("");
    let variables = [
        ("PINFOLD_STORE__URL", "file:/data"),
        ("PINFOLD_STORE__PASSWORD", "pass word"),
        ("PINFOLD_STORE__CACHE_MIB", "7"),
        ("PINFOLD_STORE__MIGRATE", "false"),
        ("PINFOLD_ADMIN_LISTEN", ""),
        ("PINFOLD_APP__0__SDKAPPID", "1"),
        ("PINFOLD_APP__0__KEYS", "0123456789abcdef"),
        ("PINFOLD_APP__0__EDITION", "standard"),
    ]
    .map(|(name, value)| (name.to_owned(), OsString::from(around(value))));
    let config = directory.load_with(variables.into_iter()).unwrap().config;
    assert_eq!(config.store.url, crate::config::StoreUrl::File("/data".into()));
    assert_eq!(config.store.password.unwrap().expose(), "pass word");
    assert_eq!((config.store.cache_mib, config.store.migrate, config.admin_listen), (7, false, None));
    assert_eq!(config.apps[0].keys[0].expose(), "0123456789abcdef");
    assert_eq!(config.apps[0].edition, pinfold_core::Edition::Standard);
}

#[test]
fn a_value_that_is_not_utf_8_is_refused_by_the_name_of_its_variable() {
    use std::os::unix::ffi::OsStringExt as _;
    let bytes = || OsString::from_vec(b"geheim-\xff-0123456789".to_vec());
    let refused = |name: &str| Directory::new(APP).load_with([(name.to_owned(), bytes())].into_iter()).unwrap_err();
    let sentence = refused("PINFOLD_STORE__PASSWORD");
    assert_eq!(sentence, "the value of a variable is not UTF-8 (PINFOLD_STORE__PASSWORD)");
    assert!(refused("PINFOLD_SECRET").starts_with("unknown key PINFOLD_SECRET"));
}

#[test]
fn a_port_somebody_meant_as_a_key_is_refused() {
    assert!(refused_with("PINFOLD_PORT", "8080").starts_with("unknown key PINFOLD_PORT"));
}

#[test]
fn a_gap_between_apps_is_refused() {
    let sentence = refused_with("PINFOLD_APP__4000000000__SDKAPPID", "2");
    assert!(sentence.starts_with("app[1].sdkappid is missing"), "{sentence}");
}
