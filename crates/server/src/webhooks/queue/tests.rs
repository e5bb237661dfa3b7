use std::time::Duration;

use pinfold_core::{Revision, WebhookCommand};
use pinfold_store::Life;

use super::super::pace::Delays;
use super::*;

mod receivers;

/// The middle: delays are as they are written.
const JITTER: f64 = 0.5;

fn account(name: impl std::fmt::Display) -> AccountId {
    AccountId::parse(&name.to_string()).unwrap()
}

/// A queue with changes to its pace, and a time that a test moves.
struct Bench {
    queue: Queue,
    now: Instant,
}

impl Bench {
    fn new(change: impl FnOnce(&mut Pace)) -> Self {
        let mut pace = Pace::default();
        change(&mut pace);
        Self { queue: Queue::new(Arc::new(pace)), now: Instant::now() }
    }

    fn with(accounts: &[&str]) -> Self {
        let mut bench = Self::new(|_| ());
        bench.add(accounts);
        bench
    }

    fn add(&mut self, accounts: &[&str]) {
        accounts.iter().for_each(|name| assert!(self.queue.add(account(name))));
    }

    fn next(&mut self) -> Option<String> {
        self.queue.next(self.now).map(|(account, _)| account.as_str().to_owned())
    }

    /// All that may begin now.
    fn all(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }

    fn ended(&mut self, name: impl std::fmt::Display, ended: Ended) -> Told {
        if matches!(ended, Ended::Done | Ended::More) {
            self.queue.took_one();
        }
        self.queue.ended(account(name), ended, self.now, JITTER)
    }

