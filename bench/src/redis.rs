//! Beside pinfold, where it is installed: redis-server with every write synced, as what somebody in a hurry would pick.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::RunArguments;
use crate::process::free_address;

/// A running redis-server.
struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `HSET` of one field and `HGETALL` of 20, in requests a second; `None` where redis is not installed or
/// not wanted.
pub(crate) fn measure(arguments: &RunArguments, directory: &Path, connections: usize) -> Option<(f64, f64)> {
    if arguments.without_redis {
        return None;
    }
    let port = free_address().ok()?.port().to_string();
    let mut command = Command::new("redis-server");
    command.args([
        "--port",
        &port,
        "--bind",
        "127.0.0.1",
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--save",
        "",
    ]);
    command.arg("--dir").arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(library) = &arguments.preload {
        command.env("LD_PRELOAD", library);
    }
    let _redis = Redis(command.spawn().ok()?);
    sleep(Duration::from_millis(500));
    let requests = (arguments.seconds * 40_000.0) as u64;
    let fields: Vec<String> =
        (0..20).flat_map(|field| [format!("field{field}"), "value-of-a-mark".to_owned()]).collect();
    let fields: Vec<&str> =
        std::iter::once("HSET").chain(["loaded:1"]).chain(fields.iter().map(String::as_str)).collect();
    benchmark(&port, connections, 1, &fields)?;
    let hset = benchmark(&port, connections, requests, &["HSET", "user:__rand_int__", "field1", "mark-000001"])?;
    let hgetall = benchmark(&port, connections, requests, &["HGETALL", "loaded:1"])?;
    Some((hset, hgetall))
}

fn benchmark(port: &str, connections: usize, requests: u64, command: &[&str]) -> Option<f64> {
    let output = Command::new("redis-benchmark")
        .args(["-h", "127.0.0.1", "-p", port, "-c", &connections.to_string(), "-n", &requests.to_string()])
        .args(["-r", "100000", "--csv"])
        .args(command)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().last()?.split(',').nth(1)?.trim_matches('"').parse().ok()
}
