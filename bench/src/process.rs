//! Server processes: started for a run, watched through /proc, ended after it.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::RunArguments;
use crate::prepare::{APP, KEY};

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// How long it took until it answered.
    pub(crate) started_in: Duration,
}

/// What a process used so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    pub(crate) rss_mib: f64,
    pub(crate) written_bytes: u64,
}

impl Server {
    /// This program again, as the echo server.
    pub(crate) fn echo() -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let address = free_address()?;
        let mut command = Command::new(program);
        command.arg("echo").arg("--listen").arg(address.to_string());
        Self::start(command, address)
    }

    /// pinfold over a store in `directory`.
    pub(crate) fn pinfold(arguments: &RunArguments, directory: &Path) -> Result<Self, String> {
        let address = free_address()?;
        let config = directory.join("bench.toml");
        let text = format!(
            "listen = [\"{address}\"]\nadmin_listen = \"\"\nlog = \"warn\"\n[store]\nurl = \"file:store\"\ncache_mib = {}\n\
             [[app]]\nsdkappid = {APP}\nkeys = [\"{KEY}\"]\ncalls_per_second_max = 0\n",
            arguments.cache_mib
        );
        fs::File::create(&config)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| format!("{}: {error}", config.display()))?;
        let mut command = Command::new(&arguments.binary);
        command.arg("serve").arg("--config").arg(config);
        if let Some(library) = &arguments.preload {
            command.env("LD_PRELOAD", library);
        }
        Self::start(command, address)
    }

    fn start(mut command: Command, address: SocketAddr) -> Result<Self, String> {
        let began = Instant::now();
        let child = command.stdout(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        while began.elapsed() < Duration::from_secs(60) {
            if TcpStream::connect(address).is_ok() {
                return Ok(Self { child, address, started_in: began.elapsed() });
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("{} ended: {status}", command.get_program().display()));
            }
            sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        Err("the server does not answer".into())
    }

    /// What the process used so far.
    pub(crate) fn usage(&self) -> Usage {
        const TICKS_PER_SECOND: f64 = 100.0;
        let read = |file: &str| fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default();
        let stat = read("stat");
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<f64> = after_name.split(' ').map(|field| field.parse().unwrap_or(0.0)).collect();
        let ticks = fields.get(11).unwrap_or(&0.0) + fields.get(12).unwrap_or(&0.0);
        let number = |text: &str, name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Usage {
            cpu_seconds: ticks / TICKS_PER_SECOND,
            rss_mib: number(&read("status"), "VmRSS:") as f64 / 1024.0,
            written_bytes: number(&read("io"), "write_bytes:"),
        }
    }

    /// Ends the process as an operator would, and waits for it.
    pub(crate) fn stop(mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Ends the process without a chance to tidy up.
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free port of loopback. Somebody else may take it first; then the server says so.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(|error| error.to_string())
}
