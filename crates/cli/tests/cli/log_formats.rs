//! How lines look: on a terminal, in the journal, as JSON.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Killed, TIMEOUT, Workspace, installed, run, text};

/// A server that logs a little and then finds its port taken.
struct Failing {
    workspace: Workspace,
    _taken: TcpListener,
}

impl Failing {
    fn with(top: &str) -> Self {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = format!("listen = [\"{}\"]\nlog = \"info,fjall=info\"\n{top}", taken.local_addr().unwrap());
        Self { workspace: Workspace::with(&listen), _taken: taken }
    }

    fn command(&self) -> Command {
        self.workspace.command("serve")
    }
}

#[test]
fn as_json_every_line_is_an_object_the_sentence_of_a_failed_start_included() {
    let failing = Failing::with("log_format = \"json\"");
    let mut command = failing.command();
    command.env("JOURNAL_STREAM", "1:1");
    let log = String::from_utf8(run(command).stderr).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, before) = lines.split_last().unwrap();
    assert_eq!((&last["level"], &last["target"]), (&"ERROR".into(), &"pinfold".into()));
    assert!(last["message"].as_str().unwrap().starts_with("pinfold: cannot listen on "), "{last}");
    assert!(before.iter().any(|line| line["target"].as_str().unwrap().starts_with("fjall::")), "{log}");
    assert!(lines.iter().all(|line| line["timestamp"].as_str().unwrap().ends_with('Z')), "{log}");
}

#[test]
fn the_start_as_json_has_its_fields() {
    let workspace = Workspace::with("log_format = \"json\"");
    let mut command = workspace.command("serve");
    let errors = workspace.path("stderr");
    let mut server = Killed(command.stderr(File::create(&errors).unwrap()).spawn().unwrap());
    let log = || fs::read_to_string(&errors).unwrap();
    let began = Instant::now();
    while !log().contains("started") {
        assert!(began.elapsed() < TIMEOUT, "{}", log());
        std::thread::sleep(Duration::from_millis(10));
    }
    Command::new("kill").arg(server.0.id().to_string()).status().unwrap();
    assert_eq!(server.ended().code(), Some(0));
    let log = log();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let started = lines.iter().find(|line| line["message"] == "started").unwrap();
    assert_eq!((&started["fields"]["apps"], &started["fields"]["tls"]), (&1.into(), &false.into()));
}

#[test]
fn to_the_journal_each_line_has_its_priority_and_elsewhere_none() {
    // As many fit into any limit of open files, so that nothing is warned of.
    let failing = Failing::with("connections_max = 100");
    let errors = failing.workspace.path("stderr");
    let file = File::create(&errors).unwrap();
    let metadata = file.metadata().unwrap();
    for (inode, is_journal) in [(metadata.ino(), true), (metadata.ino() + 1, false)] {
        file.set_len(0).unwrap();
        let mut command = failing.command();
        command.env("JOURNAL_STREAM", format!("{}:{inode}", metadata.dev()));
        let appending = File::options().append(true).open(&errors).unwrap();
        assert_eq!(Killed(command.stderr(appending).spawn().unwrap()).ended().code(), Some(1));
        let log = fs::read_to_string(&errors).unwrap();
        let lines: Vec<_> = log.lines().collect();
        let (last, before) = lines.split_last().unwrap();
        assert_eq!(last.starts_with("<3>pinfold: cannot listen on "), is_journal, "{log}");
        assert!(!before.is_empty() && before.iter().all(|line| line.starts_with("<6>") == is_journal), "{log}");
    }
}

#[test]
fn a_sentence_from_before_there_is_a_log_has_its_priority_too() {
    let failing = Failing::with("");
    let errors = failing.workspace.path("stderr");
    let file = File::create(&errors).unwrap();
    let metadata = file.metadata().unwrap();
    let mut wrong = failing.command();
    wrong.env("PINFOLD_LOG", "inof").env("JOURNAL_STREAM", format!("{}:{}", metadata.dev(), metadata.ino()));
    assert_eq!(Killed(wrong.stderr(file).spawn().unwrap()).ended().code(), Some(1));
    let log = fs::read_to_string(&errors).unwrap();
    assert!(log.starts_with("<3>pinfold: log = "), "{log}");
}

#[test]
fn a_terminal_has_colours_unless_it_is_dumb_or_they_are_not_wanted() {
    if !installed("script") {
        return;
    }
    let failing = Failing::with("");
    let is_coloured = |variables: &[(&str, &str)]| {
        let mut command = Command::new("script");
        let line =
            format!("'{}' serve --config '{}'", env!("CARGO_BIN_EXE_pinfold"), text(&failing.workspace.config()));
        command.args(["-qec", &line, "/dev/null"]).stdin(std::process::Stdio::null());
        command.env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.iter().copied());
        let log = String::from_utf8(run(command).stdout).unwrap();
        assert!(log.contains("INFO") && log.contains("cannot listen on"), "{log}");
        log.contains('\u{1b}')
    };
    assert!(is_coloured(&[]) && is_coloured(&[("NO_COLOR", "")]));
    assert!(!is_coloured(&[("NO_COLOR", "1")]));
    assert!(!is_coloured(&[("TERM", "dumb")]) && !is_coloured(&[("TERM", "")]));
}
