//! The configuration that is found where nothing names one, and links to other services among the variables.

use std::fs;
use std::process::Command;

use crate::failed_start::refusal;
use crate::support::{APP, KEY, Server, Workspace, http, pinfold, run, text};

const INSTALLED: &str = "/etc/pinfold/pinfold.toml";

/// A command that looks for its configuration, in the directory of a workspace.
fn looking(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = pinfold(arguments.iter().copied());
    command.env_remove("PINFOLD_CONFIG").current_dir(&workspace.directory);
    command
}

#[test]
fn the_file_in_the_working_directory_is_read_and_told() {
    let workspace = Workspace::with("");
    let server = Server::start(looking(&workspace, &["serve"]));
    assert!(server.log().contains("the configuration is ./pinfold.toml"), "{}", server.log());
    server.stop();
    assert!(workspace.path("pinfold-data").exists(), "paths are relative to the directory of the file");

    let output = run(looking(&workspace, &["user-sig"]));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "the configuration is ./pinfold.toml\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    let output = run(looking(&workspace, &["check-config"]));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "the configuration is ./pinfold.toml\n");
}

#[test]
fn a_mistake_that_has_no_line_is_told_with_the_file_that_was_found() {
    let workspace = Workspace::with("");
    fs::write(workspace.config(), "").unwrap();
    let sentence = refusal(looking(&workspace, &["serve"]));
    assert!(sentence.starts_with("no app is configured; add [[app]]"), "{sentence}");
    assert!(sentence.ends_with("; the configuration is ./pinfold.toml"), "{sentence}");
}

#[test]
fn that_there_is_no_file_is_told_and_one_that_comes_later_is_not_read() {
    if fs::exists(INSTALLED).unwrap_or(true) {
        return;
    }
    let workspace = Workspace::with("");
    let file = workspace.path("later.toml");
    fs::rename(workspace.config(), &file).unwrap();
    let sentence = refusal(looking(&workspace, &["serve"]));
    assert!(sentence.starts_with("no app is configured"), "{sentence}");
    assert!(
        sentence
            .ends_with("no configuration file was read: there is neither ./pinfold.toml nor /etc/pinfold/pinfold.toml"),
        "{sentence}"
    );

    let mut command = looking(&workspace, &["serve"]);
    command.env("PINFOLD_LISTEN", "127.0.0.1:0").env("PINFOLD_ADMIN_LISTEN", "").env("PINFOLD_STORE__URL", "memory:");
    command.env("PINFOLD_APP__0__SDKAPPID", APP.to_string()).env("PINFOLD_APP__0__KEYS", KEY);
    let server = Server::start(command);
    assert!(server.log().contains("no configuration file was read"), "{}", server.log());
    fs::write(workspace.config(), "nonsense").unwrap();
    server.signal("HUP");
    server.await_log("the configuration was read again");
    assert!(!server.log().contains("refused"), "{}", server.log());
    server.stop();
}

#[test]
fn a_file_is_named_by_c_too_and_the_empty_name_reads_none() {
    let workspace = Workspace::with("");
    let output = run(looking(&workspace, &["check-config", "-c", text(&workspace.config())]));
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert!(refusal(looking(&workspace, &["serve", "--config", ""])).starts_with("no app is configured"));
    let mut command = looking(&workspace, &["check-config"]);
    command.env("PINFOLD_CONFIG", format!("{}\n", text(&workspace.config())));
    assert_eq!(run(command).status.code(), Some(0), "a newline after the path is not a part of it");
}

#[test]
fn links_to_other_services_are_told_once_at_debug() {
    let workspace = Workspace::with("log = \"info,pinfold=debug\"");
    let mut command = workspace.command("serve");
    command.env("PINFOLD_DB_PORT", "tcp://10.0.0.2:5432").env("PINFOLD_POSTGRESQL_SERVICE_HOST", "10.0.0.3");
    command.env("PINFOLD_DEV_DATA", "x");
    let server = Server::start(command);
    server.signal("HUP");
    server.await_log("the configuration was read again");
    let log = server.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("PINFOLD_")).collect();
    let [line] = lines[..] else { panic!("{log}") };
    assert!(line.contains(r#"["PINFOLD_DB_PORT", "PINFOLD_POSTGRESQL_SERVICE_HOST"]"#), "{line}");
    assert!(line.contains("DEBUG") && !line.contains("10.0.0"), "{line}");
    server.stop();
}

/// Whether either family is served, whichever is listed first.
#[test]
fn all_of_ipv4_and_all_of_ipv6_are_served_on_one_port() {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return;
    }
    for all in [["0.0.0.0", "[::]"], ["[::]", "0.0.0.0"]] {
        let port = crate::support::free_port();
        let listen = all.map(|ip| format!("\"{ip}:{port}\"")).join(", ");
        let workspace = Workspace::with(&format!("listen = [{listen}]"));
        let server = workspace.serve();
        for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, port)), (Ipv6Addr::LOCALHOST, port).into()] {
            assert_eq!(
                http::code(&http::post(address, "im_open_login_svc/account_import", r#"{"UserID":"alice"}"#)),
                0
            );
        }
        server.stop();
    }
}
