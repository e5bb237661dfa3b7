use std::num::NonZeroU64;
use std::time::Duration;

use pinfold_core::AppId;
use pinfold_store::{Lease, Memory, Outbox as _, SHARES, Shares};
use tokio::time::Instant;

use super::{LeaseKeeper, LeaseTimes, Leasing, Moment};
use crate::clock::system_clock;

const APP: AppId = AppId(1);
const ALL: usize = SHARES as usize;
/// Two other instances.
const OTHER: u64 = 7;
const THIRD: u64 = 9;

/// An instance over leases that are always there and answer at once.
struct Alone {
    leasing: Leasing,
    leases: Vec<Lease>,
    began: Instant,
    /// What the clocks of the instance show: each counts for itself.
    mono_ms: u64,
    wall_ms: u64,
}

impl Alone {
    fn among(leases: Vec<Lease>) -> Self {
        let leasing = Leasing::new(NonZeroU64::new(1).unwrap(), APP, LeaseTimes::default());
        Self { leasing, leases, began: Instant::now(), mono_ms: 0, wall_ms: 1_750_000_000_000 }
    }

    fn moment(&self) -> Moment {
        Moment { mono: self.began + Duration::from_millis(self.mono_ms), wall_ms: self.wall_ms }
    }

    fn pass(&mut self, seconds: u64) {
        self.mono_ms += seconds * 1000;
        self.wall_ms += seconds * 1000;
    }

    fn look(&mut self) {
        self.leasing.seen(&self.leases, self.moment().mono);
    }

    /// Looks, and puts what is due; how many leases that were.
    fn round(&mut self) -> usize {
        self.look();
        let puts = self.leasing.puts(self.moment().mono);
        for (expected, new) in &puts {
            assert_eq!(self.lease(new.share), *expected);
            self.leases.retain(|lease| lease.share != new.share);
            self.leases.push(*new);
            self.leasing.put_answered(self.moment(), *new, true);
        }
        puts.len()
    }

    fn rounds(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.round();
            self.pass(1);
        }
    }

    fn lease(&self, share: u8) -> Option<Lease> {
        self.leases.iter().find(|lease| lease.share == share).copied()
    }

    fn held(&self) -> Shares {
        self.leasing.terms().held(&LeaseTimes::default(), self.moment())
    }

    fn held_count(&self) -> usize {
        count(self.held())
    }
}

fn count(shares: Shares) -> usize {
    (0..SHARES).filter(|share| shares.contains(*share)).count()
}

fn lease(share: u8, holder: u64) -> Lease {
    Lease { app: APP, share, holder, serial: 5, wanted_by: 0 }
}

fn all_of(holder: u64) -> Vec<Lease> {
    (0..SHARES).map(|share| lease(share, holder)).collect()
}

#[test]
fn the_first_instance_takes_all_shares_at_once() {
    let mut alone = Alone::among(Vec::new());
    assert_eq!((alone.round(), alone.held()), (ALL, Shares::ALL));
}

#[test]
fn a_lease_is_renewed_before_it_is_as_old_as_the_time_for_renewals() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    let mut renewed = Vec::new();
    for _ in 0..5 {
        alone.pass(2);
        renewed.push(alone.round());
    }
    assert_eq!(renewed, [0, ALL, 0, ALL, 0], "every 4 s, at looks each 2 s");
    assert_eq!(alone.lease(0).unwrap().serial, 3);
}

#[test]
fn requests_begin_for_fourteen_seconds_from_before_the_renewal_was_asked_for() {
    let mut alone = Alone::among(Vec::new());
    alone.look();
    let asked = alone.moment();
    for (_, new) in alone.leasing.puts(asked.mono) {
        alone.leasing.put_answered(asked, new, true);
    }
    alone.pass(14);
    assert_eq!(alone.held(), Shares::ALL, "with 5 s for the request and 1 s besides it ends after 20 s");
    alone.mono_ms += 1;
    assert_eq!(alone.held(), Shares::NONE);
}

