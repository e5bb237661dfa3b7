//! The marks that pinfold shall reach, and how far a run came.

use std::fmt::Write;

use crate::caller::Transport;
use crate::case::{Case, Contender, Series};
use crate::postgres::{ANY, ANY_UNNAMED, Compared, IMPORTED, IMPORTED_UNNAMED};
use crate::scenario::Scenario;
use crate::soak::Soaked;
use crate::store::Store;
use crate::table::{median, median_ratio, p99_of_webdis};
use crate::watch::Watched;

/// What a run came to.
pub(crate) struct Outcome {
    pub(crate) cases: Vec<Case>,
    pub(crate) contenders: Vec<Contender>,
    pub(crate) stores: Vec<Store>,
    pub(crate) cache_mib: u32,
    /// Whether a library slowed the syncs; then only the marks of the slow disk are read.
    pub(crate) is_slow: bool,
}

/// A mark: no less than the bound if it is a ratio of rates, no more if it is a time or a size.
struct Mark<T> {
    what: &'static str,
    unit: &'static str,
    /// `None` where only the aim is a mark.
    must: Option<f64>,
    aim: f64,
    side: Side,
    /// `None` where this run has not measured it.
    value: fn(&T) -> Option<f64>,
}

#[derive(PartialEq, Eq)]
enum Side {
    AtLeast,
    AtMost,
}

const fn at_least<T>(
    what: &'static str,
    unit: &'static str,
    must: Option<f64>,
    aim: f64,
    value: fn(&T) -> Option<f64>,
) -> Mark<T> {
    Mark { what, unit, must, aim, side: Side::AtLeast, value }
}

const fn at_most<T>(
    what: &'static str,
    unit: &'static str,
    must: Option<f64>,
    aim: f64,
    value: fn(&T) -> Option<f64>,
) -> Mark<T> {
    Mark { what, unit, must, aim, side: Side::AtMost, value }
}

