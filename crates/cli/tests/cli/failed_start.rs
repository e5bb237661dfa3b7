//! Starts that fail, each with one clear sentence and a non-zero exit code.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::support::{APP, Server, Workspace, pinfold, pinfold_after, private_directory, run, text};

/// The sentence of a start that is refused. Nothing but it and the lines of the log may be on stderr.
pub(crate) fn refusal(command: Command) -> String {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(output.stdout.is_empty());
    let own: Vec<_> = stderr.lines().filter(|line| line.starts_with("pinfold: ")).collect();
    let [sentence] = own[..] else { panic!("not one sentence:\n{stderr}") };
    assert_eq!(stderr.lines().last(), Some(sentence), "the sentence comes last, in one line");
    sentence.strip_prefix("pinfold: ").unwrap().to_owned()
}

fn refused(top: &str) -> String {
    refusal(Workspace::with(top).command("serve"))
}

#[test]
fn an_unknown_key_is_named_with_the_one_that_was_meant() {
    let workspace = Workspace::with("admin_lisen = \"\"");
    let expected =
        format!("unknown key admin_lisen; did you mean admin_listen? (line 3 of {})", text(&workspace.config()));
    assert_eq!(refusal(workspace.command("serve")), expected);
}

#[test]
fn a_missing_configuration_file_is_named() {
    let sentence = refusal(pinfold(["serve", "--config", "/nowhere/pinfold.toml"]));
    assert!(sentence.starts_with("cannot read the configuration file /nowhere/pinfold.toml: "), "{sentence}");
}

#[test]
fn the_variable_names_the_configuration_file_too() {
    let mut command = pinfold(["serve"]);
    command.env("PINFOLD_CONFIG", "/nowhere/else.toml");
    assert!(refusal(command).starts_with("cannot read the configuration file /nowhere/else.toml: "));
}

#[test]
fn without_any_app_it_says_how_to_add_one() {
    assert!(refusal(pinfold(["serve"])).starts_with("no app is configured; add [[app]]"));
}

#[test]
fn a_missing_key_file_is_named() {
    let workspace = Workspace::with("");
    fs::remove_file(workspace.path("app.keys")).unwrap();
    let sentence = refusal(workspace.command("serve"));
    let expected = format!("app[0].keys_file: cannot read the key file {}: ", text(&workspace.path("app.keys")));
    assert!(sentence.starts_with(&expected), "{sentence}");
}

#[test]
fn a_file_of_authorities_for_a_webhook_that_is_missing_is_named_and_so_it_is_by_check_config() {
    let webhook = "[app.webhook]\nurl = \"https://127.0.0.1/\"\ntoken = \"0123456789abcdef\"\nca_file = \"ca.pem\"";
    let workspace = Workspace::with_app("", webhook);
    let file = workspace.path("ca.pem");
    let expected = format!("the webhook of app {APP}: cannot read its ca_file {}: ", text(&file));
    for subcommand in ["serve", "check-config"] {
        let sentence = refusal(workspace.command(subcommand));
        assert!(sentence.starts_with(&expected), "{subcommand}: {sentence}");
    }
}

#[test]
fn a_store_that_another_process_holds_is_named() {
    let workspace = Workspace::with("");
    let server = workspace.serve();
    let sentence = refusal(workspace.command("serve"));
    assert!(
        sentence
            .starts_with(&format!("the store {} is in use by another process", text(&workspace.path("pinfold-data"))))
    );
    server.stop();
}

#[test]
fn a_store_in_a_directory_of_another_user_is_refused() {
    let workspace = Workspace::with("[store]\nurl = \"file:taken\"");
    fs::create_dir(workspace.path("taken")).unwrap();
    fs::write(workspace.path("taken/thesis.txt"), "years of work").unwrap();
    assert!(refusal(workspace.command("serve")).contains("holds files but no pinfold store"));
}

