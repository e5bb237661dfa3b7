//! Servers as processes of their own, and what they use.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::caller::{Target, Transport};
use crate::history::History;
use crate::prepare::{APP, KEY};
use crate::tls::{self, Identity};
use crate::usage::Usage;

const START_TIME_MAX: Duration = Duration::from_secs(120);
const STOP_TIME_MAX: Duration = Duration::from_secs(120);
/// Ten thousand watchers and the callers.
const CONNECTIONS_MAX: usize = 12_000;

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) target: Target,
    /// How long it took until it accepted a connection. pinfold opens its store before it listens.
    pub(crate) started_in: Duration,
}

/// What pinfold is told beside its address and its app.
pub(crate) struct Setup<'a> {
    /// The lines of `[store]`.
    pub(crate) store: String,
    /// The app's `accounts`: "imported" asks the register for each peer, "any" does not.
    pub(crate) accounts: &'a str,
    /// Whether it takes messages.
    pub(crate) messages: bool,
    pub(crate) history: History,
    /// A library to preload.
    pub(crate) preload: Option<&'a Path>,
}

impl Server {
    /// This program again, as the echo server.
    pub(crate) fn echo(identity: &Identity, transport: Transport) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let target = target(identity, transport)?;
        let mut command = Command::new(program);
        command.arg("echo").arg("--listen").arg(target.address.to_string());
        if transport != Transport::Plain {
            command.arg("--tls-directory").arg(&identity.directory);
        }
        Self::start(command, target)
    }

    /// pinfold; its configuration, and an embedded store, are in `directory`.
    pub(crate) fn pinfold(
        binary: &Path,
        setup: &Setup<'_>,
        directory: &Path,
        identity: &Identity,
        transport: Transport,
    ) -> Result<Self, String> {
        let target = target(identity, transport)?;
        let config = directory.join("bench.toml");
        let text = configuration(&target, setup, identity);
        fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--config").arg(config);
        if let Some(library) = setup.preload {
            command.env("LD_PRELOAD", library);
        }
        let server = Self::start(command, target)?;
        setup.preload.map_or(Ok(()), |library| server.expect_loaded(library))?;
        Ok(server)
    }

    /// A binary that is linked statically ignores what is to be preloaded, and would seem to be fast.
    fn expect_loaded(&self, library: &Path) -> Result<(), String> {
        let library = library.canonicalize().map_err(|error| format!("{}: {error}", library.display()))?;
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.child.id())).map_err(|error| error.to_string())?;
        if maps.contains(&*library.to_string_lossy()) {
            return Ok(());
        }
        Err(format!("the server has not loaded {}; is it linked statically?", library.display()))
    }

    /// Starts a server and waits until it accepts connections.
    pub(crate) fn start(mut command: Command, target: Target) -> Result<Self, String> {
        let began = Instant::now();
        let child = command.stdout(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        while began.elapsed() < START_TIME_MAX {
            if TcpStream::connect(target.address).is_ok() {
                return Ok(Self { child, target, started_in: began.elapsed() });
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("{} ended: {status}", command.get_program().display()));
            }
            sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        Err("the server does not answer".into())
    }

    /// What the process used so far.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(self.child.id())
    }

    /// Ends the process as an operator would, and waits for it.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).map_err(|error| error.to_string())?;
        let began = Instant::now();
        while began.elapsed() < STOP_TIME_MAX {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return Ok(());
            }
            sleep(Duration::from_millis(20));
        }
        Err("the server does not stop".into())
    }

    /// Ends the process without a chance to tidy up.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn configuration(target: &Target, setup: &Setup<'_>, identity: &Identity) -> String {
    let tls = match target.transport {
        Transport::Plain => String::new(),
        Transport::Tls1 | Transport::Tls2 => format!(
            "[tls]\ncert_file = {:?}\nkey_file = {:?}\n",
            tls::certificate_file(&identity.directory),
            tls::key_file(&identity.directory)
        ),
    };
    let messages = if setup.messages { "messages = \"touch\"\n" } else { "" };
    format!(
        "listen = [\"{}\"]\nadmin_listen = \"\"\nconnections_max = {CONNECTIONS_MAX}\n\
         connections_per_address_max = 0\nlog = \"warn\"\n{tls}[store]\n{}[[app]]\n\
         sdkappid = {APP}\nkeys = [\"{KEY}\"]\naccounts = \"{}\"\ncalls_per_second_max = 0\n{messages}{}",
        target.address,
        setup.store,
        setup.accounts,
        setup.history.lines()
    )
}

fn target(identity: &Identity, transport: Transport) -> Result<Target, String> {
    Ok(Target { address: free_address()?, connector: identity.connector(transport)?, transport })
}

/// A free port of loopback. Somebody else may take it first; then the server says so.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(|error| error.to_string())
}
