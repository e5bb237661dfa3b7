//! Log lines of calls, and secrets that no line may hold.

use crate::support::{KEY, Workspace, http};

const OTHER_KEY: &str = "a-key-that-the-server-does-not-know";
const MARK: &str = r#"{"From_Account":"alice","MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"confidant"},"CustomMark":"hush-hush"}]}"#;
const BROKEN: &str = r#"{"From_Account":"hush-hush","MarkItem":["#;

#[test]
fn neither_key_nor_signature_nor_body_is_logged_at_any_level() {
    for level in ["debug", "trace"] {
        let workspace = Workspace::with_app(&format!("log = \"{level}\""), "accounts = \"any\"");
        let server = workspace.serve();
        let signatures = [KEY, OTHER_KEY].map(http::signature);
        let call = |body, key| http::code(&http::post_signed(server.rest, "recentcontact/mark_contact", body, key));
        assert_eq!(call(MARK, KEY), 0);
        assert_eq!(call(MARK, OTHER_KEY), 70009);
        assert_ne!(call(BROKEN, KEY), 0);
        server.await_log("code=70009");
        server.signal("TERM");
        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(0));
        let refused = log.lines().find(|line| line.contains("code=70009")).unwrap();
        assert!(refused.contains("DEBUG") && refused.contains(r#"command="mark_contact""#), "{refused}");
        // Made again within the same second or not, two signatures of a caller begin alike.
        let beginnings = signatures.each_ref().map(|signature| &signature[..40]);
        for secret in [KEY, OTHER_KEY, "usersig", "hush-hush", "confidant"].into_iter().chain(beginnings) {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} at level {level}");
        }
    }
}

#[test]
fn start_and_stop_are_told_at_info_and_the_engine_is_heard_where_it_is_asked_for() {
    let workspace = Workspace::with("log = \"info,fjall=info\"");
    let server = workspace.serve();
    let rest = server.rest;
    server.signal("TERM");
    let (_, log) = server.wait();
    let started = log.lines().find(|line| line.contains(": started ")).unwrap();
    let store = format!("store=file:{}", workspace.path("pinfold-data").display());
    for part in ["INFO", &format!("version=\"{}\"", env!("CARGO_PKG_VERSION")), &rest.to_string(), &store, "apps=1"] {
        assert!(started.contains(part), "{part} is not in {started}");
    }
    assert!(log.lines().last().unwrap().ends_with(" INFO pinfold::running: stopped"), "{log}");
    assert!(log.contains(" INFO fjall::"), "{log}");
}

#[test]
fn the_engine_says_nothing_about_a_start_that_goes_well() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(!log.contains("fjall") && !log.contains("lsm_tree"), "{log}");
}

#[test]
fn refused_calls_are_not_told_at_info() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    http::post_signed(server.rest, "recentcontact/top", "{}", OTHER_KEY);
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(!log.contains("refused"), "{log}");
}
