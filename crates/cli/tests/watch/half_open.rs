//! The host of a watcher vanishes: no packet comes from it any more, and no end of its connection.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pinfold_wire::commands::MarkContact;

use crate::account::{ACCOUNT, client, mark, workspace};
use crate::support::{APP, Killed, Server, TIMEOUT, http};

/// `timeouts.send_ms` of the server.
const SEND: Duration = Duration::from_millis(500);

/// A host beside this one: a network namespace with one link to here. It is removed when this is dropped.
struct Host {
    name: String,
    here: String,
}

impl Host {
    /// `None` where such a thing cannot be made, for want of `ip` or of the right to use it.
    fn new() -> Option<Self> {
        let id = std::process::id();
        let (third, link) = (id % 250, format!("pf{id}"));
        let host = Self { name: format!("pinfold-test-{id}"), here: format!("198.18.{third}.1") };
        let Self { name, here } = &host;
        let commands = [
            format!("netns add {name}"),
            format!("link add {link} type veth peer name far netns {name}"),
            format!("address add {here}/24 dev {link}"),
            format!("link set {link} up"),
            format!("-n {name} address add 198.18.{third}.2/24 dev far"),
            format!("-n {name} link set far up"),
        ];
        commands.iter().all(|command| ip(command)).then_some(host)
    }

    fn vanish(&self) {
        assert!(ip(&format!("-n {} link set far down", self.name)));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.name));
    }
}

fn ip(arguments: &str) -> bool {
    let mut command = Command::new("ip");
    command.args(arguments.split(' ')).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Waits until there are so many streams.
async fn until_watched(server: &Server, watchers: usize) {
    let (line, began) = (format!("\npinfold_watchers{{app=\"{APP}\"}} {watchers}\n"), Instant::now());
    while !http::get(server.admin.unwrap(), "/metrics").1.contains(&line) {
        assert!(began.elapsed() < TIMEOUT, "not {watchers} streams");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_watcher_whose_host_vanished_loses_its_place_after_twice_the_time_to_send() {
    let Some(host) = Host::new() else {
        // Not by a macro: of a test that passes nothing printed by one is shown.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: no network namespace can be made\n");
        return;
    };
    let (here, send_ms) = (&host.here, SEND.as_millis());
    let workspace = workspace(&format!("listen = [\"{here}:0\"]\ntimeouts = {{ send_ms = {send_ms} }}"));
    let server = workspace.serve();
    let mut watcher = Command::new("ip");
    watcher.args(["netns", "exec", &host.name, env!("CARGO_BIN_EXE_pinfold"), "watch", "--config"]);
    watcher.arg(workspace.config()).args(["--url", &format!("http://{}", server.rest), ACCOUNT]);
    let _watcher = Killed(watcher.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until_watched(&server, 1).await;
    let vanished = Instant::now();
    host.vanish();
    // Too little to fill a buffer, which would show too that the watcher takes nothing.
    client(&server).call::<MarkContact>(&mark("bob", 1)).await.unwrap();
    until_watched(&server, 0).await;
    assert!(vanished.elapsed() > SEND * 3 / 2, "after {:?} already", vanished.elapsed());
    server.stop();
}
