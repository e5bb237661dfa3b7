//! `pinfold health`, and what the admin plane says while a server starts.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{TIMEOUT, Workspace, http, pinfold, run};

/// Exit code, what was printed and what was complained about.
fn ended(command: Command) -> (Option<i32>, String, String) {
    let output = run(command);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn asked(address: SocketAddr) -> (Option<i32>, String, String) {
    ended(pinfold(["health", "--url", &format!("http://{address}")]))
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_server_that_is_ready_is_ready_by_its_configuration_and_by_its_url() {
    let admin = free_address();
    let workspace = Workspace::with(&format!("admin_listen = \"{admin}\""));
    let server = workspace.serve();
    let ready = (Some(0), "ready\n".to_owned(), String::new());
    assert_eq!(ended(workspace.command("health")), ready);
    assert_eq!(asked(admin), ready);
    server.stop();
    let (code, printed, complaint) = ended(workspace.command("health"));
    assert_eq!((code, &*printed), (Some(1), ""));
    assert!(complaint.starts_with(&format!("pinfold: no answer from {admin}: ")), "{complaint}");
    assert_eq!(complaint.lines().count(), 1);
}

#[test]
fn a_server_that_drains_is_not_ready() {
    let workspace = Workspace::with("drain_delay_seconds = 60");
    let server = workspace.serve();
    server.signal("TERM");
    server.await_log("stopping");
    let admin = server.admin.unwrap();
    let began = Instant::now();
    while http::get(admin, "/readyz").0 == 200 {
        assert!(began.elapsed() < TIMEOUT);
    }
    let complaint = format!("pinfold: {admin} is not ready: draining: the server was told to stop\n");
    assert_eq!(asked(admin), (Some(1), String::new(), complaint));
    server.kill();
}

#[test]
fn a_peer_that_accepts_and_never_answers_is_given_three_seconds() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let began = Instant::now();
    assert_eq!(asked(address), (Some(1), String::new(), format!("pinfold: {address} did not answer within 3 s\n")));
    assert!(began.elapsed() >= Duration::from_secs(3));
}

#[test]
fn without_an_admin_plane_the_command_is_refused() {
    let workspace = Workspace::with("admin_listen = \"\"");
    let (code, _, complaint) = ended(workspace.command("health"));
    assert_eq!(code, Some(1));
    assert_eq!(complaint, "pinfold: admin_listen is empty, so there is no admin plane to ask; set it, or give --url\n");
}

#[test]
fn a_server_that_waits_for_its_database_is_alive_and_not_ready() {
    let (admin, silent) = (free_address(), TcpListener::bind("127.0.0.1:0").unwrap());
    let database =
        format!("url = \"postgres://me@{}/x?sslmode=disable\"\nconnect_ms = 60000", silent.local_addr().unwrap());
    let workspace = Workspace::with(&format!("admin_listen = \"{admin}\"\n[store]\n{database}"));
    let mut child = workspace.command("serve").stderr(std::process::Stdio::null()).spawn().unwrap();
    let (_connection, _) = silent.accept().unwrap();
    let said = [http::get(admin, "/healthz").0.to_string(), http::get(admin, "/readyz").1];
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(said, ["200", r#"{"ready":false,"reason":"starting","detail":"the server is starting"}"#]);
}
