//! Runs a scenario under two schedulers, many times each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinfold_store::embedded::Settings;
use shuttle::future::block_on;
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, Runner};

use crate::world::World;

/// Schedules of each kind; together the tests take about half a minute.
const SCHEDULES: usize = 400;
const SEED: u64 = 13;
/// A bug that needs more switches than this at the right places is left to the random schedules.
const SWITCHES_MAX: usize = 3;

/// Runs the scenario under random schedules, and under those that switch between threads at few places.
pub(crate) fn in_every_schedule<F: Future<Output = ()> + 'static>(
    settings: &Settings,
    scenario: impl Fn(World) -> F + Send + Sync + 'static,
) {
    let (place, settings) = (tempfile::tempdir().unwrap(), settings.clone());
    let scenario = Arc::new(move || block_on(scenario(World::new(place.path(), &settings))));
    if let Ok(schedule) = std::env::var("PINFOLD_SCHEDULE") {
        return run(ReplayScheduler::new_from_encoded(&schedule), &scenario);
    }
    let schedules = std::env::var("PINFOLD_SCHEDULES").map_or(SCHEDULES, |count| count.parse().unwrap());
    run(RandomScheduler::new_from_seed(SEED, schedules), &scenario);
    run(PctScheduler::new_from_seed(SEED, SWITCHES_MAX, schedules), &scenario);
}

fn run(scheduler: impl Scheduler + 'static, scenario: &Arc<impl Fn() + Send + Sync + 'static>) {
    let mut config = Config::new();
    config.stack_size = 1 << 20;
    config.silence_warnings = true;
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    let (scenario, begun) = (Arc::clone(scenario), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&begun);
    let runner = Runner::new(scheduler, config);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        runner.run(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            scenario();
        })
    }));
    let begun = begun.load(Ordering::Relaxed);
    assert!(ended.is_ok(), "schedule {begun} failed; PINFOLD_SCHEDULE with the text above runs it again");
}