    fn passes(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

fn refused() -> Ended {
    failed(false)
}

fn unreachable() -> Ended {
    failed(true)
}

fn failed(is_unreachable: bool) -> Ended {
    Ended::Failed { within: None, failure: Failure { is_unreachable, reason: "a reason".to_owned() } }
}

#[test]
fn accounts_are_begun_with_in_the_order_they_came_each_once() {
    let mut bench = Bench::with(&["amy", "bob", "amy", "cat"]);
    assert_eq!(bench.all(), ["amy", "bob", "cat"]);
}

#[test]
fn an_account_that_is_added_while_it_is_worked_on_is_looked_at_again() {
    let mut bench = Bench::with(&["amy"]);
    assert_eq!(bench.all(), ["amy"]);
    assert!(bench.queue.add(account("amy")));
    assert_eq!(bench.all(), [""; 0]);
    bench.ended("amy", Ended::Done);
    assert_eq!(bench.all(), ["amy"]);
    bench.ended("amy", Ended::Done);
    assert_eq!((bench.all(), bench.queue.held.len()), (vec![], 0));
}

#[test]
fn an_account_with_more_to_send_goes_to_the_end() {
    let mut bench = Bench::new(|pace| pace.workers_max = 1);
    bench.add(&["amy", "bob"]);
    let mut order = Vec::new();
    for _ in 0..4 {
        let name = bench.next().unwrap();
        bench.ended(&name, Ended::More);
        order.push(name);
    }
    assert_eq!(order, ["amy", "bob", "amy", "bob"]);
}

#[test]
fn an_account_of_which_more_than_a_page_waited_is_told_when_nothing_is_left() {
    let mut bench = Bench::with(&["amy", "bob"]);
    bench.all();
    assert_eq!(bench.ended("bob", Ended::Done), Told::Nothing);
    assert_eq!(bench.ended("amy", Ended::More), Told::Nothing);
    bench.all();
    assert_eq!(bench.ended("amy", Ended::Done), Told::CaughtUp);
}

#[test]
fn no_more_accounts_are_worked_on_than_there_are_workers() {
    let mut bench = Bench::new(|pace| pace.workers_max = 2);
    bench.add(&["amy", "bob", "cat"]);
    assert_eq!(bench.all(), ["amy", "bob"]);
    bench.ended("bob", Ended::Done);
    assert_eq!(bench.all(), ["cat"]);
}

#[test]
fn an_account_that_fails_waits_for_its_delay_which_a_success_ends() {
    let mut bench = Bench::with(&["amy"]);
    for seconds in [1, 2, 4] {
        assert_eq!(bench.all(), ["amy"]);
        bench.ended("amy", refused());
        let wakes = bench.queue.wake_at(bench.now).unwrap();
        assert_eq!(wakes.duration_since(bench.now), Duration::from_secs(seconds));
        bench.passes(seconds - 1);
        assert_eq!(bench.all(), [""; 0]);
        bench.passes(1);
    }
    assert_eq!(bench.all(), ["amy"]);
    bench.ended("amy", Ended::More);
    assert_eq!(bench.all(), ["amy"]);
    bench.ended("amy", refused());
    bench.passes(1);
    assert_eq!(bench.all(), ["amy"]);
}

#[test]
fn each_request_of_an_account_begins_with_the_first_delay() {
    let mut bench = Bench::with(&["amy"]);
    for revision in 1..5 {
        assert_eq!(bench.all(), ["amy"]);
        let within = SentWithin { life: Life(1), revision: Revision(revision), command: WebhookCommand::ContactTop };
        let failure = Failure { is_unreachable: false, reason: "a reason".to_owned() };
        bench.queue.took_one();
        bench.ended("amy", Ended::Failed { within: Some(within), failure });
        bench.passes(1);
    }
}

#[test]
fn an_operator_is_told_once_of_an_account_that_fails_again_and_again() {
    let mut bench = Bench::with(&["amy"]);
    for failures in 1..=9 {
        bench.passes(600);
        assert_eq!(bench.all(), ["amy"]);
        let told = if failures == 4 { Told::AccountFails } else { Told::Nothing };
        assert_eq!(bench.ended("amy", refused()), told);
    }
}

#[test]
fn an_account_that_fails_does_not_hold_up_another() {
    let mut bench = Bench::with(&["bad", "good"]);
    for _ in 0..99 {
        for name in bench.all() {
            let ended = if name == "bad" { refused() } else { Ended::More };
            bench.ended(name, ended);
        }
        assert_eq!(bench.all(), ["good"]);
        bench.ended("good", Ended::More);
    }
}

#[test]
fn what_was_sent_of_a_change_is_remembered_until_the_change_is_done() {
    let mut bench = Bench::with(&["amy"]);
    let command = WebhookCommand::ContactGroupCreate;
    let sent = SentWithin { life: Life(7), revision: Revision(3), command };
    let failure = Failure { is_unreachable: false, reason: String::new() };
    assert_eq!(bench.queue.next(bench.now), Some((account("amy"), None)));
    bench.ended("amy", Ended::Failed { within: Some(sent), failure });
    bench.passes(1);
    assert_eq!(bench.queue.next(bench.now), Some((account("amy"), Some(sent))));
    bench.ended("amy", Ended::Store);
    bench.passes(1);
    assert_eq!(bench.queue.next(bench.now), Some((account("amy"), Some(sent))));
    bench.ended("amy", Ended::More);
    assert_eq!(bench.queue.next(bench.now), Some((account("amy"), None)));
}

#[test]
fn accounts_that_failed_leave_half_of_the_workers_to_the_others() {
    let mut bench = Bench::new(|pace| (pace.workers_max, pace.retries_max, pace.row_max) = (4, 2, 100));
    for name in 0..9 {
        bench.queue.add(account(name));
    }
    while let Some(name) = bench.next() {
        bench.ended(name, refused());
    }
    bench.passes(1);
    assert_eq!(bench.all(), ["0", "1"]);
    bench.queue.add(account("amy"));
    bench.queue.add(account("bob"));
    assert_eq!(bench.all(), ["amy", "bob"]);
}

#[test]
fn what_finds_no_place_is_not_held() {
    let mut bench = Bench::new(|pace| pace.held_max = 2);
    assert!(["amy", "bob", "amy"].iter().all(|name| bench.queue.add(account(name))));
    assert!(!bench.queue.add(account("cat")) && !bench.queue.has_room());
    assert_eq!(bench.all(), ["amy", "bob"]);
    bench.ended("bob", Ended::Done);
    assert!(bench.queue.add(account("cat")));
}

#[test]
fn accounts_that_fail_take_half_of_the_places_at_most() {
    let mut bench = Bench::new(|pace| (pace.held_max, pace.row_max) = (6, 100));
    bench.add(&["amy", "bob", "cat", "dan"]);
    for name in bench.all() {
        bench.ended(name, refused());
        bench.passes(1);
        bench.now -= Duration::from_millis(900);
    }
    let failing: Vec<_> = bench.queue.failing().map(|(account, ..)| account.as_str().to_owned()).collect();
    assert_eq!((failing, bench.queue.held.len()), (["amy", "bob", "cat"].map(str::to_owned).to_vec(), 3));
}

#[test]
fn nothing_begins_while_the_store_fails() {
    let mut bench = Bench::with(&["amy", "bob"]);
    assert_eq!(bench.all(), ["amy", "bob"]);
    bench.ended("amy", Ended::Store);
    bench.ended("bob", Ended::Store);
    assert_eq!(bench.all(), [""; 0]);
    assert_eq!(bench.queue.wake_at(bench.now), Some(bench.now + Duration::from_secs(1)));
    bench.passes(1);
    assert_eq!(bench.all(), ["amy", "bob"]);
    bench.ended("amy", Ended::Store);
    assert_eq!(bench.queue.wake_at(bench.now), Some(bench.now + Duration::from_secs(2)));
}

#[test]
fn accounts_that_were_lost_are_forgotten_also_when_they_were_worked_on() {
    let mut bench = Bench::new(|pace| pace.workers_max = 2);
    bench.add(&["amy", "bob", "cat", "dan"]);
    assert_eq!(bench.all(), ["amy", "bob"]);
    let is_lost = |account: &AccountId| ["bob", "cat"].contains(&account.as_str());
    bench.queue.forget(is_lost);
    assert!(bench.queue.works_on_any(is_lost));
    bench.ended("bob", Ended::More);
    bench.ended("amy", Ended::Done);
    assert!(!bench.queue.works_on_any(is_lost));
    assert_eq!((bench.all(), bench.queue.held.len()), (vec!["dan".to_owned()], 1));
}

#[test]
fn a_hundred_thousand_accounts_go_through_ten_thousand_places() {
    let mut bench = Bench::new(|_| ());
    let mut waiting = 0..100_000;
    let mut sent = 0;
    while waiting.start < waiting.end || !bench.queue.held.is_empty() {
        while bench.queue.has_room() && waiting.start < waiting.end {
            waiting.by_ref().take(1000).for_each(|name| assert!(bench.queue.add(account(name))));
        }
        assert!(bench.queue.held.len() <= 10_000);
        for name in bench.all() {
            bench.ended(name, Ended::Done);
            sent += 1;
        }
    }
    assert_eq!(sent, 100_000);
}
