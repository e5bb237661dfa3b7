//! The simulation beside what was run.

use std::fmt::Write;

use super::costs::{Call, ECHO_PER_SECOND, GENERATOR_US, GET, MARK, SYNC_US};
use super::simulation::{Setup, changes_per_second};

/// Processors of the machine that the rows were run on, the load generator's and the database's included.
const PROCESSORS: usize = 2;

/// A run of bench/JOURNAL.md.
struct Run {
    what: &'static str,
    /// Calls a second.
    measured: f64,
    simulated: f64,
}

fn runs() -> Vec<Run> {
    let embedded = |what, measured, connections, sync_us, echo| {
        let slowness = ECHO_PER_SECOND / echo;
        let setup = Setup { connections, processors: PROCESSORS, slowness, sync_us, generator_us: GENERATOR_US };
        Run { what, measured, simulated: changes_per_second(setup, MARK) }
    };
    let slow = SYNC_US + 2000.0;
    let over_postgres = |call: Call| PROCESSORS as f64 * 1e6 / (call.instance_us + call.database_us + GENERATOR_US);
    let read = PROCESSORS as f64 * 1e6 / (GET.embedded_us + GENERATOR_US);
    vec![
        embedded("`mark`, 1 connection", 2747.0, 1, SYNC_US, ECHO_PER_SECOND),
        embedded("`mark`, 8 connections", 10_147.0, 8, SYNC_US, ECHO_PER_SECOND),
        embedded("`mark`, 64 connections", 30_550.0, 64, SYNC_US, ECHO_PER_SECOND),
        embedded("`mark`, 64 connections, each sync 2 ms longer", 10_563.0, 64, slow, 66_000.0),
        embedded("`mark`, 512 connections, each sync 2 ms longer", 22_779.0, 512, slow, 59_900.0),
        Run { what: "`get` of 20, 64 connections", measured: 48_662.0, simulated: read },
        Run { what: "`mark` over PostgreSQL, 32 connections", measured: 3630.0, simulated: over_postgres(MARK) },
        Run { what: "`get` of 20 over PostgreSQL, 32 connections", measured: 9865.0, simulated: over_postgres(GET) },
    ]
}

pub(super) fn table() -> String {
    let mut text = "| run | calls/s measured | simulated | ratio |\n| --- | --- | --- | --- |\n".to_owned();
    for Run { what, measured, simulated } in runs() {
        let _ = writeln!(text, "| {what} | {measured:.0} | {simulated:.0} | {:.2} |", simulated / measured);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulation_comes_within_a_quarter_of_every_run() {
        for Run { what, measured, simulated } in runs() {
            assert!(
                (0.75..=1.25).contains(&(simulated / measured)),
                "{what}: {measured} measured, {simulated} simulated"
            );
        }
    }
}
