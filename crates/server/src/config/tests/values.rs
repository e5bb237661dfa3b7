//! Values that are not allowed: the refusal has the key, the value, the allowed ones, and the place.

use super::*;

#[test]
fn no_app_at_all_is_refused() {
    let sentence = "no app is configured; add [[app]] with sdkappid and keys, \
                    or set PINFOLD_APP__0__SDKAPPID and PINFOLD_APP__0__KEYS";
    assert_eq!(refused(""), sentence);
    assert_eq!(refused("app = []"), sentence);
}

#[test]
fn an_app_without_an_id_is_refused() {
    assert_eq!(
        refused(&format!("{APP}[[app]]\n")),
        "app[1].sdkappid is missing; each app needs one, and apps are counted from 0 without gaps"
    );
}

#[test]
fn an_app_with_the_id_0_is_refused() {
    assert_eq!(
        refused("[[app]]\nsdkappid = 0\n"),
        "app[0].sdkappid = 0 is not allowed; allowed is a whole number from 1 to 4294967295 \
         (line 2 of DIR/pinfold.toml)"
    );
}

#[test]
fn two_apps_with_the_same_id_are_refused() {
    assert_eq!(
        refused(&format!("{APP}{APP}")),
        "app[1].sdkappid = 1400000001 is the id of app[0] already (line 5 of DIR/pinfold.toml)"
    );
}

#[test]
fn an_edition_nobody_sells_is_refused() {
    assert_eq!(
        refused_in_app("edition = \"gold\""),
        "app[0].edition = \"gold\" is not allowed; allowed is \"standard\", \"pro\", \"pro-plus\" or \"enterprise\" \
         (line 4 of DIR/pinfold.toml)"
    );
}

#[test]
fn an_address_range_that_is_none_is_refused_by_its_place_in_the_list() {
    assert_eq!(
        refused_in_app("allow_from = [\"10.0.0.0/8\", \"10.0.0.0/40\"]"),
        "app[0].allow_from[1] = \"10.0.0.0/40\" is not allowed; allowed is a list of addresses and address \
         ranges such as \"192.0.2.1\", \"10.0.0.0/8\" or \"2001:db8::/32\" (line 4 of DIR/pinfold.toml)"
    );
}

#[test]
fn an_administrator_that_is_no_account_id_is_refused() {
    for id in ["", &"a".repeat(33), "a\\nb"] {
        let sentence = refused_in_app(&format!("administrators = [\"administrator\", \"{id}\"]"));
        assert!(sentence.starts_with("app[0].administrators[1] = "), "{sentence}");
        assert!(sentence.contains("each of 1 to 32 bytes without control characters"), "{sentence}");
    }
}

#[test]
fn an_app_nobody_may_administer_is_refused() {
    let sentence = refused_in_app("administrators = []");
    assert!(sentence.starts_with("app[0].administrators = [] is not allowed; allowed is a list of one or more"));
}

#[test]
fn a_listen_address_that_is_none_is_refused() {
    assert_eq!(
        refused("listen = [\"0.0.0.0:8080\", \"8080\"]"),
        "listen[1] = \"8080\" is not allowed: it names no address; write 0.0.0.0:8080 for all of this machine, or \
         127.0.0.1:8080; allowed is a list of one or more addresses such as \"0.0.0.0:8080\" or \"[::1]:8080\" (line 1 of DIR/pinfold.toml)"
    );
    assert!(refused("listen = []").starts_with("listen = [] is not allowed"));
    assert!(refused("admin_listen = \"localhost\"").starts_with("admin_listen = \"localhost\" is not allowed"));
}

#[test]
fn zero_is_refused_where_it_makes_no_sense() {
    let top = ["body_bytes_max", "calls_mib_max", "connections_max", "failed_signatures_per_minute_max"];
    let timeouts = ["header", "body", "idle", "send", "answer", "drain", "tls_handshake"]
        .map(|name| format!("timeouts.{name}_ms"));
    for name in top.map(str::to_owned).into_iter().chain(timeouts).chain(["store.cache_mib".to_owned()]) {
        let sentence = refused(&format!("{name} = 0"));
        assert!(
            sentence.starts_with(&format!("{name} = 0 is not allowed; allowed is a whole number from 1")),
            "{sentence}"
        );
    }
    let limits = [
        "name_bytes_max",
        "conversations_per_update_max",
        "conversations_per_search_max",
        "recent_conversations_max",
        "find_page_max",
    ];
    for name in limits {
        let sentence = refused_in_app(&format!("limits.{name} = 0"));
        assert!(sentence.starts_with(&format!("app[0].limits.{name} = 0 is not allowed")), "{sentence}");
    }
}

