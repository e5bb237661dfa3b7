//! What `pinfold check-config` prints.

use super::*;

fn described(text: &str, variables: &[(&str, &str)]) -> String {
    let directory = Directory::new(text);
    let text = directory.load(variables).unwrap().describe();
    text.replace(directory.0.path().to_str().unwrap(), "DIR")
}

#[test]
fn every_value_is_shown_with_its_origin() {
    let text = described(&format!("connections_max = 9\n{APP}"), &[("PINFOLD_LOG", "debug")]);
    for line in [
        "listen = [\"0.0.0.0:8080\"] # default",
        "connections_max = 9 # line 1 of DIR/pinfold.toml",
        "log = \"debug\" # PINFOLD_LOG",
        "# [tls] is not set",
        "url = \"file:DIR/pinfold-data\" # default",
        "sdkappid = 1400000001 # line 3 of DIR/pinfold.toml",
        "# calls_per_second_max is not set",
        "pins_max = 50 # default",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn keys_are_masked() {
    let text = described(APP, &[]);
    assert!(text.contains("keys = [\"****\"] # line 3"), "{text}");
    assert!(!text.contains("0123"), "{text}");
}

#[test]
fn keys_from_a_file_are_shown_as_the_file() {
    let directory = Directory::new("[[app]]\nsdkappid = 1\nkeys_file = \"app.keys\"\n");
    directory.write("app.keys", "0123456789abcdef\n");
    let text = directory.load(&[]).unwrap().describe();
    assert!(text.contains("app.keys\" # line 3") && !text.contains("\nkeys ="), "{text}");
}

#[test]
fn the_text_is_toml_of_the_same_meaning() {
    let tls = "[tls]\ncert_file = \"/a\"\nkey_file = \"/b\"\n";
    let second =
        "[[app]]\nsdkappid = 2\nkeys = [\"0123456789abcdef\"]\nlimits.pins_max = 1\ncalls_per_second_max = 5\n";
    let directory = Directory::new(&format!("{tls}{APP}{second}"));
    let loaded = directory.load(&[]).unwrap();
    directory.write("pinfold.toml", &loaded.describe().replace("****", "0123456789abcdef"));
    assert_eq!(directory.load(&[]).unwrap().config, loaded.config);
}

#[test]
fn the_origin_of_one_value_can_be_asked_for() {
    let loaded = Directory::new(APP).load(&[("PINFOLD_LOG", "warn")]).unwrap();
    let origin = |name| loaded.origin(name).map(ToString::to_string);
    assert_eq!(origin("log").as_deref(), Some("PINFOLD_LOG"));
    assert_eq!(origin("app[0].limits.pins_max").as_deref(), Some("default"));
    assert_eq!(origin("app[1].keys"), None);
}
