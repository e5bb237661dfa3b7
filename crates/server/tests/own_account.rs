//! Attacks with the signature of an account: whatever its calls name, another account's data is neither shown nor
//! changed. The commands are those of the table, so a new one is attacked as well.

#![allow(clippy::unwrap_used, reason = "test code")]

#[path = "own_account/attempts.rs"]
mod attempts;
mod compat;
#[path = "transcripts/http.rs"]
mod http;
#[path = "fields/mutate.rs"]
mod mutate;
mod support;

use std::sync::Arc;

use attempts::{Attempt, query};
use compat::{PREPARATIONS, valid_body};
use http::Request;
use pinfold_core::{AccountId, AppId, Timestamp, Touches, Users};
use pinfold_store::{Memory, OnDamage, SnapshotItem, Store};
use pinfold_wire::Service;
use pinfold_wire::commands::{COMMANDS, Listed};
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::Value;
use support::{APP, TestServer};

const VICTIM: &str = "alice";
const ATTACKER: &str = "mallory";
/// A part of the names and marks that are kept for the victim alone. No request of the attacker has it.
const SECRET: &str = "secret-of-alice";

/// What the administrator keeps for the victim.
const SECRETS: [(&str, &str); 4] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["mallory","secret-of-alice-peer"]}"#),
    (
        "recentcontact/create_contact_group",
        r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"secret-of-alice","ContactItem":[{"Type":1,"To_Account":"secret-of-alice-peer"}]}]}"#,
    ),
    (
        "recentcontact/mark_contact",
        r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0],"CustomMark":"secret-of-alice"}]}"#,
    ),
    (
        "recentcontact/top",
        r#"{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"secret-of-alice-peer"}]}"#,
    ),
];

