//! The server is killed, or stopped, while it sends changes, again and again. The receiver notes what comes: every change
//! that was acknowledged, in the order of its account; after a kill some for a second time, after a stop none.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pinfold_client::{CallError, Client, Settings};
use serde_json::json;

use support::receiver::{Receiver, Request};
use support::{APP, KEY, Server, Workspace};

const KILLS: usize = 10;
const STOPS: usize = 6;
const TASKS: usize = 4;
const ACCOUNTS: usize = 24;
/// The server reads so many changes of an account at a time, and removes them once they are sent.
const PAGE_CHANGES_MAX: u64 = 32;
/// So that a server ends while requests are on their way.
const ANSWER_MS_MAX: u64 = 40;
/// Of so many requests the receiver refuses one, so that a change which counts as sent too early is missing.
const REFUSED_ONE_OF: usize = 20;

/// An account, of which one task at a time makes the calls. Each sets its custom mark to the number of the call.
struct Account {
    id: String,
    calls: u64,
    acknowledged: BTreeSet<u64>,
}

impl Account {
    fn new(number: usize) -> Self {
        Self { id: format!("account {number}"), calls: 0, acknowledged: BTreeSet::new() }
    }

    fn next_call(&mut self) -> String {
        self.calls += 1;
        let mark = self.calls.to_string();
        let item = json!({"OptType": 2, "ContactItem": {"Type": 1, "To_Account": "bob"}, "CustomMark": mark});
        json!({"From_Account": self.id, "MarkItem": [item]}).to_string()
    }
}

/// Marks these accounts in turn until the server is gone; gives them back.
async fn load(client: Client, mut accounts: Vec<Account>) -> Vec<Account> {
    for turn in 0.. {
        let place = turn % accounts.len();
        let account = &mut accounts[place];
        match client.call_raw("recentcontact/mark_contact", account.next_call().into_bytes()).await {
            Ok(answer) => {
                assert_eq!(support::http::code(&String::from_utf8(answer).unwrap()), 0);
                account.acknowledged.insert(account.calls);
            }
            Err(CallError::Transport(_)) => break,
            Err(error) => panic!("a mark fails otherwise: {error}"),
        }
    }
    accounts
}

/// Marks accounts while the server is ended by `end` so many times, and once more after that. Waits until every
/// acknowledged mark was received.
async fn through_ends(ends: usize, receiver: &Receiver, end: fn(Server)) -> Vec<Account> {
    let app = format!("accounts = \"any\"\ncalls_per_second_max = 0\n{}", receiver.app());
    let workspace = Workspace::with_app("", &app);
    let mut accounts: Vec<_> = (0..ACCOUNTS).map(Account::new).collect();
    receiver.delay_ms_max(ANSWER_MS_MAX);
    receiver.refuse_one_of(REFUSED_ONE_OF);
    for _ in 0..ends {
        let server = workspace.serve();
        let mut loads = Vec::new();
        while !accounts.is_empty() {
            let share = accounts.split_off(accounts.len() - ACCOUNTS / TASKS);
            let settings = Settings::new(format!("http://{}", server.rest), APP, "administrator", KEY);
            loads.push(tokio::spawn(load(Client::new(settings).unwrap(), share)));
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(200..1500))).await;
        tokio::task::block_in_place(|| end(server));
        for load in loads {
            accounts.extend(load.await.unwrap());
        }
        receiver.next_run();
    }
    let server = workspace.serve();
    receiver.await_received(|received| {
        let received = marks(received);
        accounts
            .iter()
            .all(|account| received.get(&*account.id).is_some_and(|it| it.is_superset(&account.acknowledged)))
    });
    server.stop();
    accounts
}

/// The marks that were told, by account.
fn marks(received: &[Request]) -> BTreeMap<&str, BTreeSet<u64>> {
    let mut marks = BTreeMap::<_, BTreeSet<u64>>::new();
    for request in received {
        let mark = request.body["Event"][0]["CustomMark"].as_str().unwrap();
        marks.entry(request.account()).or_default().insert(mark.parse().unwrap());
    }
    marks
}

/// Checks that the changes of an account came one after the other, the first of a run at most so many before the end of
/// the run before. How many came again.
fn repeats(received: &[Request], account: &str, repeats_max: u64) -> u64 {
    let (mut run, mut last, mut furthest, mut repeats) = (usize::MAX, 0, 0, 0);
    for request in received.iter().filter(|request| request.account() == account) {
        let revision = request.revision();
        let first = if request.run == run { last + 1 } else { (furthest + 1_u64).saturating_sub(repeats_max).max(1) };
        let next = if request.run == run { last + 1 } else { furthest + 1 };
        assert!((first..=next).contains(&revision), "{account}: {revision} came after {last} and {furthest}");
        repeats += u64::from(revision <= furthest);
        (run, last, furthest) = (request.run, revision, furthest.max(revision));
    }
    repeats
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kills_nothing_is_missing_and_only_what_was_being_sent_comes_again_in_its_order() {
    let receiver = Receiver::start();
    let accounts = through_ends(KILLS, &receiver, Server::kill).await;
    let received = receiver.received();
    let repeats: u64 = accounts.iter().map(|account| repeats(&received, &account.id, PAGE_CHANGES_MAX)).sum();
    println!("{} requests, {KILLS} kills; {repeats} came again", received.len());
    assert!(received.len() > 200 && repeats > 0, "too little happened: {} requests, {repeats} again", received.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_stops_nothing_is_missing_and_nothing_comes_again() {
    let receiver = Receiver::start();
    let accounts = through_ends(STOPS, &receiver, Server::stop).await;
    let received = receiver.received();
    assert_eq!(accounts.iter().map(|account| repeats(&received, &account.id, 0)).sum::<u64>(), 0);
    assert!(received.len() > 200, "too little happened: {} requests", received.len());
}
