//! `[app.webhook]`: what it may hold, and the sentences for what it may not.

use pinfold_core::{WebhookCommand, WebhookCommands};

use super::*;

const TOKEN: &str = "0123456789abcdef-token";
/// A webhook that is complete but for its secret; what a test adds to it is line 6.
const WEBHOOK: &str = "[app.webhook]\nurl = \"https://chat.example.com/hooks?key=geheim\"\n";

fn with(line: &str) -> String {
    format!("{APP}{WEBHOOK}{line}\n")
}

/// The sentence for one more line in a webhook with a token, which is line 7.
fn refused_with(line: &str) -> String {
    refused(&with(&format!("token = \"{TOKEN}\"\n{line}")))
}

#[test]
fn an_app_without_the_section_sends_nothing_and_with_it_everything() {
    assert_eq!(load(APP).apps[0].policy().webhook, WebhookCommands::NONE);
    let config = load(&with(&format!("token = \"{TOKEN}\"")));
    assert_eq!(config.apps[0].policy().webhook, WebhookCommands::ALL);
    let webhook = config.apps[0].webhook.as_ref().unwrap();
    assert_eq!(webhook.url.as_ref().unwrap().to_string(), "https://chat.example.com/hooks?****");
    assert_eq!(webhook.token.as_ref().unwrap().expose(), TOKEN);
}

#[test]
fn the_section_belongs_to_the_app_above_it() {
    let other = "[[app]]\nsdkappid = 1400000002\nkeys = [\"0123456789abcdef\"]\n";
    let config = load(&format!("{APP}{other}{WEBHOOK}token = \"{TOKEN}\"\n"));
    let has_webhook: Vec<_> = config.apps.iter().map(|app| app.webhook.is_some()).collect();
    assert_eq!(has_webhook, [false, true]);
}

#[test]
fn variables_alone_make_a_webhook() {
    let variables = [
        ("PINFOLD_APP__0__WEBHOOK__URL", "http://127.0.0.1:8000/"),
        ("PINFOLD_APP__0__WEBHOOK__TOKEN", TOKEN),
        ("PINFOLD_APP__0__WEBHOOK__EVENTS", "ContactTop, ContactMark"),
    ];
    let config = Directory::new(APP).load(&variables).unwrap().config;
    let wanted = [WebhookCommand::ContactMark, WebhookCommand::ContactTop].into_iter().collect();
    assert_eq!(config.apps[0].policy().webhook, wanted);
}

#[test]
fn a_token_file_gives_its_first_line_and_files_are_relative_to_the_configuration() {
    let directory = Directory::new(&with("token_file = \"hook.token\"\nca_file = \"ca.pem\""));
    directory.write("hook.token", &format!("{TOKEN}\n"));
    let loaded = directory.load(&[]).unwrap();
    let webhook = loaded.config.apps[0].webhook.as_ref().unwrap();
    assert_eq!(webhook.token.as_ref().unwrap().expose(), TOKEN);
    assert_eq!(webhook.ca_file, Some(directory.path().join("ca.pem")));
    assert!(!loaded.describe().contains("\ntoken = "));
}

#[test]
fn neither_token_nor_query_is_shown() {
    let loaded = Directory::new(&with(&format!("token = \"{TOKEN}\""))).load(&[]).unwrap();
    let text = format!("{}{loaded:?}", loaded.describe());
    assert!(text.contains("token = \"****\" # line 6 of ") && text.contains("/hooks?****"), "{text}");
    assert!(!text.contains(TOKEN) && !text.contains("geheim"), "{text}");
}

#[test]
fn a_webhook_without_a_url_is_refused() {
    let sentence = "app[0].webhook.url is missing; a webhook needs one";
    assert_eq!(refused(&format!("{APP}[app.webhook]\n")), sentence);
    assert_eq!(refused(&format!("{APP}[app.webhook]\ntoken = \"{TOKEN}\"\n")), sentence);
}

#[test]
fn one_source_of_the_token_is_needed() {
    assert_eq!(refused(&with("")), "app[0].webhook, sdkappid 1400000001, has no token; give it token or token_file");
    assert_eq!(
        refused_with("token_file = \"hook.token\""),
        "app[0].webhook, sdkappid 1400000001, has both token (line 6 of DIR/pinfold.toml) \
         and token_file (line 7 of DIR/pinfold.toml); give one of them"
    );
}

#[test]
fn a_token_that_is_too_short_is_refused_and_not_repeated() {
    let sentence = refused(&with("token = \"geheim\""));
    assert!(sentence.starts_with("app[0].webhook.token is not allowed: it is too short; allowed is"), "{sentence}");
    let directory = Directory::new(&with("token_file = \"hook.token\""));
    directory.write("hook.token", "geheim\n");
    let sentence = directory.load(&[]).unwrap_err();
    let begin = "app[0].webhook.token_file: the first line of the token file DIR/hook.token is not a token: ";
    assert!(sentence.starts_with(begin) && !sentence.contains("geheim"), "{sentence}");
}

#[test]
fn a_url_that_cannot_be_used_is_refused_with_what_is_wrong_and_not_repeated() {
    for (url, wrong) in [
        ("ftp://chat.example.com/geheim", "it begins with neither http:// nor https://"),
        ("https://me:geheim@chat.example.com/", "it has user information (name:password@)"),
        ("https://chat.example.com/#geheim", "it has a fragment (#)"),
        ("geheim", "it begins with neither"),
    ] {
        let sentence = refused(&format!("{APP}[app.webhook]\nurl = \"{url}\"\n"));
        assert!(sentence.starts_with(&format!("app[0].webhook.url is not allowed: {wrong}")), "{sentence}");
        assert!(!sentence.contains("geheim"), "{sentence}");
    }
}

#[test]
fn an_event_that_is_not_known_is_refused_with_the_one_that_may_be_meant_and_those_there_are() {
    let known = "allowed is a list of one or more of \"ContactGroupCreate\", \"ContactGroupUpdate\", \
                 \"ContactGroupDelete\", \"ContactMark\", \"ContactTop\" and \"ContactDelete\" \
                 (line 7 of DIR/pinfold.toml)";
    assert_eq!(
        refused_with("events = [\"ContactTop\", \"RecentContact.CallbackAfterContactMrk\"]"),
        format!(
            "app[0].webhook.events[1] = \"RecentContact.CallbackAfterContactMrk\" is not allowed: \
             perhaps \"ContactMark\" is meant; {known}"
        )
    );
    let far = refused_with("events = [\"colour\"]");
    assert_eq!(far, format!("app[0].webhook.events[0] = \"colour\" is not allowed; {known}"));
    let empty = refused_with("events = []");
    assert_eq!(empty, format!("app[0].webhook.events = [] is not allowed; {known}"));
}

#[test]
fn a_webhook_without_a_history_is_refused() {
    assert_eq!(
        refused(&format!("{APP}history_days = 0\n{WEBHOOK}token = \"{TOKEN}\"\n")),
        "app[0].webhook needs app[0].history_days > 0: changes are sent from the history \
         (line 4 of DIR/pinfold.toml)"
    );
}
