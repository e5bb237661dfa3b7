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
        "app[0].keys_file: line 2 of the key file DIR/app.keys is no key; \
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
fn a_key_that_is_short_or_holds_white_space_is_refused_and_not_repeated() {
    for bad in ["0123456789abcde", "0123456789 abcdef"] {
        assert_eq!(
            refused(&format!("{ID}keys = [\"{KEY}\", \"{bad}\"]\n")),
            "app[0].keys[1] is not allowed; allowed is a list of keys, each of 16 or more characters \
             without white space (line 3 of DIR/pinfold.toml)"
        );
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
