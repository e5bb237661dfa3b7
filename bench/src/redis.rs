//! Beside pinfold, where it is installed: redis-server with every write synced, as what somebody in a hurry would pick.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::free_address;
use crate::scenario::Scenario;

const START_TIME_MAX: Duration = Duration::from_secs(30);

/// A running redis-server.
pub(crate) struct Redis {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command of `redis-benchmark` that stands beside a scenario, if one does.
pub(crate) fn command(scenario: Scenario) -> Option<[&'static str; 4]> {
    match scenario {
        Scenario::Mark => Some(["HSET", "user:__rand_int__", "field1", "mark-000001"]),
        Scenario::Get => Some(["HGETALL", "loaded:1", "", ""]),
        Scenario::Mark100
        | Scenario::Mark1000
        | Scenario::Update
        | Scenario::CreateDelete
        | Scenario::Search
        | Scenario::Search100 => None,
        Scenario::Touch | Scenario::GroupMessage | Scenario::List | Scenario::MarkListed | Scenario::GetListed => None,
        Scenario::Get1000 | Scenario::Mixed | Scenario::Hot | Scenario::Writes => None,
    }
}

impl Redis {
    /// Starts it over an empty directory, with the same preloaded library as pinfold.
    pub(crate) fn start(directory: &Path, preload: Option<&Path>) -> Result<Self, String> {
        let port = free_address()?.port();
        let mut command = Command::new("redis-server");
        command.args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ]);
        command.args(["--save", "", "--maxclients", "2000"]);
        command.arg("--dir").arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(library) = preload {
            command.env("LD_PRELOAD", library);
        }
        let child = command.spawn().map_err(|error| format!("redis-server: {error}"))?;
        let redis = Self { child, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > START_TIME_MAX {
                return Err("redis-server does not answer".into());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(redis)
    }

    /// Writes the hash of 20 fields that `HGETALL` reads.
    pub(crate) fn load(&self) -> Result<(), String> {
        let fields = (0..20).flat_map(|field| [format!("field{field}"), "value-of-a-mark".to_owned()]);
        let load: Vec<_> = ["HSET", "loaded:1"].map(str::to_owned).into_iter().chain(fields).collect();
        let loaded = self.benchmark(1, 1, load.iter().map(String::as_str));
        loaded.map(drop).ok_or_else(|| "redis-benchmark does not say how fast it was".into())
    }

    /// What stands beside the scenario, in requests a second, for about these many seconds. `last` is the rate of the
    /// round before; the first round tries a few requests to know how many fill the time.
    pub(crate) fn per_second(
        &self,
        scenario: Scenario,
        connections: usize,
        seconds: f64,
        last: Option<f64>,
    ) -> Option<f64> {
        let command = command(scenario)?;
        let words = || command.into_iter().filter(|word| !word.is_empty());
        let few = connections as u64 * 20 + 500;
        let rate = last.or_else(|| self.benchmark(connections, few, words()))?;
        self.benchmark(connections, few.max((rate * seconds) as u64), words())
    }

    fn benchmark<'a>(&self, connections: usize, requests: u64, command: impl Iterator<Item = &'a str>) -> Option<f64> {
        let output = Command::new("redis-benchmark")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-c",
                &connections.to_string(),
                "-n",
                &requests.to_string(),
            ])
            .args(["-r", "100000", "--csv"])
            .args(command)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().last()?.split(',').nth(1)?.trim_matches('"').parse().ok()
    }
}
