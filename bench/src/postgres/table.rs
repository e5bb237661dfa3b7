//! The table of a run over PostgreSQL.

use std::fmt::Write;

use super::{Compared, Comparison, Ours};
use crate::arguments::PostgresArguments;
use crate::table::{median, median_ratio, spread};

/// One line while the run goes on.
pub(super) fn brief(comparison: &Comparison) -> String {
    let rate = |ours: &Ours| format!("{:.0}/s", median(&ours.series.per_second));
    let rates: Vec<_> = comparison.ours.iter().map(rate).collect();
    let (prepared, simple) = (median(&comparison.prepared.per_second), median(&comparison.simple.per_second));
    let ours = rates.join(", ");
    format!("{:?}: {ours}, pgbench {prepared:.0}/s prepared, {simple:.0}/s simple", comparison.scenario)
}

/// All scenarios, a line for each instance, and the settings under which they ran.
pub(super) fn all(compared: &Compared, arguments: &PostgresArguments, settings: &str) -> String {
    let mut text = format!(
        "PostgreSQL {settings}; the rest as initdb leaves it. {} connections, {} accounts of 20 records, {:.0} \
         bytes a record on disk after the load.\n\n\
         | scenario, accounts | req/s, median (range) | pgbench -M prepared, tps | × prepared | pgbench -M simple, tps \
         | × simple | p50 / p99 ms, corrected | pinfold CPU µs/req | PostgreSQL CPU µs/req: pinfold, prepared, simple |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        arguments.connections, arguments.accounts, compared.record_bytes
    );
    for comparison in &compared.scenarios {
        for ours in &comparison.ours {
            let _ = writeln!(text, "{}", line(comparison, ours));
        }
    }
    text
}

fn line(Comparison { scenario, prepared, simple, .. }: &Comparison, ours: &Ours) -> String {
    let rates = &ours.series.per_second;
    format!(
        "| {scenario:?}, {}{} | {} | {} | {:.2} | {} | {:.2} | {:.2} / {:.2} | {:.1} | {:.0}, {:.0}, {:.0} |",
        ours.kind.name,
        ours.history,
        spread(rates),
        spread(&prepared.per_second),
        median_ratio(rates, &prepared.per_second),
        spread(&simple.per_second),
        median_ratio(rates, &simple.per_second),
        ours.series.times.ms_at(0.5),
        ours.series.times.ms_at(0.99),
        median(&ours.series.cpu_us),
        median(&ours.database_cpu_us),
        median(&prepared.database_cpu_us),
        median(&simple.database_cpu_us),
    )
}
