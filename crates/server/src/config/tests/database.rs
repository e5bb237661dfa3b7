//! A database as the store: where its password may come from, and that nothing repeats it.

use super::*;

const STORE: &str = "[store]\nurl = \"postgres://me:geheim@db.example/pinfold?sslmode=verify-full\"\n";

#[test]
fn the_password_of_a_url_is_masked_wherever_the_configuration_is_shown() {
    let loaded = Directory::new(&format!("{STORE}{APP}")).load(&[("PINFOLD_STORE__PASSWORD", "geheimer")]).unwrap();
    let text = loaded.describe();
    assert!(text.contains("url = \"postgres://me:****@db.example:5432/pinfold?sslmode=verify-full\""), "{text}");
    assert!(text.contains("password = \"****\" # PINFOLD_STORE__PASSWORD"), "{text}");
    let debug = format!("{loaded:?}");
    assert!(!text.contains("geheim") && !debug.contains("geheim"), "{text}{debug}");
}

#[test]
fn a_password_file_gives_its_first_line_without_white_space_around_it() {
    let directory = Directory::new(&format!("{STORE}password_file = \"password\"\n{APP}"));
    directory.write("password", " my word \t\r\n");
    let loaded = directory.load(&[]).unwrap();
    assert_eq!(loaded.config.store.password.as_ref().unwrap().expose(), "my word");
    assert!(!loaded.describe().contains("\npassword = "), "{}", loaded.describe());
}

#[test]
fn a_password_file_that_is_empty_or_not_there_is_named() {
    let directory = Directory::new(&format!("{STORE}password_file = \"password\"\n{APP}"));
    let sentence = directory.load(&[]).unwrap_err();
    assert!(sentence.starts_with("store.password_file: cannot read the password file DIR/password: "), "{sentence}");
    directory.write("password", " \n");
    let sentence = directory.load(&[]).unwrap_err();
    assert!(sentence.contains("the first line of the password file DIR/password is empty"), "{sentence}");
}

#[test]
fn a_password_file_with_a_byte_order_mark_is_refused_without_the_password() {
    let directory = Directory::new(&format!("{STORE}password_file = \"password\"\n{APP}"));
    directory.write("password", "\u{feff}geheim\n");
    let sentence = directory.load(&[]).unwrap_err();
    assert!(sentence.contains("is not a password: character 1 is a byte order mark (U+FEFF)"), "{sentence}");
    assert!(!sentence.contains("geheim"), "{sentence}");
}

#[test]
fn password_and_password_file_together_are_refused() {
    let variables = [("PINFOLD_STORE__PASSWORD", "geheim"), ("PINFOLD_STORE__PASSWORD_FILE", "password")];
    assert_eq!(
        Directory::new(APP).load(&variables).unwrap_err(),
        "the store has both password (PINFOLD_STORE__PASSWORD) and password_file (PINFOLD_STORE__PASSWORD_FILE); \
         give one of them"
    );
}

#[test]
fn a_url_that_is_wrong_is_refused_and_not_repeated() {
    let sentence = refused(&format!("{}{APP}", STORE.replace("verify-full", "on")));
    assert!(sentence.starts_with("store.url = \"postgres://…\" is not allowed: sslmode is disable, "), "{sentence}");
    let sentence = refused(&format!("{}{APP}", STORE.replace("geheim", "geheim@wort")));
    assert!(sentence.contains("is not allowed: a user, password or database that holds @ or / must be"), "{sentence}");
    assert!(!sentence.contains("geheim") && !sentence.contains("wort"), "{sentence}");
    let sentence = refused(&format!("[store]\npassword = 5\n{APP}"));
    assert!(sentence.starts_with("store.password is not allowed; allowed is a text"), "{sentence}");
}