const WITHOUT_HISTORY: &str = "× without";
const OF_RUN: &[Mark<Outcome>] = &[
    at_least("mark of 20 records, durable", "× echo", Some(0.36), 0.45, |run| run.of_echo(Scenario::Mark)),
    at_least("mark of 1,000 records", "× mark", Some(0.85), 0.95, |run| {
        run.of_other(Scenario::Mark1000, Scenario::Mark)
    }),
    at_least("search of 1, in cache", "× echo", Some(0.7), 0.75, |run| run.of_echo(Scenario::Search)),
    at_least("get of 20 records, in cache", "× echo", Some(0.5), 0.55, |run| run.of_echo(Scenario::Get)),
    at_least("mixed, in cache", "× echo", Some(0.46), 0.52, |run| run.of_echo(Scenario::Mixed)),
    at_least("hot", "× echo", Some(0.38), 0.45, |run| run.of_echo(Scenario::Hot)),
    at_least("get of 1,000 records, a page of 100", "× echo", Some(0.25), 0.35, |run| run.of_echo(Scenario::Get1000)),
    at_least("mark100", "× the items/s of mark", Some(18.0), 25.0, Outcome::items_of_mark100),
    at_least("mark, durable", "× webdis over redis, synced", Some(1.0), 1.25, |run| run.of_webdis(Scenario::Mark)),
    at_least("get of 20 records", "× webdis over redis, synced", Some(1.4), 1.6, |run| run.of_webdis(Scenario::Get)),
    at_least("mark, durable", "× redis, synced", None, 1.0, |run| run.of_redis(false)),
    at_least("touch: a message between two of 100,000 accounts", "× mark", Some(0.6), 0.8, |run| {
        run.of_other(Scenario::Touch, Scenario::Mark)
    }),
    at_least("a message in a chat group", "× mark", Some(0.9), 1.0, |run| {
        run.of_other(Scenario::GroupMessage, Scenario::Mark)
    }),
    at_least("list of 100 recent conversations", "× echo", Some(0.35), 0.45, |run| run.of_echo(Scenario::List)),
    at_least("mark with 500 recent conversations", "× mark", Some(0.97), 1.0, |run| {
        run.of_other(Scenario::MarkListed, Scenario::Mark)
    }),
    at_least("get with 500 recent conversations", "× get", Some(0.97), 1.0, |run| {
        run.of_other(Scenario::GetListed, Scenario::Get)
    }),
    at_least("mark with a history", WITHOUT_HISTORY, Some(0.9), 1.0, |run| run.of_history(Scenario::Mark)),
    at_most("bytes written by it, as much removed", WITHOUT_HISTORY, Some(1.6), 1.3, |run| {
        run.written_of_history(Scenario::Mark)
    }),
    at_least("mark100 with a history", WITHOUT_HISTORY, None, 0.85, |run| run.of_history(Scenario::Mark100)),
    at_least("mixed with a history", WITHOUT_HISTORY, None, 0.95, |run| run.of_history(Scenario::Mixed)),
    at_least("touch with a history", WITHOUT_HISTORY, None, 1.0, |run| run.of_history(Scenario::Touch)),
    at_most("1 connection, p50 of mark", "× append + fdatasync", Some(3.0), 2.0, Outcome::of_floor),
    at_most("p99 of mark at 64, corrected", "ms", Some(5.0), 5.0, Outcome::p99_ms),
    at_most("p99 of mark at 64, corrected", "× webdis over redis, synced", None, 1.0, |run| {
        p99_of_webdis(run.case(Scenario::Mark, 64, false)?)
    }),
    at_least("slow disk, mark at 64", "× redis, synced", Some(1.2), 1.5, |run| run.of_redis(true)),
    at_least("slow disk, mark at 512", "× mark at 64", Some(3.0), 5.0, Outcome::of_64_connections),
    at_least("mark, 1 M accounts, in cache", "× the first store", Some(0.95), 1.0, |run| {
        run.large(Scenario::Mark, true)
    }),
    at_least("get, 1 M accounts, in cache", "× the first store", Some(0.95), 1.0, |run| {
        run.large(Scenario::Get, true)
    }),
    at_least("mark, 1 M accounts, outside", "× the first store", Some(0.55), 0.7, |run| {
        run.large(Scenario::Mark, false)
    }),
    at_least("get, 1 M accounts, outside", "× the first store", Some(0.55), 0.7, |run| {
        run.large(Scenario::Get, false)
    }),
    at_most("RSS idle", "MiB", Some(16.0), 12.0, |run| Some(run.stores.first()?.facts.idle_rss_mib)),
    at_most("RSS at 1 M accounts, above the cache setting", "MiB", Some(240.0), 150.0, Outcome::rss_above_cache_mib),
    at_most("start with 1 M accounts", "s", Some(2.0), 0.5, |run| Some(run.million()?.facts.start_after_stop_s)),
    at_most("the same after SIGKILL under load", "s", Some(5.0), 2.0, |run| {
        Some(run.million()?.facts.start_after_kill_s)
    }),
];

const OF_SOAK: &[Mark<Soaked>] = &[
    at_most("longest stall", "ms", Some(100.0), 40.0, |soak| Some(soak.longest_ms)),
    at_most("p99, corrected", "ms", Some(5.0), 2.0, |soak| Some(soak.p99_ms)),
    at_most("disk per record after the soak", "bytes", Some(150.0), 80.0, |soak| Some(soak.disk_per_record)),
    at_most("disk per record after the stop", "bytes", Some(150.0), 80.0, |soak| Some(soak.disk_per_record_stopped)),
];

