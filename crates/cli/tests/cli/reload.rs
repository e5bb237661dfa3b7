//! SIGHUP: the configuration is read again, and followed as a whole or not at all.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::dev::Dev;
use crate::support::{APP, KEY, Server, TIMEOUT, Workspace, http, private_directory, run, text};

const NEW_KEY: &str = "a-made-up-key-that-comes-later-in-the-tests";
const AGAIN: &str = "the configuration was read again";

fn call(server: &Server, key: &str) -> u64 {
    let body = r#"{"CheckItem":[{"UserID":"alice"}]}"#;
    http::code(&http::post_signed(server.rest, "im_open_login_svc/account_check", body, key))
}

/// The codes of calls that are signed with a key of the app, and with another key.
const KNOWN: u64 = 0;
const UNKNOWN: u64 = 70009;

/// The codes for both keys.
fn codes(server: &Server) -> [u64; 2] {
    [KEY, NEW_KEY].map(|key| call(server, key))
}

/// Sends the signal and waits until so many lines of the log tell of it; the last of them.
fn reload(server: &Server, times: usize) -> String {
    server.signal("HUP");
    let began = std::time::Instant::now();
    loop {
        let log = server.log();
        if let Some(line) = log.lines().filter(|line| line.contains(AGAIN)).nth(times - 1) {
            return line.to_owned();
        }
        assert!(began.elapsed() < TIMEOUT, "{log}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn keys_are_rotated_without_a_restart() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    assert_eq!(codes(&server), [KNOWN, UNKNOWN]);
    fs::write(workspace.path("app.keys"), format!("{KEY}\n{NEW_KEY}\n")).unwrap();
    assert_eq!(codes(&server), [KNOWN, UNKNOWN], "not reloaded yet");
    assert!(reload(&server, 1).contains(" INFO "));
    assert_eq!(codes(&server), [KNOWN, KNOWN]);
    fs::write(workspace.path("app.keys"), format!("{NEW_KEY}\n")).unwrap();
    reload(&server, 2);
    assert_eq!(codes(&server), [UNKNOWN, KNOWN]);
    server.stop();
}

#[test]
fn the_command_says_what_became_of_the_reading() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let reload = || {
        let mut command = crate::support::pinfold(["reload", "--url"]);
        command.arg(format!("http://{}", server.admin.unwrap()));
        let output = run(command);
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code(), stdout, stderr)
    };
    fs::write(workspace.path("app.keys"), format!("{KEY}\n{NEW_KEY}\n")).unwrap();
    assert_eq!(reload(), (Some(0), "reloaded\n".to_owned(), String::new()));
    assert_eq!(codes(&server), [KNOWN, KNOWN]);
    let good = fs::read_to_string(workspace.config()).unwrap();
    fs::write(workspace.config(), format!("connections_max = 7\n{good}")).unwrap();
    let warning = "pinfold: warning: these keys need a restart: connections_max\n".to_owned();
    assert_eq!(reload(), (Some(0), "reloaded\n".to_owned(), warning));
    fs::write(workspace.config(), good.replace("keys_file", "keysfile")).unwrap();
    let (code, stdout, stderr) = reload();
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    let refused = "pinfold: the configuration was refused, and nothing was changed: ";
    assert!(stderr.starts_with(refused) && stderr.contains("unknown key app[0].keysfile"), "{stderr}");
    server.stop();
    assert_eq!(reload_of(&workspace).0, Some(1));
}

/// The command by the configuration, whose admin plane has no fixed port here.
fn reload_of(workspace: &Workspace) -> (Option<i32>, String) {
    let output = run(workspace.command("reload"));
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// It needs a restart, which would be refused.
#[test]
#[cfg(not(feature = "otlp"))]
fn a_collector_is_refused_by_a_running_server_that_cannot_send_to_one() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let good = fs::read_to_string(workspace.config()).unwrap();
    fs::write(workspace.config(), format!("otlp_endpoint = \"http://127.0.0.1:4318\"\n{good}")).unwrap();
    let line = reload(&server, 1);
    assert!(line.contains("ERROR") && line.contains("this build has no traces"), "{line}");
    server.stop();
}

#[test]
fn a_file_without_an_end_is_refused_and_the_next_signal_is_followed() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let files = [workspace.config(), workspace.path("app.keys")];
    let whole = files.each_ref().map(|file| fs::read(file).unwrap());
    for (times, file) in files.iter().enumerate() {
        fs::remove_file(file).unwrap();
        symlink("/dev/zero", file).unwrap();
        let line = reload(&server, times + 1);
        assert!(line.contains("refused; nothing was changed") && line.contains("it is larger than 4 MiB"), "{line}");
        fs::remove_file(file).unwrap();
        fs::write(file, &whole[times]).unwrap();
    }
    fs::remove_file(&files[1]).unwrap();
    assert!(Command::new("mkfifo").arg(&files[1]).status().unwrap().success());
    assert!(reload(&server, 3).contains("holds no key"));
    fs::remove_file(&files[1]).unwrap();
    fs::write(&files[1], format!("{NEW_KEY}\n")).unwrap();
    reload(&server, 4);
    assert_eq!(codes(&server), [UNKNOWN, KNOWN]);
    server.stop();
}