#[test]
fn zero_is_accepted_where_it_forbids_or_switches_off() {
    let zero = [
        "conversation_groups",
        "grouped_conversations",
        "marked_conversations",
        "custom_mark_bytes",
        "conversations_per_create",
        "pins",
        "group_data_bytes",
    ];
    for name in zero.map(|name| format!("limits.{name}_max")).iter().map(String::as_str).chain(["calls_per_second_max"])
    {
        load(&format!("{APP}{name} = 0"));
    }
}

#[test]
fn a_number_that_is_negative_or_too_large_is_refused() {
    assert!(refused("connections_max = -1").starts_with("connections_max = -1 is not allowed"));
    assert!(refused("connections_max = 4294967296").starts_with("connections_max = 4294967296 is not allowed"));
    assert_eq!(
        refused("connections_max = 99999999999999999999"),
        "connections_max holds a number that is too large (line 1 of DIR/pinfold.toml)"
    );
}

#[test]
fn history_days_are_seven_unless_they_are_set_and_reach_the_rules() {
    let policy = |line: &str| load(&format!("{APP}{line}")).apps[0].policy();
    assert_eq!((policy("").history_days, policy("").keeps_history()), (7, true));
    assert_eq!((policy("history_days = 0").history_days, policy("history_days = 0").keeps_history()), (0, false));
    assert_eq!(policy("history_days = 36500").history_days, 36_500);
}

#[test]
fn recent_days_are_at_most_a_hundred_years_and_reach_the_rules() {
    assert_eq!(load(&format!("{APP}recent_days = 36500")).apps[0].policy().recent_days, 36_500);
    let sentence = refused_in_app("recent_days = 36501");
    assert!(sentence.contains("allowed is a whole number from 0 to 36500"), "{sentence}");
}

#[test]
fn a_limit_that_has_a_largest_value_is_refused_above_it() {
    assert_eq!(load(&format!("{APP}limits.group_data_bytes_max = 65536")).apps[0].limits.group_data_bytes_max, 65_536);
    load(&format!("{APP}limits.recent_conversations_max = 10000"));
    let sentence = refused_in_app("limits.recent_conversations_max = 10001");
    assert!(sentence.contains("allowed is a whole number from 1 to 10000"), "{sentence}");
    let sentence = refused_in_app("limits.group_data_bytes_max = 65537");
    let expected =
        "app[0].limits.group_data_bytes_max = 65537 is not allowed; allowed is a whole number from 0 to 65536";
    assert!(sentence.starts_with(expected), "{sentence}");
    let sentence = refused_in_app("limits.find_page_max = 1001");
    assert!(sentence.contains("allowed is a whole number from 1 to 1000"), "{sentence}");
}

#[test]
fn a_value_of_another_type_is_refused() {
    assert!(
        refused_in_app("disabled = \"no\"").starts_with("app[0].disabled = \"no\" is not allowed; allowed is true or")
    );
    assert!(
        refused_in_app("accounts = true").starts_with("app[0].accounts = true is not allowed; allowed is \"imported\"")
    );
    assert!(
        refused_in_app("keys_file = \"\"").starts_with("app[0].keys_file = \"\" is not allowed; allowed is the path")
    );
}

#[test]
fn a_store_this_build_does_not_have_is_refused_without_repeating_its_password() {
    assert_eq!(
        refused("store.url = \"mysql://pinfold:password@host/db\""),
        "store.url = \"mysql://…\" is not allowed: it is not a store of this build; allowed is \"file:DIRECTORY\", \
         \"memory:\" or \"postgres://USER@HOST/DATABASE?sslmode=MODE\", where MODE is disable, prefer, require, verify-ca or \
         verify-full (line 1 of DIR/pinfold.toml)"
    );
}

#[test]
fn addresses_that_expect_a_proxy_are_some_of_those_that_are_listened_on() {
    let some = "listen = [\"[::]:80\", \"[::]:81\"]\ntrusted_proxies = [\"10.0.0.0/8\"]\n";
    let config = load(&format!("{some}proxy_protocol = [\"[::]:81\"]\n{APP}"));
    assert_eq!(config.proxy_protocol, config.listen[1..]);
    assert_eq!(
        refused(&format!("{some}proxy_protocol = [\"[::]:82\"]\n{APP}")),
        "proxy_protocol has [::]:82, which is not an address of listen (line 3 of DIR/pinfold.toml)"
    );
}

#[test]
fn the_proxy_protocol_without_trusted_proxies_is_refused() {
    assert_eq!(
        refused(&format!("proxy_protocol = [\"0.0.0.0:8080\"]\n{APP}")),
        "proxy_protocol needs trusted_proxies: only they may say who is calling (line 1 of DIR/pinfold.toml)"
    );
}

