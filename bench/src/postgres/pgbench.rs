//! The same by hand: one statement a transaction on a table made for it, driven by `pgbench`.

use std::fs;

use super::database::{Database, output_of};
use crate::accounts::{RECORDS, Size};
use crate::prepare::APP;
use crate::scenario::Scenario;

/// Numbers begin here, so that names are as long as those of pinfold's accounts and peers without being padded.
const FIRST_ACCOUNT: u32 = 1_000_000;
const FIRST_PEER: u32 = 100;
/// Threads of `pgbench`: as many as the load generator has.
const THREADS: usize = 2;

/// How `pgbench` sends its statements.
#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    /// Prepared once a connection, as pinfold does.
    Prepared,
    /// As text, parsed and planned each time.
    Simple,
}

/// A table with as many rows as pinfold has records, and the scripts over it.
pub(crate) struct Pgbench<'a> {
    database: &'a Database,
    connections: usize,
    seconds: u64,
    size: Size,
}

impl<'a> Pgbench<'a> {
    /// Makes the table and writes the scripts.
    pub(crate) fn prepare(
        database: &'a Database,
        connections: usize,
        seconds: u64,
        size: Size,
    ) -> Result<Self, String> {
        database.psql(&table(size.stored))?;
        for scenario in [Scenario::Mark, Scenario::Get] {
            let (file, text) = (database.file(script_name(scenario)), script(scenario));
            fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(Self { database, connections, seconds, size })
    }

    /// Transactions a second of one turn, connecting not counted.
    pub(crate) fn per_second(&self, scenario: Scenario, protocol: Protocol, seed: u64) -> Result<f64, String> {
        let protocol = match protocol {
            Protocol::Prepared => "prepared",
            Protocol::Simple => "simple",
        };
        let step = self.size.stored / self.size.touched;
        let mut pgbench = self.database.program("pgbench");
        pgbench.args(["-n", "-M", protocol, "-f"]).arg(self.database.file(script_name(scenario)));
        pgbench.arg(format!("--client={}", self.connections));
        pgbench.arg(format!("--jobs={}", THREADS.min(self.connections)));
        pgbench.arg(format!("--time={}", self.seconds)).arg(format!("--random-seed={seed}"));
        pgbench.arg(format!("-Dtouched={}", self.size.touched)).arg(format!("-Dstep={step}"));
        let text = output_of(pgbench.arg(&self.database.url))?;
        rate(&text).ok_or_else(|| format!("pgbench does not say how fast it was: {text}"))
    }
}

fn rate(text: &str) -> Option<f64> {
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rate.split_whitespace().next()?.parse().ok()
}

fn script_name(scenario: Scenario) -> &'static str {
    if scenario == Scenario::Mark { "mark.sql" } else { "get.sql" }
}

fn table(accounts: u32) -> String {
    let (last_account, last_peer) = (FIRST_ACCOUNT + accounts - 1, FIRST_PEER + RECORDS - 1);
    format!(
        "CREATE TABLE by_hand (app bigint NOT NULL, account text COLLATE \"C\" NOT NULL, kind smallint NOT NULL, \
         peer text COLLATE \"C\" NOT NULL, standard bigint NOT NULL, custom bytea, change bigint NOT NULL, \
         changed_at bigint NOT NULL, PRIMARY KEY (app, account, kind, peer)); \
         INSERT INTO by_hand SELECT {APP}, 'user' || account, 4, 'peer' || peer, 8589934593, 'loaded', \
         peer - {FIRST_PEER} + 1, 1700000000 FROM generate_series({FIRST_ACCOUNT}, {last_account}) AS account, \
         generate_series({FIRST_PEER}, {last_peer}) AS peer ORDER BY account, peer"
    )
}

/// What one request of pinfold does, and nothing around it: no version, no limits, no registers, no order of a page.
fn script(scenario: Scenario) -> String {
    let account = format!("\\set account {FIRST_ACCOUNT} + random(0, :touched - 1) * :step\n");
    if scenario == Scenario::Get {
        return format!(
            "{account}SELECT kind, peer, standard, custom, change, changed_at FROM by_hand \
             WHERE app = {APP} AND account = 'user' || :account::text;\n"
        );
    }
    let last_peer = FIRST_PEER + RECORDS - 1;
    format!(
        "{account}\\set peer random({FIRST_PEER}, {last_peer})\n\\set mark random(100000, 999999)\n\
         \\set changed_at 1700000000 + :mark\n\
         INSERT INTO by_hand (app, account, kind, peer, standard, custom, change, changed_at) \
         VALUES ({APP}, 'user' || :account::text, 4, 'peer' || :peer::text, 14, ('mark-' || :mark::text)::bytea, \
         :mark, :changed_at) \
         ON CONFLICT (app, account, kind, peer) DO UPDATE SET standard = excluded.standard, custom = excluded.custom, \
         change = excluded.change, changed_at = excluded.changed_at;\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_one_without_connecting() {
        let text = "latency average = 5.2 ms\ninitial connection time = 40.1 ms\ntps = 6150.25 (without initial)\n";
        assert_eq!(rate(text), Some(6150.25));
        assert_eq!(rate("pgbench: error: tps = none"), None);
    }
}