#[test]
fn a_configuration_that_is_wrong_is_told_in_one_line_and_changes_nothing() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let good = fs::read_to_string(workspace.config()).unwrap();
    fs::write(workspace.path("app.keys"), format!("{NEW_KEY}\n")).unwrap();
    for (times, (bad, sentence)) in [
        (good.replace("keys_file", "keysfile"), "unknown key app[0].keysfile; did you mean app[0].keys_file?"),
        (
            format!(
                "log = \"inof\"
{good}"
            ),
            "\"inof\" is not a level",
        ),
        ("[[app]".to_owned(), "not valid TOML"),
        (format!("{good}\n[tls]\ncert_file = \"nothing.pem\"\n"), "tls.key_file is missing"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(workspace.config(), bad).unwrap();
        let line = reload(&server, times + 1);
        assert!(line.contains("ERROR") && line.contains("refused; nothing was changed"), "{line}");
        assert!(line.contains(sentence), "{line}");
        assert_eq!(codes(&server), [KNOWN, UNKNOWN]);
    }
    server.stop();
}

#[test]
fn a_reload_names_keys_that_need_a_restart_and_follows_the_rest() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let good = fs::read_to_string(workspace.config()).unwrap();
    let text = format!("connections_max = 7\n{good}disabled = true\n[timeouts]\ndrain_ms = 1\n");
    fs::write(workspace.config(), text).unwrap();
    let line = reload(&server, 1);
    assert!(line.contains("WARN") && line.contains("keys=\"connections_max, timeouts.drain_ms\""), "{line}");
    assert_eq!(codes(&server)[0], 60016, "the app {APP} is disabled");
    fs::write(workspace.config(), good).unwrap();
    assert!(reload(&server, 2).contains(" INFO "), "all is as at the start again");
    assert_eq!(codes(&server)[0], KNOWN);
    server.stop();
}

#[test]
fn the_log_filter_is_followed() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let good = fs::read_to_string(workspace.config()).unwrap();
    codes(&server);
    assert!(!server.log().contains("call refused"));
    fs::write(workspace.config(), format!("log = \"info,pinfold_server=debug\"\n{good}")).unwrap();
    reload(&server, 1);
    codes(&server);
    server.await_log("call refused");
    server.stop();
}

#[test]
fn a_server_without_a_configuration_file_goes_on() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &[]);
    dev.server.signal("HUP");
    dev.server.await_log("SIGHUP is ignored");
    dev.server.stop();
}

#[test]
fn a_certificate_that_ended_is_told_at_each_reading_and_served_and_a_wrong_one_is_refused() {
    let workspace = Workspace::with("[tls]\ncert_file = \"server.pem\"\nkey_file = \"server.pem\"");
    let server_file = workspace.path("server.pem");
    let write = |year: i32| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        fs::write(&server_file, key.serialize_pem() + &certificate.pem()).unwrap();
    };
    write(2020);
    let ended =
        format!("tls: the certificate in {} ended at 2020-01-01T00:00:00Z, so callers refuse it", text(&server_file));
    let checked = run(workspace.command("check-config"));
    let warnings = String::from_utf8(checked.stderr).unwrap();
    assert_eq!(checked.status.code(), Some(0));
    assert!(warnings.starts_with(&format!("pinfold: warning: {ended}\n")), "{warnings}");
    // The umask of most systems lets everybody read what a test writes.
    let server = workspace.serve();
    let told = || server.log().lines().filter(|line| line.contains("WARN") && line.contains(&ended)).count();
    assert_eq!(told(), 1, "{}", server.log());
    write(2020);
    reload(&server, 1);
    assert_eq!(told(), 2, "it is told again");
    write(4000);
    reload(&server, 2);
    fs::write(&server_file, "nonsense").unwrap();
    let line = reload(&server, 3);
    let sentence = format!("tls: {} holds no certificate in plain PEM", text(&server_file));
    assert!(line.contains("ERROR") && line.contains(&sentence), "{line}");
    assert_eq!(told(), 2);
    server.stop();
}

#[test]
fn callers_get_the_new_certificate() {
    let made = [(); 2].map(|()| {
        let workspace = private_directory();
        Dev::start(workspace.path(), &["--tls"]).server.stop();
        workspace
    });
    let workspace = Workspace::with("[tls]\ncert_file = \"server.pem\"\nkey_file = \"server.pem\"");
    let take =
        |from: &tempfile::TempDir| fs::copy(from.path().join("tls/server.pem"), workspace.path("server.pem")).unwrap();
    take(&made[0]);
    let server = workspace.serve();
    let url = format!("https://localhost:{}", server.rest.port());
    let trust = || {
        made.each_ref().map(|made| {
            let ca = made.path().join("tls/ca.pem");
            let mut command = workspace.command("call");
            command.args(["--url", &url, "--ca-file", text(&ca), "account_import", r#"{"UserID":"alice"}"#]);
            run(command).status.success()
        })
    };
    assert_eq!(trust(), [true, false]);
    take(&made[1]);
    assert_eq!(trust(), [true, false], "not reloaded yet");
    reload(&server, 1);
    assert_eq!(trust(), [false, true]);
    server.stop();
}

#[test]
fn a_server_ends_though_a_file_that_it_reads_again_does_not_answer() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    fs::remove_file(workspace.config()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(workspace.config()).status().unwrap().success());
    server.signal("HUP");
    // Nothing tells that the file is being read.
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.stop();
}