const PREPARED: &str = "× pgbench -M prepared";
const NAMED: &str = "× with named statements";
const OF_POSTGRES: &[Mark<Compared>] = &[
    at_least("mark over PostgreSQL, no register asked", PREPARED, Some(0.55), 0.7, |run| {
        run.of_prepared(Scenario::Mark, &ANY)
    }),
    at_least("the same, the register asked (default)", PREPARED, Some(0.45), 0.6, |run| {
        run.of_prepared(Scenario::Mark, &IMPORTED)
    }),
    at_least("get of 20 records over PostgreSQL", PREPARED, Some(0.55), 0.7, |run| {
        run.of_prepared(Scenario::Get, &IMPORTED)
    }),
    at_least("mark over PostgreSQL with a history, no register asked", WITHOUT_HISTORY, Some(0.85), 1.0, |run| {
        run.of_history(Scenario::Mark, &ANY)
    }),
    at_least("the same, the register asked", WITHOUT_HISTORY, Some(0.85), 1.0, |run| {
        run.of_history(Scenario::Mark, &IMPORTED)
    }),
    at_least("mark without named statements, no register asked", NAMED, Some(0.8), 0.95, |run| {
        run.of_other(Scenario::Mark, &ANY_UNNAMED, &ANY)
    }),
    at_least("the same, the register asked", NAMED, Some(0.8), 0.95, |run| {
        run.of_other(Scenario::Mark, &IMPORTED_UNNAMED, &IMPORTED)
    }),
    at_least("get of 20 records without named statements", NAMED, Some(0.8), 0.95, |run| {
        run.of_other(Scenario::Get, &IMPORTED_UNNAMED, &IMPORTED)
    }),
];

const OF_WATCH: &[Mark<Watched>] = &[
    at_most("memory with 10,000 idle watchers", "MiB", Some(200.0), 150.0, |watched| {
        (watched.streams == 10_000).then_some(watched.idle_rss_mib)
    }),
    at_least("mark while they watch", "× without watchers", Some(0.9), 1.0, |watched| {
        Some(median_ratio(&watched.with.per_second, &watched.without.per_second))
    }),
    at_most("p99 from the answer to the watcher", "ms", Some(50.0), 20.0, |watched| {
        Some(watched.delivery.measured_ms_at(0.99))
    }),
];

/// The marks that a run has numbers for.
pub(crate) fn of_run(outcome: &Outcome) -> String {
    lines(OF_RUN, outcome)
}

/// The marks of a soak.
pub(crate) fn of_soak(soaked: &Soaked) -> String {
    lines(OF_SOAK, soaked)
}

/// The marks of watchers.
pub(crate) fn of_watch(watched: &Watched) -> String {
    lines(OF_WATCH, watched)
}

/// The marks over PostgreSQL.
pub(crate) fn of_postgres(compared: &Compared) -> String {
    lines(OF_POSTGRES, compared)
}

fn lines<T>(marks: &[Mark<T>], of: &T) -> String {
    let mut text = "\nMarks:\n\n".to_owned();
    for (mark, value) in marks.iter().filter_map(|mark| Some((mark, (mark.value)(of)?))) {
        let reaches = |bound: f64| if mark.side == Side::AtLeast { value >= bound } else { value <= bound };
        let must = mark.must.map_or(String::new(), |must| format!("must {must}, "));
        let verdict = match mark.must {
            _ if reaches(mark.aim) => "aim reached",
            Some(must) if !reaches(must) => "MISSED",
            Some(_) => "must reached",
            None => "aim not reached",
        };
        let _ = writeln!(text, "* {}: {value:.2} {} ({must}aim {}): {verdict}", mark.what, mark.unit, mark.aim);
    }
    text
}

impl Outcome {
    /// The plain case of a scenario at a number of connections.
    fn case(&self, scenario: Scenario, connections: usize, is_slow: bool) -> Option<&Case> {
        let is_it = |case: &&Case| (case.scenario, case.connections) == (scenario, connections);
        let mut plain = self.cases.iter().filter(|case| case.transport == Transport::Plain);
        plain.find(is_it).filter(|_| self.is_slow == is_slow)
    }

    fn of_echo(&self, scenario: Scenario) -> Option<f64> {
        let case = self.case(scenario, 64, false)?;
        Some(median_ratio(&case.series[0].per_second, &case.echo))
    }

    /// The rate against that of another scenario in the same run, both by the echo server beside them.
    fn of_other(&self, scenario: Scenario, other: Scenario) -> Option<f64> {
        Some(self.of_echo(scenario)? / self.of_echo(other)?)
    }

    fn of_redis(&self, is_slow: bool) -> Option<f64> {
        let case = self.case(Scenario::Mark, 64, is_slow)?;
        (!case.redis.is_empty()).then(|| median_ratio(&case.series[0].per_second, &case.redis))
    }

