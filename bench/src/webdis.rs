//! Beside pinfold, where both are installed: webdis, which speaks HTTP for a redis-server with every write synced.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::json;

use crate::accounts::{RECORDS, Size};
use crate::caller::{Target, Transport};
use crate::case::{Series, seed};
use crate::prepare::peer;
use crate::process::{Server, free_address};
use crate::redis::Redis;
use crate::request::Request;
use crate::scenario::Scenario;
use crate::turns::Turns;

/// Hashes in one write of the load; their replies fit into the socket's buffer.
const LOADED_AT_ONCE: u32 = 100;

/// A running webdis and its redis-server.
pub(crate) struct Webdis {
    server: Server,
    size: Size,
    _redis: Redis,
}

impl Webdis {
    /// Starts both and loads a hash of 20 fields for each account.
    pub(crate) fn start(parent: &Path, preload: Option<&Path>, size: Size) -> Result<Self, String> {
        let directory = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?.keep();
        let redis = Redis::start(&directory, preload)?;
        load(redis.port, size.stored).map_err(|error| format!("redis-server: {error}"))?;
        let address = free_address()?;
        let threads = available_parallelism().map_or(1, NonZero::get);
        let config = json!({
            "redis_host": "127.0.0.1", "redis_port": redis.port, "redis_auth": null, "database": 0,
            "http_host": "127.0.0.1", "http_port": address.port(), "threads": threads,
            "daemonize": false, "websockets": false, "verbosity": 0, "logfile": "/dev/null",
        });
        let file = directory.join("webdis.json");
        fs::write(&file, config.to_string()).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut command = Command::new("webdis");
        command.arg(file);
        let target = Target { address, connector: None, transport: Transport::Plain };
        Ok(Self { server: Server::start(command, target)?, size, _redis: redis })
    }

    /// Measures one round of what stands beside the scenario, if something does.
    pub(crate) async fn round(
        &self,
        series: &mut Option<Series>,
        scenario: Scenario,
        connections: usize,
        time: Duration,
        round: u64,
    ) -> Result<(), String> {
        let Some(make) = request(scenario) else { return Ok(()) };
        let accounts = scenario.accounts(self.size);
        let sources = Turns::with(make, accounts, connections, time, seed(scenario, round));
        series.get_or_insert_with(Series::new).round(&self.server, connections, sources).await
    }
}

type Make = fn(usize, u32, &mut SmallRng) -> Request;

/// What stands beside a scenario. The digits of its account and its mark are written anew each time.
fn request(scenario: Scenario) -> Option<Make> {
    match scenario {
        Scenario::Mark => Some(|_, _, random| {
            let peer = peer(random.random_range(0..RECORDS));
            Request::of_webdis(&format!("/HSET/user:0000000/{peer}/mark-000000"), check_mark)
        }),
        Scenario::Get => Some(|_, _, _| Request::of_webdis("/HGETALL/user:0000000", check_get)),
        Scenario::Mark100 | Scenario::Mark1000 | Scenario::Update | Scenario::CreateDelete => None,
        Scenario::Search | Scenario::Search100 | Scenario::Get1000 | Scenario::Mixed | Scenario::Hot => None,
        Scenario::Touch | Scenario::GroupMessage | Scenario::List | Scenario::MarkListed => None,
        Scenario::GetListed | Scenario::Writes => None,
    }
}

/// The field was there already.
fn check_mark(body: &[u8]) -> Result<(), String> {
    if body == br#"{"HSET":0}"# { Ok(()) } else { Err(unexpected(body)) }
}

fn check_get(body: &[u8]) -> Result<(), String> {
    let last = peer(RECORDS - 1);
    let is_whole = body.windows(last.len()).any(|window| window == last.as_bytes());
    if is_whole { Ok(()) } else { Err(unexpected(body)) }
}

fn unexpected(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    format!("webdis answers: {}", text.chars().take(300).collect::<String>())
}

/// Writes a hash of 20 marks for each account, as the load of pinfold does.
fn load(port: u16, accounts: u32) -> io::Result<()> {
    const REPLY: &[u8] = b":20\r\n";
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let fields: Vec<_> = (0..RECORDS).map(|number| format!("{} mark-000000", peer(number))).collect();
    let fields = fields.join(" ");
    for first in (0..accounts).step_by(LOADED_AT_ONCE as usize) {
        let block = first..accounts.min(first + LOADED_AT_ONCE);
        let mut replies = vec![0; block.len() * REPLY.len()];
        let commands: String = block.map(|account| format!("HSET user:{account:07} {fields}\r\n")).collect();
        stream.write_all(commands.as_bytes())?;
        stream.read_exact(&mut replies)?;
        if replies.chunks(REPLY.len()).any(|reply| reply != REPLY) {
            return Err(io::Error::other(String::from_utf8_lossy(&replies).into_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::connect;

    fn start_if_installed(directory: &Path) -> Option<Webdis> {
        let is_installed = |program| Command::new("which").arg(program).output().unwrap().status.success();
        let are_installed = ["webdis", "redis-server"].into_iter().all(is_installed);
        are_installed.then(|| Webdis::start(directory, None, Size { stored: 250, touched: 250 }).unwrap())
    }

    #[tokio::test]
    async fn webdis_answers_what_stands_beside_mark_and_get_where_it_is_installed() {
        let directory = tempfile::tempdir().unwrap();
        let Some(webdis) = start_if_installed(directory.path()) else { return };
        let time = Duration::from_millis(50);
        for scenario in [Scenario::Mark, Scenario::Get] {
            let mut series = None;
            webdis.round(&mut series, scenario, 2, time, 1).await.unwrap();
            assert!(series.unwrap().requests > 0);
        }
        let mut series = None;
        webdis.round(&mut series, Scenario::Hot, 2, time, 1).await.unwrap();
        assert!(series.is_none());
    }

    #[tokio::test]
    async fn an_error_of_redis_fails_the_run() {
        let directory = tempfile::tempdir().unwrap();
        let Some(webdis) = start_if_installed(directory.path()) else { return };
        let mut caller = connect(&webdis.server.target, 1).await.unwrap().remove(0);
        let answer = caller.call(&Request::of_webdis("/HSET/user:0000000", check_mark)).await.unwrap();
        assert!(check_mark(answer).unwrap_err().contains("ERR"));
    }
}