#[test]
fn two_listeners_on_one_port_are_refused_and_named() {
    assert_eq!(
        refused(&format!("listen = [\"127.0.0.1:80\", \"0.0.0.0:80\"]\n{APP}")),
        "listen[1] = 0.0.0.0:80 and listen[0] = 127.0.0.1:80 take the same port; remove one \
         (line 1 of DIR/pinfold.toml)"
    );
    assert_eq!(
        refused(&format!("listen = [\"0.0.0.0:80\"]\nadmin_listen = \"0.0.0.0:80\"\n{APP}")),
        "admin_listen = 0.0.0.0:80 and listen[0] = 0.0.0.0:80 take the same port; give one of them another \
         (line 2 of DIR/pinfold.toml)"
    );
    let sentence = refused(&format!("listen = [\"[::]:9090\"]\n{APP}"));
    assert!(sentence.starts_with("admin_listen = 127.0.0.1:9090 and listen[0] = [::]:9090 take"), "{sentence}");
    assert!(sentence.ends_with("(line 1 of DIR/pinfold.toml)"), "{sentence}");
    let sentence = refused(&format!("listen = [\"0.0.0.0:80\"]\nadmin_listen = \"[::]:80\"\n{APP}"));
    assert!(sentence.starts_with("admin_listen = [::]:80 and listen[0] = 0.0.0.0:80 take"), "{sentence}");
}

#[test]
fn all_of_ipv4_and_all_of_ipv6_may_share_a_port() {
    for listen in [r#"["0.0.0.0:80", "[::]:80"]"#, r#"["[::]:80", "0.0.0.0:80"]"#] {
        assert_eq!(load(&format!("listen = {listen}\n{APP}")).listen.len(), 2);
    }
}

#[test]
fn a_path_that_a_shell_would_have_changed_is_refused_with_what_to_write() {
    let sentence = refused(&format!("store.url = \"file:~/data\"\n{APP}"));
    assert!(sentence.starts_with("store.url = \"file:~/data\" is not allowed: ~ is not replaced by a"), "{sentence}");
    let sentence = refused_in_app("keys_file = \"$HOME/app.keys\"");
    assert!(
        sentence.starts_with("app[0].keys_file = \"$HOME/app.keys\" is not allowed: $ does not stand"),
        "{sentence}"
    );
    for key in ["tls.cert_file", "tls.key_file", "tls.client_ca_file", "store.password_file"] {
        let tls = if key.starts_with("tls") { "tls.cert_file = \"a\"\ntls.key_file = \"b\"\n" } else { "" };
        let tls = tls.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>().join("\n");
        let sentence = refused(&format!("{tls}\n{key} = \"${{DIR}}/x\"\n{APP}"));
        assert!(sentence.contains(&format!("{key} = \"${{DIR}}/x\" is not allowed: $ does not stand")), "{sentence}");
    }
}

#[test]
fn a_network_of_one_address_is_written_as_the_address() {
    let config = load(&format!("allow_from = [\"127.0.0.1\", \"::1\"]\ntrusted_proxies = [\"10.0.0.5\"]\n{APP}"));
    assert_eq!(config.allow_from, ["127.0.0.1/32".parse().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!(config.trusted_proxies, ["10.0.0.5/32".parse().unwrap()]);
    let variables = [("PINFOLD_APP__0__ALLOW_FROM", "127.0.0.1")];
    let config = Directory::new(APP).load(&variables).unwrap().config;
    assert_eq!(config.apps[0].allow_from, ["127.0.0.1/32".parse().unwrap()]);
}

#[test]
fn networks_of_callers_and_proxies_are_ranges_or_a_refusal() {
    let config = load(&format!("allow_from = [\"10.0.0.0/8\", \"::1/128\"]\n{APP}"));
    assert_eq!(config.allow_from.len(), 2);
    for key in ["allow_from", "trusted_proxies"] {
        assert!(refused(&format!("{key} = [\"10.0.0.0/33\"]\n{APP}")).starts_with(&format!("{key}[0] = ")));
    }
}

#[test]
fn one_body_must_have_room() {
    assert_eq!(
        refused(&format!("calls_mib_max = 1\nbody_bytes_max = 1048577\n{APP}")),
        "calls_mib_max = 1 leaves no room for a body of body_bytes_max = 1048577 (line 1 of DIR/pinfold.toml)"
    );
    load(&format!("calls_mib_max = 1\n{APP}"));
}

#[test]
fn a_collector_is_a_url_with_http_or_nothing_and_what_it_holds_of_a_user_is_not_repeated() {
    for url in [
        "https://collector:4318",
        "collector:4318",
        "http://",
        "http://collector/?key=1",
        "4318",
        "http://[::1]:0",
        "http://collector:99999",
    ] {
        let sentence = refused(&format!("otlp_endpoint = \"{url}\""));
        assert!(sentence.starts_with("otlp_endpoint = "), "{sentence}");
        assert!(
            sentence.contains("a URL such as \"http://127.0.0.1:4318\" (only http), or \"\" for none"),
            "{sentence}"
        );
    }
    let sentence = refused("otlp_endpoint = \"http://user:geheim@collector:4318\"");
    assert!(!sentence.contains("geheim"), "{sentence}");
}
