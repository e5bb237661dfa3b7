//! Receivers that are down, or refuse what some accounts have.

use super::*;

#[test]
fn while_the_receiver_is_down_one_account_at_a_time_is_tried() {
    let mut bench = Bench::with(&["amy", "bob", "cat"]);
    assert_eq!(bench.all(), ["amy", "bob", "cat"]);
    assert_eq!(bench.ended("amy", unreachable()), Told::ReceiverDown);
    assert!(!bench.queue.may_send(&account("bob")));
    bench.ended("bob", Ended::Stopped(None));
    bench.ended("cat", unreachable());
    assert_eq!(bench.queue.wake_at(bench.now), Some(bench.now + Duration::from_secs(1)));
    bench.passes(1);
    assert_eq!(bench.all(), ["amy"]);
    assert!(bench.queue.may_send(&account("amy")) && !bench.queue.may_send(&account("bob")));
    bench.ended("amy", unreachable());
    assert_eq!(bench.queue.wake_at(bench.now), Some(bench.now + Duration::from_secs(2)));
    bench.passes(2);
    assert_eq!(bench.all(), ["bob"]);
    bench.ended("bob", Ended::Done);
    assert_eq!(bench.all(), ["cat"], "one more, and with each success twice as many");
}

#[test]
fn a_receiver_that_is_down_costs_accounts_nothing() {
    let mut bench = Bench::new(|pace| pace.row_max = 3);
    bench.add(&["amy", "bob", "cat"]);
    let told: Vec<_> = bench.all().into_iter().map(|name| bench.ended(name, refused())).collect();
    assert_eq!(told, [Told::Nothing, Told::Nothing, Told::ReceiverDown]);
    assert_eq!(bench.queue.failing().count(), 0);
    assert!(bench.queue.held.values().all(|held| held.failures == 0));
}

#[test]
fn an_account_that_did_not_fail_is_the_first_by_which_a_receiver_is_tried() {
    let mut bench = Bench::new(|pace| pace.row_max = 2);
    bench.add(&["bad", "worse"]);
    for name in bench.all() {
        bench.ended(name, refused());
    }
    bench.queue.add(account("good"));
    bench.passes(1);
    assert_eq!(bench.all(), ["good"]);
}

#[test]
fn a_receiver_is_tried_by_an_account_that_waits_for_its_delay_if_there_is_no_other() {
    let mut bench = Bench::with(&["amy", "bob"]);
    bench.all();
    bench.ended("amy", refused());
    bench.ended("bob", Ended::Done);
    bench.passes(1);
    assert_eq!(bench.all(), ["amy"]);
    bench.ended("amy", refused());
    bench.queue.add(account("cat"));
    assert_eq!(bench.all(), ["cat"]);
    bench.ended("cat", unreachable());
    bench.passes(1);
    assert_eq!(bench.all(), ["cat"]);
    bench.queue.forget(|account| account.as_str() == "cat");
    bench.ended("cat", unreachable());
    bench.passes(2);
    assert_eq!(bench.all(), ["amy"]);
}

#[test]
fn a_dead_receiver_gets_one_request_in_half_a_minute_whatever_waits_and_everything_once_it_is_back() {
    let mut bench = Bench::new(|_| ());
    (0..10_000).for_each(|name| assert!(bench.queue.add(account(name))));
    let (start, mut requests) = (bench.now, Vec::new());
    while bench.now.duration_since(start) < Duration::from_secs(3600) {
        for name in bench.all() {
            requests.push(bench.now.duration_since(start).as_secs());
            bench.ended(name, unreachable());
        }
        bench.now = bench.queue.wake_at(bench.now).unwrap();
    }
    let after_a_minute: Vec<_> = requests.iter().filter(|at| **at >= 60).collect();
    assert!(after_a_minute.len() <= 120, "{}", after_a_minute.len());
    assert!(after_a_minute.windows(2).all(|pair| pair[1] - pair[0] >= 30));
    let mut steps = 0;
    while !bench.queue.held.is_empty() {
        let names = bench.all();
        assert!(!names.is_empty() && steps < 1000);
        for name in names {
            bench.ended(name, Ended::Done);
        }
        steps += 1;
    }
    assert!(steps < 90, "{steps} steps of up to 128 accounts");
}

#[test]
fn sixteen_bad_accounts_do_not_keep_a_good_one_from_being_sent() {
    let mut bench = Bench::new(|_| ());
    (0..16).for_each(|name| assert!(bench.queue.add(account(name))));
    let (start, mut good) = (bench.now, Vec::new());
    for minute in 1..=60 {
        bench.now = bench.now.max(start + Duration::from_secs(60 * minute));
        bench.queue.add(account("good"));
        let until = bench.now + Duration::from_secs(60);
        while bench.now < until {
            for name in bench.all() {
                let is_good = name == "good";
                good.extend(is_good.then(|| bench.now.duration_since(start).as_secs() - 60 * minute));
                bench.ended(name, if is_good { Ended::Done } else { refused() });
            }
            bench.now = bench.queue.wake_at(bench.now).unwrap_or(until).min(until);
        }
    }
    assert_eq!(good.len(), 60);
    assert!(good.iter().all(|waited| *waited <= 30), "{good:?}");
}

#[test]
fn another_receiver_and_a_resume_begin_anew_with_everything() {
    let mut bench = Bench::new(|pace| pace.retries = Delays { first: pace.retries.max, ..pace.retries });
    bench.add(&["amy", "bob"]);
    bench.all();
    bench.ended("amy", refused());
    bench.ended("bob", unreachable());
    assert_eq!(bench.all(), [""; 0]);
    bench.queue.begin_anew();
    let mut all = bench.all();
    all.sort();
    assert_eq!(all, ["amy", "bob"]);
}