#[tokio::test]
async fn a_call_that_an_account_signed_neither_shows_nor_changes_what_is_kept_for_another() {
    let world = World::new().await;
    let mut problems = Vec::new();
    for command in &COMMANDS {
        for attempt in attempts::of(valid_body(command.name)) {
            problems.extend(world.attack(command, &attempt).await);
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn random_changes_of_a_body_let_an_account_reach_no_other_either() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(Runs { cases: 512, failure_persistence: None, ..Runs::default() });
    let body_of = |place: usize| serde_json::from_str(valid_body(COMMANDS[place].name)).unwrap();
    let bodies = (0..COMMANDS.len()).prop_flat_map(move |place| (Just(place), mutate::mutated(body_of(place))));
    let attack = |(place, body): (usize, Value)| {
        let must_fail = body["From_Account"] == VICTIM;
        let attempt = Attempt { query: query(&format!("identifier={ATTACKER}")), body: body.to_string(), must_fail };
        let problem = runtime.block_on(world.attack(&COMMANDS[place], &attempt));
        prop_assert!(problem.is_none(), "{problem:?}");
        Ok(())
    };
    runner.run(&bodies, attack).unwrap();
}

#[tokio::test]
async fn an_account_calls_every_command_that_is_open_to_it_named_or_not() {
    for command in COMMANDS.iter().filter(|command| is_open(command.service)) {
        for named in [r#""mallory""#, "null"] {
            let world = World::new().await;
            let body = valid_body(command.name).replace(r#""alice""#, named);
            let answer = world.send(command, &query(&format!("identifier={ATTACKER}")), &body).await.unwrap();
            assert_eq!(answer["ErrorCode"], 0, "{} {body}: {answer}", command.name);
        }
    }
}

#[tokio::test]
async fn the_same_calls_of_an_administrator_would_have_shown_and_changed_it() {
    let world = World::new().await;
    let shown = world.server.post("recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#).await;
    assert!(shown.contains(SECRET), "{shown}");
    world.server.post("recentcontact/del_contact_group", valid_body("del_contact_group")).await;
    assert_ne!(world.others().await, world.before);
}

#[tokio::test]
async fn an_app_that_lets_accounts_in_no_more_refuses_their_next_call() {
    let world = World::new().await;
    let command = COMMANDS.iter().find(|command| is_open(command.service)).unwrap();
    world.server.control.follow(&support::config()).unwrap();
    let answer = world.send(command, &query(&format!("identifier={ATTACKER}")), "{}").await.unwrap();
    assert_eq!(answer["ErrorCode"], 50003, "{answer}");
}

struct World {
    server: TestServer,
    store: Store,
    /// What is kept at first, but for the attacker.
    before: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let mut config = support::config();
        config.apps[0].users = Users::Own;
        config.apps[0].user_calls_per_second_max = 0;
        config.failed_signatures_per_minute_max = u32::MAX;
        let store = Store::new(Arc::new(Memory::new()));
        let server = TestServer::over(&config, store.clone()).await;
        for (command, body) in PREPARATIONS.into_iter().chain(SECRETS) {
            server.post(command, body).await;
        }
        for (command, body) in PREPARATIONS.iter().filter(|(_, body)| body.contains("From_Account")) {
            server.post(command, &body.replace(VICTIM, ATTACKER)).await;
        }
        let mut touches = Touches::default();
        for account in [VICTIM, ATTACKER] {
            let peer = if account == VICTIM { "secret-of-alice-peer" } else { "bob" };
            touches.one_to_one(&id(account), &id(peer), Timestamp(1_700_000_000));
        }
        store.touch(AppId(APP), &touches, Timestamp(1_700_000_000)).await.unwrap();
        let mut world = Self { server, store, before: Vec::new() };
        world.before = world.others().await;
        world
    }

    /// Everything that is kept, but for the attacker.
    async fn others(&self) -> Vec<String> {
        let mut snapshot = self.store.backend().snapshot(None, OnDamage::Stop, true).await.unwrap();
        let mut others = Vec::new();
        while let Some(item) = snapshot.next().await.unwrap() {
            let of = match &item {
                SnapshotItem::Account(key, _)
                | SnapshotItem::Entry(key, _)
                | SnapshotItem::Change(key, _)
                | SnapshotItem::LostHistory(key, _) => Some(key.account.as_str()),
                SnapshotItem::ChatGroup(..)
                | SnapshotItem::ChatGroupTime(..)
                | SnapshotItem::Counts(..)
                | SnapshotItem::Damage(_) => None,
            };
            others.extend((of != Some(ATTACKER)).then(|| format!("{item:?}")));
        }
        others
    }

    /// What is wrong with how this attempt ends.
    async fn attack(&self, command: &Listed, attempt: &Attempt) -> Option<String> {
        let Attempt { query, body, must_fail } = attempt;
        let answer = match self.send(command, query, body).await {
            Ok(answer) => answer,
            Err(problem) => return Some(format!("{} {query} {body}: {problem}", command.name)),
        };
        let problem = if self.others().await != self.before {
            "something was changed"
        } else if answer.to_string().contains(SECRET) {
            "something was shown"
        } else if answer["ErrorCode"] == 0 && (*must_fail || !is_open(command.service)) {
            "it succeeded"
        } else {
            return None;
        };
        Some(format!("{problem}: {} {query} {body}: {answer}", command.name))
    }

    async fn send(&self, command: &Listed, query: &str, body: &str) -> Result<Value, String> {
        let target = format!("/v4/{}/{}?{query}", command.service.path(), command.name);
        let request = Request { method: "POST", target: &target, body, is_incomplete: false };
        let answer = http::send(self.server.address, &request).await?;
        serde_json::from_str(&answer).map_err(|error| format!("{error} in {answer}"))
    }
}

fn id(account: &str) -> AccountId {
    AccountId::parse(account).unwrap()
}

/// Whether accounts may call commands of this service for themselves.
fn is_open(service: Service) -> bool {
    match service {
        Service::RecentContact | Service::Pinfold => true,
        Service::Account | Service::Group | Service::OpenIm => false,
    }
}
