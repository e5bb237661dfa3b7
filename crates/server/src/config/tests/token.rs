//! The token for callbacks: where it may come from, and that no message repeats it.

use super::*;

const TOKEN: &str = "0123456789abcdef-token";

fn in_file() -> Directory {
    Directory::new(&format!("{APP}callback_token_file = \"app.token\"\n"))
}

#[test]
fn a_token_file_gives_its_first_line_without_white_space_around_it_and_is_shown_as_the_file() {
    let directory = in_file();
    directory.write("app.token", &format!(" {TOKEN} \r\n\n"));
    let loaded = directory.load(&[]).unwrap();
    assert_eq!(loaded.config.apps[0].callback_token.as_ref().unwrap().expose(), TOKEN);
    let text = loaded.describe();
    assert!(text.contains("callback_token_file = \"") && !text.contains("\ncallback_token = "), "{text}");
}

#[test]
fn a_token_of_the_configuration_is_masked() {
    let loaded = Directory::new(APP).load(&[("PINFOLD_APP__0__CALLBACK_TOKEN", TOKEN)]).unwrap();
    let text = loaded.describe();
    assert!(text.contains("callback_token = \"****\" # PINFOLD_APP__0__CALLBACK_TOKEN"), "{text}");
    assert!(!format!("{text}{loaded:?}").contains(TOKEN));
}

#[test]
fn a_token_that_is_too_short_is_refused_wherever_it_is_and_not_repeated() {
    let sentence = refused_in_app("callback_token = \"geheim\"");
    assert!(sentence.starts_with("app[0].callback_token is not allowed: it is too short; allowed is"), "{sentence}");
    let directory = in_file();
    for text in ["geheim\n", "", "\n0123456789abcdef\n"] {
        directory.write("app.token", text);
        let sentence = directory.load(&[]).unwrap_err();
        let expected = "app[0].callback_token_file: the first line of the token file DIR/app.token is not a token: \
                        it is too short; allowed are 16 or more characters without white space";
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn a_token_file_that_is_not_there_is_named() {
    let sentence = in_file().load(&[]).unwrap_err();
    assert!(
        sentence.starts_with("app[0].callback_token_file: cannot read the token file DIR/app.token: "),
        "{sentence}"
    );
}

#[test]
fn token_and_token_file_together_are_refused() {
    assert_eq!(
        in_file().load(&[("PINFOLD_APP__0__CALLBACK_TOKEN", TOKEN)]).unwrap_err(),
        "app[0], sdkappid 1400000001, has both callback_token (PINFOLD_APP__0__CALLBACK_TOKEN) \
         and callback_token_file (line 4 of DIR/pinfold.toml); give one of them"
    );
}
