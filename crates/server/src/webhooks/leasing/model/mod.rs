//! A model of instances, their clocks and the store between them, in which each test checks what must never happen.

mod instance;
mod world;

use super::LeaseTimes;
use pinfold_store::SHARES;

use self::world::{Faults, World};

/// Steps of 100 ms.
const STEPS: u32 = 10_000;
const SEEDS: u64 = 4;
/// Steps of a second.
const SECOND: u32 = 10;

#[test]
fn no_two_instances_send_for_one_share_whatever_becomes_of_them_and_of_what_they_put() {
    let mut requests = 0;
    for seed in 0..SEEDS {
        let mut world = World::of(3, seed, Faults::All);
        for _ in 0..STEPS {
            world.step();
            world.check_requests();
        }
        requests += world.requests();
    }
    assert!(requests > SEEDS * u64::from(STEPS), "{requests}: most of the time most shares are held");
}

#[test]
fn shares_of_one_that_was_killed_are_held_by_the_others_within_30_seconds() {
    for seed in 0..SEEDS {
        let mut world = World::of(3, seed, Faults::All);
        (0..STEPS / 10).for_each(|_| world.step());
        world.end_faults();
        (0..60 * SECOND).for_each(|_| world.step());
        world.kill(0);
        (0..30 * SECOND).for_each(|_| world.step());
        for _ in 0..60 * SECOND {
            assert_eq!(world.counts().iter().sum::<usize>(), usize::from(SHARES), "seed {seed}: {:?}", world.counts());
            world.step();
        }
    }
}

#[test]
fn shares_are_divided_evenly_within_20_seconds_of_a_start() {
    for (instances, seed) in (2..=5).flat_map(|instances| (0..SEEDS).map(move |seed| (instances, seed))) {
        let mut world = World::of(instances, seed, Faults::None);
        world.kill(0);
        (0..60 * SECOND).for_each(|_| world.step());
        world.start(0);
        (0..20 * SECOND).for_each(|_| world.step());
        let (all, least) = (world.counts(), usize::from(SHARES) / instances);
        assert!(all.iter().all(|count| (least..=least + 1).contains(count)), "seed {seed}: {all:?}");
    }
}

#[test]
fn once_divided_shares_stay_where_they_are() {
    for (instances, seed) in (1..=5).flat_map(|instances| (0..SEEDS).map(move |seed| (instances, seed))) {
        let mut world = World::of(instances, seed, Faults::None);
        (0..60 * SECOND).for_each(|_| world.step());
        let holders = world.holders();
        (0..120 * SECOND).for_each(|_| world.step());
        assert_eq!(world.holders(), holders, "seed {seed}");
    }
}

#[test]
fn shares_of_one_that_ends_in_order_are_held_by_others_before_its_leases_would_have_run_out() {
    const LONGEST: u32 = 15 * SECOND;
    assert!(LeaseTimes::default().lease.as_secs() > u64::from(LONGEST / SECOND));
    for seed in 0..SEEDS {
        let mut world = World::of(3, seed, Faults::None);
        (0..60 * SECOND).for_each(|_| world.step());
        world.end(0);
        (0..LONGEST).for_each(|_| world.step());
        assert_eq!(world.counts()[1..].iter().sum::<usize>(), usize::from(SHARES), "seed {seed}");
    }
}