    fn of_webdis(&self, scenario: Scenario) -> Option<f64> {
        let case = self.case(scenario, 64, false)?;
        Some(median_ratio(&case.series[0].per_second, &case.webdis.as_ref()?.per_second))
    }

    /// The first contenders of the first size with and without a history.
    fn histories(&self) -> Option<(usize, usize)> {
        let size = self.contenders.first()?.size;
        let place = |is_kept| {
            let is_it =
                |one: &Contender| one.is_first_binary && one.size == size && one.history.is_kept() == Some(is_kept);
            self.contenders.iter().position(is_it)
        };
        Some((place(true)?, place(false)?))
    }

    fn of_history(&self, scenario: Scenario) -> Option<f64> {
        let ((with, without), series) = (self.histories()?, &self.case(scenario, 64, false)?.series);
        Some(median_ratio(&series[with].per_second, &series[without].per_second))
    }

    /// Only where the number of changes is bounded, as otherwise none of them is removed within a run.
    fn written_of_history(&self, scenario: Scenario) -> Option<f64> {
        let ((with, without), series) = (self.histories()?, &self.case(scenario, 64, false)?.series);
        self.contenders[with].history.changes_max?;
        Some(series[with].written_per_request() / series[without].written_per_request())
    }

    fn items_of_mark100(&self) -> Option<f64> {
        let rate = |scenario| Some(median(&self.case(scenario, 64, false)?.series[0].per_second));
        Some(rate(Scenario::Mark100)? * f64::from(Scenario::Mark100.items()) / rate(Scenario::Mark)?)
    }

    fn of_floor(&self) -> Option<f64> {
        let case = self.case(Scenario::Mark, 1, false)?;
        Some(median_ratio(&case.series[0].p50_us, &case.floor_us))
    }

    fn p99_ms(&self) -> Option<f64> {
        let case = self.case(Scenario::Mark, 64, false)?;
        Some(case.series[0].times.ms_at(0.99))
    }

    fn of_64_connections(&self) -> Option<f64> {
        let rate = |connections| Some(median(&self.case(Scenario::Mark, connections, true)?.series[0].per_second));
        Some(rate(512)? / rate(64)?)
    }

    /// The rate over a million accounts, of which a part that the cache holds or all are touched.
    fn large(&self, scenario: Scenario, is_in_cache: bool) -> Option<f64> {
        let is_it = |contender: &Contender| {
            let size = contender.size;
            contender.is_first_binary && size.stored >= 1_000_000 && (size.touched < size.stored) == is_in_cache
        };
        let series: &[Series] = &self.case(scenario, 64, false)?.series;
        let place = self.contenders.iter().position(is_it).filter(|place| *place > 0)?;
        Some(median_ratio(&series[place].per_second, &series[0].per_second))
    }

    fn million(&self) -> Option<&Store> {
        let place = self.contenders.iter().find(|one| one.is_first_binary && one.size.stored >= 1_000_000)?.store;
        self.stores.get(place).filter(|_| !self.is_slow)
    }

    fn rss_above_cache_mib(&self) -> Option<f64> {
        let facts = &self.million()?.facts;
        Some(facts.rss_mib.max(facts.loaded_rss_mib) - f64::from(self.cache_mib))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_which_of_its_bounds_is_reached_and_is_left_out_without_a_number() {
        let marks: &[Mark<f64>] = &[
            at_least("rate", "× echo", Some(0.4), 0.5, |value| Some(*value)),
            at_most("time", "s", Some(0.4), 0.2, |value| Some(*value)),
            at_least("other", "× redis", None, 0.5, |value| Some(*value)),
            at_most("unknown", "s", Some(1.0), 1.0, |_| None),
        ];
        let verdicts = |value| {
            let text = lines(marks, &value);
            text.lines().filter_map(|line| Some(line.rsplit_once(": ")?.1.to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(verdicts(0.45), ["must reached", "MISSED", "aim not reached"]);
        assert_eq!(verdicts(0.3), ["MISSED", "must reached", "aim not reached"]);
        assert_eq!(verdicts(0.5), ["aim reached", "MISSED", "aim reached"]);
        assert_eq!(verdicts(0.2), ["MISSED", "aim reached", "aim not reached"]);
    }
}
