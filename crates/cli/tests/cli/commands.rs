//! `call`, `user-sig` and `check-config`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use pinfold_wire::user_sig::UserSig;

use crate::support::{APP, KEY, Server, Workspace, pinfold, run, text};

const MARK: &str = r#"{"From_Account":"alice","MarkItem":[{"OptType":2,"ContactItem":{"Type":1,"To_Account":"bob"},"CustomMark":"vip"}]}"#;

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A call to a server, with what a configuration says about the rest.
fn call(workspace: &Workspace, server: &Server, arguments: &[&str]) -> Output {
    let mut command = workspace.command("call");
    command.args(["--url", &format!("http://{}", server.rest)]).args(arguments);
    run(command)
}

fn open_to_all() -> Workspace {
    Workspace::with_app("", "accounts = \"any\"")
}

#[test]
fn a_call_prints_the_answer_one_value_a_line_in_its_own_order() {
    let workspace = open_to_all();
    let server = workspace.serve();
    let output = call(&workspace, &server, &["mark_contact", MARK]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("{\n  \"ResultItem\": [\n    {\n      \"OptType\": 2,\n"),
        "{}",
        stdout(&output)
    );

    let output =
        call(&workspace, &server, &["--raw", "recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#]);
    let answer = stdout(&output);
    assert!(
        answer.starts_with(r#"{"ContactItem":[{"Type":1,"To_Account":"bob","StandardMark":"","CustomMark":"vip","#)
    );
    assert!(answer.ends_with("}\n"));
    server.stop();
}

#[test]
fn a_body_can_come_from_stdin() {
    let workspace = open_to_all();
    let server = workspace.serve();
    let mut command = workspace.command("call");
    command.args(["--url", &format!("http://{}", server.rest), "mark_contact", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(MARK.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("\"ResultCode\": 0"));
    server.stop();
}

#[test]
fn a_refused_call_prints_the_answer_and_exits_with_1() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let output = call(&workspace, &server, &["mark_contact", MARK]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("\"ErrorCode\": 50001"), "{}", stdout(&output));
    let output = call(&workspace, &server, &["recentcontact/no_such", "{}"]);
    assert_eq!((output.status.code(), stdout(&output).contains("60009")), (Some(1), true));
    server.stop();
}

#[test]
fn a_call_that_cannot_be_sent_or_is_not_answered_exits_with_2() {
    let workspace = Workspace::with("");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{unused}");
    let cases: [(&[&str], &str); 5] = [
        (&["--url", &url, "top", "{}"], "the service could not be reached"),
        (&["--url", "nonsense", "top", "{}"], "is not a base address"),
        (&["mark", "{}"], "\"mark\" is not a command; there are create_contact_group, "),
        (&["--app", "7", "top", "{}"], "the configuration has no app 7, only 1400000001"),
        (&["--key-file", "/nowhere/key", "--app", "7", "top", "{}"], "cannot read the key file /nowhere/key"),
    ];
    for (arguments, sentence) in cases {
        let mut command = workspace.command("call");
        command.args(arguments);
        let output = run(command);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(sentence), "{}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1);
    }
}

#[test]
fn something_that_is_no_server_of_the_protocol_is_told() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let mut command = workspace.command("call");
    command.args(["--url", &format!("http://{}", server.admin.unwrap()), "top", "{}"]);
    let output = run(command);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("HTTP status 404"), "{}", stderr(&output));
    server.stop();
}

fn signature(mut command: Command, arguments: &[&str]) -> UserSig {
    command.args(arguments);
    let output = run(command);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    UserSig::decode(stdout(&output).trim_end()).unwrap()
}

#[test]
fn a_signature_is_made_by_the_first_administrator_of_the_configuration_for_180_days() {
    let workspace = Workspace::with_app("", "administrators = [\"root\", \"boss\"]");
    let signature = signature(workspace.command("user-sig"), &[]);
    let claims = signature.claims().clone();
    assert_eq!((claims.sdkappid, claims.identifier.as_str(), claims.expire), (APP, "boss", 180 * 86_400));
    assert_eq!(signature.check(APP, "boss", claims.time, &[KEY]), Ok(()));
}

#[test]
fn a_signature_can_be_made_from_a_key_file_for_any_account_and_time() {
    let workspace = Workspace::with("");
    let file = workspace.path("app.keys");
    let arguments = ["--key-file", text(&file), "--sdkappid", "7", "--identifier", "al ice", "--expire", "60"];
    let signature = signature(pinfold(["user-sig"]), &arguments);
    let time = signature.claims().time;
    assert_eq!(signature.check(7, "al ice", time + 60, &[KEY]), Ok(()));
    assert!(signature.check(7, "al ice", time + 61, &[KEY]).is_err());
}

#[test]
fn a_signature_lasts_as_long_as_a_number_with_a_unit_says() {
    let workspace = Workspace::with("");
    for (time, seconds) in [("1h", 3600), ("7d", 604_800), ("90", 90)] {
        assert_eq!(signature(workspace.command("user-sig"), &["--expire", time]).claims().expire, seconds);
    }
}

#[test]
fn unusable_arguments_of_user_sig_are_refused_with_the_allowed_ones() {
    let workspace = Workspace::with("");
    for (arguments, said) in [
        (["--app", "0"], "0 is not in 1..="),
        (["--identifier", ""], "an account id must not be empty"),
        (["--expire", "1w"], "a number with a unit, such as 30s, 15m, 12h or 7d"),
    ] {
        let mut command = workspace.command("user-sig");
        command.args(arguments);
        let output = run(command);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn a_key_file_whose_key_cannot_match_is_refused_as_in_the_configuration() {
    let workspace = Workspace::with("");
    let file = workspace.path("quoted.keys");
    std::fs::write(&file, format!("\"{KEY}\"\n")).unwrap();
    let output = run(pinfold(["user-sig", "--key-file", text(&file), "--app", "7"]));
    assert_eq!(output.status.code(), Some(1));
    let said = "quoted.keys is not a key: character 1 is a double quote (U+0022)";
    assert!(stderr(&output).contains(said) && !stderr(&output).contains(KEY), "{}", stderr(&output));
}

#[test]
fn a_signature_without_an_app_is_refused() {
    let workspace = Workspace::with("");
    let file = workspace.path("app.keys");
    let output = run(pinfold(["user-sig", "--key-file", text(&file)]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("add --app"), "{}", stderr(&output));
}

#[test]
fn the_configuration_is_shown_with_origins_and_without_keys() {
    let workspace = Workspace::with("log = \"warn\"");
    let mut command = workspace.command("check-config");
    command.env("PINFOLD_APP__1__SDKAPPID", "7").env("PINFOLD_APP__1__KEYS", "another-made-up-key-of-the-tests");
    let output = run(command);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    assert!(shown.contains(&format!("log = \"warn\" # line 3 of {}\n", text(&workspace.config()))), "{shown}");
    assert!(shown.contains("sdkappid = 7 # PINFOLD_APP__1__SDKAPPID\n"), "{shown}");
    assert!(shown.contains("keys = [\"****\"] # PINFOLD_APP__1__KEYS\n"), "{shown}");
    assert!(!shown.contains("another-made-up") && !shown.contains(KEY));
    assert!(!workspace.path("pinfold-data").exists(), "nothing is opened or made");
}

#[test]
fn keys_that_every_user_can_read_are_told_by_check_config_and_at_the_start() {
    let workspace = Workspace::with("");
    let keys = workspace.path("app.keys");
    let warned = |mode| {
        fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).unwrap();
        let output = run(workspace.command("check-config"));
        assert_eq!(output.status.code(), Some(0));
        let server = workspace.serve();
        let log = server.log();
        server.stop();
        (stderr(&output), log)
    };
    let keys = text(&keys);
    let sentence = format!("{keys} holds signing keys, and every user of this machine can read it (chmod o= {keys})");
    let (told, log) = warned(0o644);
    assert_eq!(told, format!("pinfold: warning: {sentence}\n"));
    assert!(log.lines().any(|line| line.contains(" WARN ") && line.ends_with(&sentence)), "{log}");
    let (told, log) = warned(0o640);
    assert!(told.is_empty() && !log.contains("every user"), "{told}{log}");
}
