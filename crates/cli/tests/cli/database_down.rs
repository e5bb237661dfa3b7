//! A server whose database is down when it starts.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres;
use crate::support::{Server, TIMEOUT, Workspace, free_port, http};

/// A workspace over this database whose admin plane is known before it starts.
fn workspace(url: &str) -> (Workspace, SocketAddr) {
    let admin = SocketAddr::from(([127, 0, 0, 1], free_port()));
    (Workspace::with(&format!("admin_listen = \"{admin}\"\nstore.url = \"{url}\"")), admin)
}

/// Waits until the admin plane says that the server waits for its database.
fn await_waiting(admin: SocketAddr) {
    let began = Instant::now();
    loop {
        if TcpStream::connect(admin).is_ok() {
            let (status, said) = http::get(admin, "/readyz");
            if said.contains("does not answer") {
                assert_eq!(status, 503);
                assert!(said.starts_with(r#"{"ready":false,"reason":"starting","detail":"the server is starting: "#));
                return;
            }
        }
        assert!(began.elapsed() < TIMEOUT, "the admin plane does not say that the database is waited for");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[cfg_attr(no_own_postgres, ignore = "it stops its server, so PostgreSQL must be installed here")]
fn a_server_waits_for_a_database_that_is_down_and_starts_once_it_answers() {
    let database = postgres::Server::start(&[]);
    let (workspace, admin) = workspace(&database.new_schema());
    database.stop();
    let server = Server::start_while(workspace.command("serve"), || {
        await_waiting(admin);
        assert_eq!(http::get(admin, "/healthz").0, 200);
        database.start_again();
    });
    assert_eq!(http::get(admin, "/readyz").0, 200);
    assert!(server.log().contains("the store cannot be opened yet; the server waits for it"), "{}", server.log());
    server.stop();
}

#[test]
fn a_server_that_waits_for_its_database_ends_at_once_when_it_is_told_to() {
    let (workspace, admin) = workspace(&format!("postgres://me@127.0.0.1:{}/db", free_port()));
    let mut child = workspace.command("serve").stderr(Stdio::piped()).spawn().unwrap();
    await_waiting(admin);
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{log}");
}
