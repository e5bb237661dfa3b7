//! Power cuts: what was acknowledged is there, what was not is whole or absent, and the store opens by itself.
//!
//! A process commits to a store while a recorder (`recorder.c`, loaded with `LD_PRELOAD`) writes down every change it
//! makes to its disk. From that log the tests rebuild what the disk may hold if the power goes at some point, open it,
//! and compare everything with a model. `PINFOLD_CRASH_STATES` sets how many cuts all tests make together,
//! `PINFOLD_CRASH_SEED` which. The recording itself depends on how threads take turns, so a seed repeats the choice of
//! cuts but not every byte.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of this is a test")]

mod check;
mod cuts;
mod disk;
#[path = "../support/files.rs"]
mod files;
mod history;
mod outbox;
mod power_cut;
mod recording;
mod scenario;
mod workload;

use cuts::{Cuts, Places};
use disk::Directories;
use power_cut::Survival;
use recording::Event;
use scenario::{End, Scenario};

const BOTH: [Directories; 2] = [Directories::Ordered, Directories::Strict];

#[test]
fn a_new_store_survives_a_power_cut() {
    let scenario = Scenario::new();
    let events = &scenario.record(40, End::Closed);
    for directories in BOTH {
        let cuts = Cuts::anywhere("new store", events, directories, 80);
        scenario.failures(&cuts).assert_none();
    }
}

#[test]
fn a_store_that_was_killed_survives_a_power_cut() {
    let mut scenario = Scenario::with_small_memtables(64 * 1024, 0);
    scenario.commit(60);
    let events = &scenario.record(160, End::Killed);
    assert!(events.iter().filter(|event| matches!(event, Event::Remove { .. })).count() > 10, "tables are replaced");
    for directories in BOTH {
        let cuts = Cuts::anywhere("killed store", events, directories, 80);
        scenario.failures(&cuts).assert_none();
    }
}

#[test]
fn a_store_that_recovers_from_a_power_cut_survives_another() {
    let mut scenario = Scenario::with_small_memtables(64 * 1024, 0);
    for _ in 0..6 {
        scenario.lose_power(25);
        let events = &scenario.record(3, End::Closed);
        let directories = Directories::Strict;
        let cuts = Cuts::anywhere("recovering store", events, directories, 10);
        scenario.failures(&cuts).assert_none();
    }
}

#[test]
fn a_store_that_changes_its_journal_survives_a_power_cut() {
    let scenario = Scenario::with_almost_full_journal();
    let events = &scenario.record(500, End::Killed);
    let made = events.iter().any(|event| event.changes_journals() && matches!(event, Event::Create { .. }));
    let removed = events.iter().any(|event| event.changes_journals() && matches!(event, Event::Remove { .. }));
    assert!(made && removed, "a journal is made ({made}) and one removed ({removed})");
    for directories in BOTH {
        let cuts = Cuts { places: Places::Journals, ..Cuts::anywhere("full journal", events, directories, 10) };
        scenario.failures(&cuts).assert_none();
    }
}

#[test]
fn commits_that_were_not_synced_would_be_noticed() {
    let scenario = Scenario::new();
    let mut events = scenario.record(40, End::Killed);
    events.retain(|event| !matches!(event, Event::Sync { data_only: true, .. }));
    let (events, directories) = (&events, Directories::Ordered);
    let cuts =
        Cuts { survivals: &[Survival::Nothing], ..Cuts::anywhere("without data syncs", events, directories, 40) };
    let failures = scenario.failures(&cuts);
    assert!(failures.texts.iter().any(|text| text.contains("was acknowledged")), "{failures}");
}

#[test]
fn directories_that_were_not_synced_would_be_noticed() {
    let scenario = Scenario::new();
    let mut events = scenario.record(40, End::Killed);
    events.retain(|event| !matches!(event, Event::SyncDirectory { .. }));
    let (events, directories) = (&events, Directories::Strict);
    let cuts =
        Cuts { survivals: &[Survival::Nothing], ..Cuts::anywhere("without directory syncs", events, directories, 40) };
    assert!(!scenario.failures(&cuts).texts.is_empty());
}

/// Not a test of its own: the process that the others record.
#[test]
#[ignore = "started by the other tests"]
fn recorded_process() {
    scenario::recorded_process();
}