#[test]
fn of_both_clocks_the_one_counts_that_went_further() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    // Set back.
    alone.wall_ms -= 3_600_000;
    assert_eq!(alone.held(), Shares::ALL);
    alone.mono_ms += 15_000;
    assert_eq!(alone.held(), Shares::NONE);

    let mut suspended = Alone::among(Vec::new());
    suspended.round();
    suspended.wall_ms += 15_000;
    assert_eq!(suspended.held(), Shares::NONE);
}

#[test]
fn a_renewal_without_an_answer_leaves_the_time_running_and_is_made_again() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    alone.pass(4);
    alone.look();
    // It reached the store all the same.
    let (_, unanswered) = alone.leasing.puts(alone.moment().mono)[0];
    alone.leases.retain(|lease| lease.share != unanswered.share);
    alone.leases.push(unanswered);
    alone.pass(10);
    assert!(alone.held().contains(unanswered.share));
    alone.pass(1);
    assert!(!alone.held().contains(unanswered.share));
    alone.round();
    assert!(alone.held().contains(unanswered.share), "with the serial that it has now");
    assert_eq!(alone.lease(unanswered.share).unwrap().serial, unanswered.serial + 1);
}

#[test]
fn a_renewal_that_was_refused_ends_the_lease_until_it_was_looked_at_again() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    alone.pass(4);
    alone.look();
    let (_, new) = alone.leasing.puts(alone.moment().mono)[0];
    alone.leasing.put_answered(alone.moment(), new, false);
    assert_eq!(alone.held_count(), ALL - 1);
    alone.round();
    assert_eq!(alone.held_count(), ALL, "it was its own");
}

#[test]
fn a_lease_that_names_another_holder_is_lost_at_once() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    alone.leases[3] = lease(3, OTHER);
    alone.look();
    assert_eq!((alone.held_count(), alone.held().contains(3)), (ALL - 1, false));
}

#[test]
fn a_lease_that_is_gone_from_the_store_is_lost_and_taken_anew() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    alone.leases.clear();
    alone.look();
    assert_eq!(alone.held(), Shares::NONE);
    alone.round();
    assert_eq!(alone.held(), Shares::ALL);
}

#[test]
fn a_lease_is_taken_when_it_was_seen_unchanged_for_its_whole_time_and_not_before() {
    let mut alone = Alone::among(all_of(OTHER));
    alone.round();
    alone.pass(19);
    alone.round();
    assert_eq!(alone.held(), Shares::NONE);
    alone.pass(1);
    alone.round();
    assert_eq!(alone.held(), Shares::ALL);
}

#[test]
fn a_lease_whose_serial_goes_on_is_never_taken() {
    let mut alone = Alone::among(all_of(OTHER));
    for _ in 0..100 {
        alone.round();
        alone.pass(10);
        alone.leases.iter_mut().for_each(|lease| lease.serial += 1);
    }
    assert_eq!(alone.held(), Shares::NONE);
}

#[test]
fn a_wish_does_not_make_a_holder_look_alive() {
    let mut alone = Alone::among(all_of(OTHER));
    for second in 0..20 {
        alone.round();
        alone.pass(1);
        alone.leases.iter_mut().for_each(|lease| lease.wanted_by = 100 + second);
    }
    alone.round();
    assert_eq!(alone.held(), Shares::ALL);
}

#[test]
fn one_that_has_no_share_wants_half_of_those_of_the_only_other() {
    let mut alone = Alone::among(all_of(OTHER));
    assert_eq!(alone.round(), ALL / 2);
    let wanted: Vec<_> = alone.leases.iter().filter(|lease| lease.wanted_by == 1).collect();
    assert_eq!(wanted.len(), ALL / 2);
    assert!(wanted.iter().all(|lease| (lease.holder, lease.serial) == (OTHER, 5)), "{wanted:?}");
    assert_eq!(alone.round(), 0, "it waits for them");
}

#[test]
fn of_two_others_those_with_more_shares_are_asked() {
    let holder = |share| if share < 12 { OTHER } else { THIRD };
    let mut alone = Alone::among((0..SHARES).map(|share| lease(share, holder(share))).collect());
    assert_eq!(alone.round(), 5, "a third of 16");
    assert!(alone.leases.iter().all(|lease| lease.wanted_by == 0 || lease.holder == OTHER));
}