#[test]
fn a_port_in_use_is_named_for_either_plane_and_no_store_is_left_open() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for key in [format!("listen = [\"{address}\"]"), format!("admin_listen = \"{address}\"")] {
        let workspace = Workspace::with(&key);
        let sentence = refusal(workspace.command("serve"));
        assert!(sentence.starts_with(&format!("cannot listen on {address}: ")), "{sentence}");
        assert!(sentence.ends_with("; choose another address, or stop the process that uses it"), "{sentence}");
        // The admin plane comes before the store, which is not even made then.
        let data = workspace.path("pinfold-data");
        assert!(data.join("clean").exists() || !data.exists());
    }
}

#[test]
fn an_address_of_another_machine_is_told_as_such() {
    let sentence = refused("listen = [\"192.0.2.1:0\"]");
    assert!(sentence.contains("; this machine has no such address; "), "{sentence}");
}

#[test]
fn a_bad_log_filter_is_told_with_its_line() {
    let sentence = refused("log = \"inof\"");
    assert!(
        sentence.starts_with("log = \"inof\" is not a log filter: \"inof\" is not a level; allowed are "),
        "{sentence}"
    );
    assert!(sentence.contains("(line 3 of "), "{sentence}");
    assert!(refused("log = \"info,fjall=loud\"").contains("is not a log filter"));
}

#[test]
#[cfg(not(feature = "otlp"))]
fn a_collector_is_refused_by_a_build_that_cannot_send_to_one() {
    let workspace = Workspace::with("otlp_endpoint = \"http://127.0.0.1:4318\"");
    let expected = format!(
        "otlp_endpoint is set, but this build has no traces; build it with --features otlp, or remove the key (line 3 of {})",
        text(&workspace.config())
    );
    for subcommand in ["serve", "check-config"] {
        assert_eq!(refusal(workspace.command(subcommand)), expected, "{subcommand}");
    }
}

#[test]
fn tls_files_that_cannot_be_used_are_named() {
    let tls = "[tls]\ncert_file = \"cert.pem\"\nkey_file = \"key.pem\"";
    let workspace = Workspace::with(tls);
    let sentence = refusal(workspace.command("serve"));
    assert!(sentence.contains(text(&workspace.path("cert.pem"))), "{sentence}");
    fs::write(workspace.path("cert.pem"), "no certificate").unwrap();
    fs::write(workspace.path("key.pem"), "no key").unwrap();
    for subcommand in ["serve", "check-config"] {
        let sentence = refusal(workspace.command(subcommand));
        assert!(sentence.starts_with("tls: ") && sentence.contains("cert.pem"), "{sentence}");
    }
}

#[test]
fn dev_names_a_port_in_use_and_a_directory_in_use() {
    let workspace = private_directory();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = text(workspace.path());
    let sentence = refusal(pinfold(["dev", "--data", data, "--listen", &address]));
    assert!(sentence.starts_with(&format!("cannot listen on {address}: ")), "{sentence}");

    let mut first = pinfold(["dev", "--data", data, "--listen", "127.0.0.1:0"]);
    first.stdout(std::process::Stdio::null());
    let server = Server::start(first);
    let sentence = refusal(pinfold(["dev", "--data", data, "--listen", "127.0.0.1:0"]));
    assert!(sentence.contains("is in use by another process"), "{sentence}");
    assert!(
        workspace.path().join("key").exists() && workspace.path().join("store/format").exists(),
        "they are the first one's"
    );
    server.stop();
}

#[test]
fn a_dev_that_fails_leaves_nothing_and_takes_nothing() {
    let workspace = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dev = |data: &std::path::Path| refusal(pinfold(["dev", "--tls", "--data", text(data), "--listen", &address]));
    let fresh = workspace.path().join("new/data");
    assert!(dev(&fresh).starts_with("cannot listen on "));
    assert!(!workspace.path().join("new").exists());

    let used = workspace.path().join("used");
    let mut first = pinfold(["dev", "--data", text(&used), "--listen", ":0"]);
    first.stdout(std::process::Stdio::null());
    Server::start(first).stop();
    let key = fs::read_to_string(used.join("key")).unwrap();
    assert!(dev(&used).starts_with("cannot listen on "));
    assert_eq!(fs::read_to_string(used.join("key")).unwrap(), key);
    assert!(used.join("store/clean").exists() && !used.join("tls").exists());
}

