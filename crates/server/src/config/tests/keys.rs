//! Signing keys: where they may come from, and that no message repeats one.

use super::*;

const ID: &str = "[[app]]\nsdkappid = 1400000001\n";
const KEY: &str = "0123456789abcdef";

#[test]
fn a_keys_file_holds_one_key_a_line_beside_blank_lines_and_comments() {
    let directory = Directory::new(&format!("{ID}keys_file = \"app.keys\"\n"));
    directory.write("app.keys", &format!("# the old one\n{KEY}\r\n\n  {KEY}-new  \n"));
    let config = directory.load(&[]).unwrap().config;
    let keys: Vec<_> = config.apps[0].keys.iter().map(|key| key.expose()).collect();
    assert_eq!(keys, [KEY, "0123456789abcdef-new"]);
}

#[test]
fn a_keys_file_that_is_not_there_is_named() {
    let sentence = refused(&format!("{ID}keys_file = \"app.keys\"\n"));
    assert!(sentence.starts_with("app[0].keys_file: cannot read the key file DIR/app.keys: "), "{sentence}");
    assert!(sentence.ends_with(" (line 3 of DIR/pinfold.toml)"), "{sentence}");
}

#[test]
fn a_keys_file_without_a_key_is_refused() {
    let directory = Directory::new(&format!("{ID}keys_file = \"app.keys\"\n"));
    directory.write("app.keys", "# nothing yet\n");
    let sentence = directory.load(&[]).unwrap_err();
    assert_eq!(sentence, "app[0].keys_file: the key file DIR/app.keys holds no key (line 3 of DIR/pinfold.toml)");
}

#[test]
fn a_bad_line_of_a_keys_file_is_named_by_its_number_only() {
    let directory = Directory::new(&format!("{ID}keys_file = \"app.keys\"\n"));
    directory.write("app.keys", &format!("{KEY}\n{KEY} {KEY}\n"));
    assert_eq!(
        directory.load(&[]).unwrap_err(),
        "app[0].keys_file: line 2 of the key file DIR/app.keys is not a key: character 17 is a space (U+0020); \
         allowed are 16 or more characters without white space (line 3 of DIR/pinfold.toml)"
    );
}

#[test]
fn keys_and_keys_file_together_are_refused() {
    let directory = Directory::new(APP);
    assert_eq!(
        directory.load(&[("PINFOLD_APP__0__KEYS_FILE", "app.keys")]).unwrap_err(),
        "app[0], sdkappid 1400000001, has both keys (line 3 of DIR/pinfold.toml) \
         and keys_file (PINFOLD_APP__0__KEYS_FILE); give one of them"
    );
}

#[test]
fn an_app_without_a_key_is_refused() {
    let sentence = "app[0], sdkappid 1400000001, has no key; give it keys or keys_file";
    assert_eq!(refused(ID), sentence);
    assert_eq!(refused(&format!("{ID}keys = []\n")), sentence);
}

#[test]
fn a_key_that_cannot_match_is_refused_with_what_is_wrong_and_not_repeated() {
    for (bad, wrong) in [
        ("0123456789abcde", "it is too short"),
        ("0123456789 abcdef", "character 11 is a space (U+0020)"),
        ("\u{feff}0123456789abcdef", "character 1 is a byte order mark (U+FEFF)"),
        ("'0123456789abcdef'", "character 1 is a single quote (U+0027); write it without quotes"),
    ] {
        assert_eq!(
            refused(&format!("{ID}keys = [\"{KEY}\", \"{bad}\"]\n")),
            format!(
                "app[0].keys[1] is not allowed: {wrong}; allowed is a list of keys, each of 16 or more characters \
                 without white space (line 3 of DIR/pinfold.toml)"
            )
        );
    }
}

/// As Docker passes on what a file for `--env-file` has in quotes.
#[test]
fn quotes_that_a_variable_keeps_around_its_list_are_refused() {
    for (variable, item) in [("KEYS", "\"0123456789abcdef,fedcba9876543210\""), ("ADMINISTRATORS", "\"root,boss\"")] {
        let variable = format!("PINFOLD_APP__0__{variable}");
        let sentence = Directory::new(APP).load(&[(&variable, item)]).unwrap_err();
        assert!(
            sentence.contains("[0]") && sentence.contains(": character 1 is a double quote (U+0022)"),
            "{sentence}"
        );
        assert!(!sentence.contains("0123"), "{sentence}");
    }
}

#[test]
fn an_administrator_with_a_character_that_cannot_be_seen_is_refused() {
    let sentence = refused_in_app("administrators = [\"root\\u200b\"]");
    assert!(sentence.starts_with("app[0].administrators[0] = "), "{sentence}");
    assert!(sentence.contains("is not allowed: character 5 is a zero-width space (U+200B)"), "{sentence}");
}

#[test]
fn a_keys_file_with_a_byte_order_mark_or_a_name_before_the_key_is_refused() {
    let directory = Directory::new(&format!("{ID}keys_file = \"app.keys\"\n"));
    for (text, wrong) in [
        (format!("\u{feff}{KEY}\n"), "character 1 is a byte order mark"),
        (format!("KEY={KEY}\n"), "character 4 is an equals sign (U+003D) after a name; write the key alone"),
    ] {
        directory.write("app.keys", &text);
        let sentence = directory.load(&[]).unwrap_err();
        assert!(sentence.contains(&format!("line 1 of the key file DIR/app.keys is not a key: {wrong}")), "{sentence}");
        assert!(!sentence.contains("0123"), "{sentence}");
    }
}

#[test]
fn a_key_that_is_no_list_is_refused_and_not_repeated() {
    let sentence = refused(&format!("{ID}keys = \"{KEY}\"\n"));
    assert!(sentence.starts_with("app[0].keys is not allowed; allowed is a list of keys"), "{sentence}");
}

#[test]
fn the_debug_text_of_a_configuration_holds_no_key() {
    let loaded = Directory::new(APP).load(&[]).unwrap();
    let text = format!("{loaded:?}");
    assert!(text.contains("****") && !text.contains("0123"), "{text}");
}
