//! One run: load the stores, then measure every case in turns.

use std::path::Path;

use crate::arguments::RunArguments;
use crate::caller::Transport;
use crate::case::{Case, Contender, Yardsticks};
use crate::history::History;
use crate::marks::{self, Outcome};
use crate::process::Server;
use crate::redis::Redis;
use crate::report;
use crate::scenario::Scenario;
use crate::store::Store;
use crate::table;
use crate::tls::Identity;
use crate::webdis::Webdis;

/// Runs what was asked for, prints the tables and the marks, and writes them.
pub(crate) async fn run(arguments: &RunArguments) -> Result<(), String> {
    let directory = report::directory(arguments.servers.place.directory.as_deref())?;
    let identity = Identity::make(directory.path())?;
    let (mut stores, contenders) = start(arguments, directory.path(), &identity)?;
    for store in &mut stores {
        store.fill(&chosen(arguments)).await?;
    }
    let (redis, webdis) = peers(arguments, directory.path());
    let mut cases = Vec::new();
    for transport in &arguments.transport {
        for store in stores.iter_mut().filter(|store| store.server.target.transport != *transport) {
            store.serve_over(*transport, &identity).await?;
        }
        let echo = Server::echo(&identity, *transport)?;
        let yardsticks =
            Yardsticks { echo: &echo, redis: redis.as_ref(), webdis: webdis.as_ref(), disk: directory.path() };
        for scenario in scenarios(arguments, *transport) {
            for connections in &arguments.connections {
                let mut case = Case::new(scenario, *transport, *connections, contenders.len());
                case.measure(arguments, &yardsticks, &contenders, &stores).await?;
                cases.push(case);
            }
        }
    }
    for store in &mut stores {
        store.try_restarts(&identity).await?;
    }
    let mut text = table::cases(&cases, &contenders) + &table::stores(&stores);
    let (cache_mib, is_slow) = (arguments.servers.cache_mib, arguments.servers.preload.is_some());
    text += &marks::of_run(&Outcome { cases, contenders, stores, cache_mib, is_slow });
    report::publish(&text, arguments.servers.place.output.as_deref())
}

/// A store for each number of accounts, binary and history, and who uses them: for each size the first binary with each
/// history, then the other binary.
fn start(
    arguments: &RunArguments,
    directory: &Path,
    identity: &Identity,
) -> Result<(Vec<Store>, Vec<Contender>), String> {
    let (mut stores, mut contenders): (Vec<Store>, Vec<Contender>) = (Vec::new(), Vec::new());
    let first = arguments.history.each().into_iter().map(|history| (&arguments.servers.place.binary, true, history));
    let other = arguments.beside.iter().map(|binary| (binary, false, History::default()));
    let variants: Vec<_> = first.chain(other).collect();
    for size in &arguments.accounts {
        for (binary, is_first_binary, history) in &variants {
            let is_alike = |other: &&Contender| {
                let of_other = (other.is_first_binary, other.history, other.size.stored);
                of_other == (*is_first_binary, *history, size.stored)
            };
            let store = match contenders.iter().find(is_alike) {
                Some(other) => other.store,
                None => {
                    let (servers, scenarios) = (&arguments.servers, chosen(arguments));
                    stores.push(Store::start(binary, size.stored, *history, &scenarios, servers, directory, identity)?);
                    stores.len() - 1
                }
            };
            contenders.push(Contender { store, size: *size, history: *history, is_first_binary: *is_first_binary });
        }
    }
    Ok((stores, contenders))
}

/// What stands beside pinfold where it is installed.
fn peers(arguments: &RunArguments, directory: &Path) -> (Option<Redis>, Option<Webdis>) {
    if arguments.without_redis {
        return (None, None);
    }
    let preload = arguments.servers.preload.as_deref();
    let redis = Redis::start(directory, preload).and_then(|redis| redis.load().map(|()| redis));
    let webdis = Webdis::start(directory, preload, arguments.accounts[0]);
    (or_leave_out(redis), or_leave_out(webdis))
}

fn or_leave_out<T>(peer: Result<T, String>) -> Option<T> {
    peer.inspect_err(|error| println!("left out of the comparison: {error}")).ok()
}

fn scenarios(arguments: &RunArguments, transport: Transport) -> Vec<Scenario> {
    match (arguments.scenarios.is_empty(), transport) {
        (false, _) => arguments.scenarios.clone(),
        (true, Transport::Plain) => Scenario::ALL.to_vec(),
        (true, Transport::Tls1 | Transport::Tls2) => vec![Scenario::Mark, Scenario::Get],
    }
}

fn chosen(arguments: &RunArguments) -> Vec<Scenario> {
    arguments.transport.iter().flat_map(|transport| scenarios(arguments, *transport)).collect()
}