#[test]
fn a_share_that_another_wants_is_released_when_it_has_stopped_and_not_taken_back() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    let wanted = alone.leases.iter_mut().find(|lease| lease.share == 2).unwrap();
    wanted.wanted_by = OTHER;
    alone.look();
    assert_eq!(alone.leasing.to_release(), Shares::NONE.with(2));
    assert!(!alone.held().contains(2), "no request begins");
    alone.rounds(5);
    assert_eq!(alone.lease(2).unwrap().holder, 1, "it is kept while requests are on their way");
    alone.leasing.stopped(2);
    alone.rounds(5);
    let Lease { holder, wanted_by, .. } = alone.lease(2).unwrap();
    assert_eq!((holder, wanted_by), (0, OTHER));
    // The other one never comes.
    alone.rounds(3);
    assert_eq!(alone.held(), Shares::ALL);
}

#[test]
fn a_share_that_was_released_for_this_instance_is_taken_at_once() {
    let mut alone = Alone::among(all_of(OTHER));
    alone.round();
    for lease in alone.leases.iter_mut().filter(|lease| lease.wanted_by == 1) {
        (lease.holder, lease.serial) = (0, lease.serial + 1);
    }
    alone.round();
    assert_eq!(alone.held_count(), ALL / 2);
}

#[test]
fn free_shares_are_left_to_others_for_a_while_by_one_that_has_its_part() {
    // Half of them held by another, half of them free, and one more becomes free.
    let mut alone = Alone::among((0..SHARES / 2).map(|share| lease(share, OTHER)).collect());
    alone.round();
    assert_eq!(alone.held_count(), ALL / 2);
    let free = Lease { holder: 0, serial: 6, ..lease(0, OTHER) };
    alone.leases.retain(|lease| lease.share != 0);
    alone.leases.push(free);
    for second in 0..10 {
        for lease in alone.leases.iter_mut().filter(|lease| lease.holder == OTHER) {
            lease.serial += 1;
        }
        alone.round();
        assert_eq!(alone.held().contains(0), second >= 6, "{second}");
        alone.pass(1);
    }
}

#[test]
fn at_its_end_an_instance_stops_and_releases_all_and_takes_none() {
    let mut alone = Alone::among(Vec::new());
    alone.round();
    alone.leasing.end();
    assert_eq!((alone.leasing.to_release(), alone.held()), (Shares::ALL, Shares::NONE));
    (0..SHARES).for_each(|share| alone.leasing.stopped(share));
    assert_eq!(alone.round(), ALL);
    assert!(alone.leasing.is_without() && alone.leases.iter().all(|lease| (lease.holder, lease.wanted_by) == (0, 0)));
    alone.rounds(60);
    assert!(alone.leases.iter().all(|lease| lease.holder == 0));
}

#[test]
fn a_lease_that_it_did_not_know_of_is_released_at_the_end_too() {
    let mut alone = Alone::among(Vec::new());
    alone.look();
    // The answer to the taking was lost.
    alone.leases.push(lease(0, 1));
    alone.leasing.end();
    alone.round();
    assert_eq!(alone.lease(0).unwrap().holder, 0);
}

#[tokio::test]
async fn a_lease_whose_last_renewal_had_no_answer_is_released_at_the_end() {
    let memory = Memory::new();
    let me = NonZeroU64::new(1).unwrap();
    let mut keeper = LeaseKeeper::new(me, APP, LeaseTimes::default(), system_clock());
    keeper.look(&memory).await.unwrap();
    let leases = memory.leases(APP).await.unwrap();
    let renewed = Lease { serial: leases[0].serial + 1, ..leases[0] };
    assert!(memory.put_lease(Some(&leases[0]), &renewed).await.unwrap());
    keeper.release_all(&memory).await.unwrap();
    let holders: Vec<_> = memory.leases(APP).await.unwrap().iter().map(|lease| lease.holder).collect();
    assert_eq!(holders, [0; ALL]);
}