#[test]
fn a_directory_that_a_shell_would_have_named_is_not_made() {
    let workspace = Workspace::with("");
    let mut dev = pinfold(["dev", "--data=~/data"]);
    dev.current_dir(&workspace.directory);
    assert_eq!(run(dev).status.code(), Some(2));
    let mut restore = pinfold(["restore", "--to", "$HOME/data", "backup"]);
    restore.current_dir(&workspace.directory);
    assert!(refusal(restore).starts_with("--to $HOME/data is not a store: $ does not stand for"));
    assert!(!workspace.path("~").exists() && !workspace.path("$HOME").exists());
}

#[test]
fn one_address_for_both_planes_is_refused_before_anything_is_made() {
    let workspace = Workspace::with("listen = [\"127.0.0.1:18080\"]\nadmin_listen = \"127.0.0.1:18080\"");
    let sentence = refusal(workspace.command("serve"));
    assert!(sentence.starts_with("admin_listen = 127.0.0.1:18080 and listen[0] = 127.0.0.1:18080 take"), "{sentence}");
    assert!(!workspace.path("pinfold-data").exists());
}

#[test]
fn a_command_line_that_is_wrong_has_an_exit_code_of_its_own() {
    for arguments in [&["sevre"][..], &["serve", "--confg", "x"], &["dev", "--listen", "here"], &["call"], &[]] {
        assert_eq!(run(pinfold(arguments.iter().copied())).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_version_is_told_and_in_full_whether_the_build_was_trained() {
    const SHORT: &str = concat!("pinfold ", env!("CARGO_PKG_VERSION"), "\n");
    let told = |option| String::from_utf8(run(pinfold([option])).stdout).unwrap();
    assert_eq!(told("-V"), SHORT);
    assert_eq!(told("--version"), format!("{SHORT}trained: no\n"));
}

/// `pinfold serve` under a hard limit of open files, and a lower soft one.
fn under_limit(workspace: &Workspace, files_max: u32) -> Command {
    let mut command = pinfold_after(&format!("ulimit -Sn 64; ulimit -Hn {files_max}"));
    command.args(["serve", "--config"]).arg(workspace.config());
    command
}

#[test]
fn the_limit_of_open_files_is_raised_as_far_as_it_goes_and_connections_that_were_not_set_fit_into_it() {
    let workspace = Workspace::with("connections_max = 100");
    let server = workspace.serve();
    assert!(!server.log().contains("connections_max"), "{}", server.log());
    server.stop();

    let workspace = Workspace::with("");
    let server = Server::start(under_limit(&workspace, 1050));
    let log = server.log();
    assert!(log.contains("connections_max is lowered") && log.contains("wanted=20000 connections_max=550"), "{log}");
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let files: Vec<_> =
        limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(files[3..5], ["1050", "1050"]);
    server.stop();
}

#[test]
fn connections_that_were_set_and_do_not_fit_into_the_limit_of_open_files_end_the_start() {
    let refused = |top: &str, files_max: u32| {
        let output = run(under_limit(&Workspace::with(top), files_max));
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let sentence = refused("connections_max = 600", 1050);
    assert!(sentence.contains("the limit of open files is 1050, and connections_max = 600 needs 1100"), "{sentence}");
    assert!(sentence.contains("set connections_max to 550 at most") && sentence.contains("pinfold.toml"), "{sentence}");
    assert!(
        refused("", 400).contains("the limit of open files is 400"),
        "where none fit, one that was not set neither"
    );
    Server::start(under_limit(&Workspace::with("connections_max = 550"), 1050)).stop();
}
