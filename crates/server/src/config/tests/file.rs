//! Names and structure of the file.

use std::path::Path;

use super::*;
use crate::config::StoreUrl;

#[test]
fn what_the_file_does_not_say_is_the_default() {
    let config = load(APP);
    assert_eq!(config.listen, ["0.0.0.0:8080".parse().unwrap()]);
    assert_eq!(config.admin_listen, Some("127.0.0.1:9090".parse().unwrap()));
    assert!(config.tls.is_none());
    assert_eq!(config.apps[0].calls_per_second_max, None);
    assert_eq!(config.apps[0].limits, Default::default());
}

#[test]
fn what_the_file_says_is_taken() {
    let config = load(&format!(
        "admin_listen = \"\"\notlp_endpoint = \"http://127.0.0.1:4318/base/\"\n[timeouts]\nanswer_ms = 250\n\
         {APP}edition = \"pro-plus\"\ncalls_per_second_max = 0\n\
         allow_from = [\"10.0.0.0/8\"]\n[app.limits]\nname_bytes_max = 64\n"
    ));
    assert_eq!(config.admin_listen, None);
    assert_eq!(config.otlp_endpoint.as_deref(), Some("http://127.0.0.1:4318/base"));
    assert_eq!(config.timeouts.answer.as_millis(), 250);
    let app = &config.apps[0];
    assert_eq!(app.edition, pinfold_core::Edition::ProPlus);
    assert_eq!(app.calls_per_second_max, Some(0));
    assert_eq!(app.allow_from, ["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(app.policy().limits.name_bytes_max, 64);
}

#[test]
fn relative_paths_are_relative_to_the_directory_of_the_file() {
    let directory = Directory::new(&format!("[tls]\ncert_file = \"a.pem\"\nkey_file = \"/etc/b.pem\"\n{APP}"));
    let config = directory.load(&[]).unwrap().config;
    let tls = config.tls.unwrap();
    assert_eq!(tls.cert_file, directory.0.path().join("a.pem"));
    assert_eq!(tls.key_file, Path::new("/etc/b.pem"));
    assert_eq!(config.store.url, StoreUrl::File(directory.0.path().join("./pinfold-data")));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Some(Path::new("/nowhere/pinfold.toml")), std::iter::empty()).unwrap_err();
    let begin = "cannot read the configuration file /nowhere/pinfold.toml: ";
    assert!(error.to_string().starts_with(begin), "{error}");
}

#[test]
fn an_error_of_syntax_names_the_line_and_repeats_nothing_of_it() {
    let sentence = refused("log = \"info\"\nkeys = [\"0123456789abcdef\n");
    assert!(sentence.starts_with("the configuration is not valid TOML: "), "{sentence}");
    assert!(sentence.ends_with(" (line 2 of DIR/pinfold.toml)"), "{sentence}");
    assert!(!sentence.contains("0123"), "{sentence}");
}

#[test]
fn an_unknown_key_is_refused_with_the_key_that_was_likely_meant() {
    assert_eq!(
        refused(&format!("{APP}[app.limits]\nname_byte_max = 1\n")),
        "unknown key app[0].limits.name_byte_max; \
         did you mean app[0].limits.name_bytes_max? (line 5 of DIR/pinfold.toml)"
    );
}

#[test]
fn an_unknown_key_near_to_none_is_refused_without_a_guess() {
    assert_eq!(refused("colour = 1"), "unknown key colour (line 1 of DIR/pinfold.toml)");
}

#[test]
fn an_unknown_section_is_refused() {
    assert_eq!(
        refused("[stores]\nurl = \"memory:\""),
        "unknown key stores; did you mean store? (line 1 of DIR/pinfold.toml)"
    );
}

#[test]
fn a_quoted_key_with_a_dot_is_not_the_key_it_looks_like() {
    let sentence = refused("\"app.keys\" = [\"0123456789abcdef\"]");
    assert!(sentence.starts_with("unknown key app[0].keys"), "{sentence}");
}

#[test]
fn a_section_written_as_a_value_is_refused() {
    assert_eq!(
        refused("store = \"memory:\""),
        "store is a table, not a value: write [store] and its keys below (line 1 of DIR/pinfold.toml)"
    );
    let sentence = "app is a table, not a value: write [[app]] and its keys below (line 1 of DIR/pinfold.toml)";
    assert_eq!(refused("[app]\nsdkappid = 1"), sentence);
    assert_eq!(refused("app = [1]"), sentence);
}

#[test]
fn a_key_written_as_a_section_is_refused() {
    let sentence = refused("[listen]\naddress = 1");
    assert!(sentence.starts_with("listen = { address = 1 } is not allowed; allowed is a list of"), "{sentence}");
}

#[test]
fn tls_with_one_of_its_files_or_none_is_refused() {
    let missing = |name| format!("tls.{name} is missing; tls needs both cert_file and key_file");
    assert_eq!(refused(&format!("[tls]\ncert_file = \"a\"\n{APP}")), missing("key_file"));
    assert_eq!(refused(&format!("[tls]\nkey_file = \"a\"\n{APP}")), missing("cert_file"));
    assert_eq!(refused(&format!("[tls]\n{APP}")), missing("cert_file"));
}
