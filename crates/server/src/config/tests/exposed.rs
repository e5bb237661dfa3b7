//! Files with secrets that others can read, and files that are too large to be read whole.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

const NO_KEYS: &str = "[[app]]\nsdkappid = 1400000001\nkeys_file = \"app.keys\"\n";
const DATABASE: &str = "[store]\nurl = \"postgres://me@localhost/d\"\n";

/// The warnings when all files have this mode.
fn told(text: &str, mode: u32, variables: &[(&str, &str)]) -> Vec<String> {
    let directory = Directory::new(text);
    directory.write("app.keys", "0123456789abcdef\n");
    directory.write("password", "geheim\n");
    directory.write("token", "0123456789abcdef\n");
    for entry in fs::read_dir(directory.0.path()).unwrap() {
        fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(mode)).unwrap();
    }
    let exposed = directory.load(variables).unwrap().exposed_secrets();
    let place = directory.0.path().to_str().unwrap();
    exposed.iter().map(|exposed| exposed.to_string().replace(place, "DIR")).collect()
}

fn sentence(file: &str, what: &str) -> String {
    format!("DIR/{file} holds {what}, and every user of this machine can read it (chmod o= DIR/{file})")
}

#[test]
fn a_file_of_keys_or_with_the_password_that_everybody_can_read_is_told() {
    let text = format!("{NO_KEYS}{DATABASE}password_file = \"password\"\n");
    let expected = [sentence("app.keys", "signing keys"), sentence("password", "the password of the database")];
    assert_eq!(told(&text, 0o644, &[]), expected);
    assert_eq!(told(&text, 0o640, &[]), [""; 0]);
}

#[test]
fn the_configuration_is_told_only_if_it_holds_a_secret_itself() {
    let with_password = |place: &str| format!("{NO_KEYS}[store]\n{place}\n");
    let in_url = with_password("url = \"postgres://me:geheim@localhost/d\"");
    let beside = format!("{NO_KEYS}{DATABASE}password = \"geheim\"\n");
    let keys = [("PINFOLD_APP__0__KEYS", "0123456789abcdef")];
    assert_eq!(told(APP, 0o644, &[]), [sentence("pinfold.toml", "signing keys")]);
    assert_eq!(told(APP, 0o644, &keys), [""; 0], "a variable wins");
    for text in [in_url, beside] {
        assert_eq!(told(&text, 0o644, &[])[1..], [sentence("pinfold.toml", "the password of the database")]);
    }
    assert_eq!(told(&format!("{NO_KEYS}{DATABASE}"), 0o644, &[]), [sentence("app.keys", "signing keys")]);
}

#[test]
fn the_token_for_callbacks_is_a_secret_as_the_keys_are() {
    let keys = [("PINFOLD_APP__0__KEYS", "0123456789abcdef")];
    let without_keys = "[[app]]\nsdkappid = 1400000001\n";
    for (line, file) in
        [("callback_token_file = \"token\"", "token"), ("callback_token = \"0123456789abcdef\"", "pinfold.toml")]
    {
        let told = told(&format!("{without_keys}{line}\n"), 0o644, &keys);
        assert_eq!(told, [sentence(file, "the token for callbacks")]);
    }
}

#[test]
fn the_token_for_webhooks_is_a_secret_too() {
    let keys = [("PINFOLD_APP__0__KEYS", "0123456789abcdef")];
    let webhook = "[[app]]\nsdkappid = 1400000001\n[app.webhook]\nurl = \"http://127.0.0.1/\"\n";
    for (line, file) in [("token_file = \"token\"", "token"), ("token = \"0123456789abcdef\"", "pinfold.toml")] {
        let told = told(&format!("{webhook}{line}\n"), 0o644, &keys);
        assert_eq!(told, [sentence(file, "the token for webhooks")]);
    }
}

#[test]
fn a_file_without_an_end_is_refused() {
    for name in ["app.keys", "password", "pinfold.toml"] {
        let directory = Directory::new(&format!("{NO_KEYS}{DATABASE}password_file = \"password\"\n"));
        directory.write("app.keys", "0123456789abcdef\n");
        directory.write("password", "geheim\n");
        fs::remove_file(directory.0.path().join(name)).unwrap();
        symlink("/dev/zero", directory.0.path().join(name)).unwrap();
        let refusal = directory.load(&[]).unwrap_err();
        assert!(refusal.contains(&format!("DIR/{name}: it is larger than 4 MiB")), "{refusal}");
    }
}
