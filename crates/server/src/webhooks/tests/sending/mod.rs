//! Couriers of a server over a store in memory, with a quick pace, against a receiver of which a test decides.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pinfold_core::{
    AccountId, AppId, Conversation, Draft, GroupData, GroupName, Origin, Refusal, Timestamp, Via, WebhookCommand,
    WebhookCommands,
};
use pinfold_store::{AccountKey, Memory, Scope, Store};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::receiver::{Received, Receiver, Step};
use super::*;
use crate::clock::system_clock;
use crate::config::{AppConfig, Config, WebhookConfig};
use crate::state::State;
use crate::webhooks::couriers::Draining;
use crate::webhooks::pace::Delays;

mod basics;
mod failures;
mod instances;
mod operators;
#[path = "../../../../../store/tests/support/postgres.rs"]
mod postgres;
mod stopping;

const APP: AppId = AppId(7);
/// Answers that a receiver fails with.
const ERROR: &str = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n";

/// A request, by what it tells: account, revision, short name of the command.
type Told = (String, u64, String);

fn told(request: &Received) -> Told {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let command = body["CallbackCommand"].as_str().unwrap().strip_prefix("RecentContact.CallbackAfter").unwrap();
    (body["From_Account"].as_str().unwrap().to_owned(), body["Revision"].as_u64().unwrap(), command.to_owned())
}

/// A receiver that takes everything.
async fn taking() -> Receiver {
    deciding(|_| Step::Answer(OK.into())).await
}

/// A receiver that decides by what a request tells.
async fn deciding(act: impl Fn(&Told) -> Step + Send + Sync + 'static) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Receiver::acting(listener, None, move |request| Some(act(&told(request))))
}

/// Milliseconds for seconds, and no scan but those that are due for another reason than the time.
fn quick() -> Pace {
    let ms = Duration::from_millis;
    let delays = |first, max| Delays { first: ms(first), max: ms(max) };
    Pace {
        retries: delays(5, 50),
        probes: delays(5, 50),
        store: delays(5, 20),
        scan_every: 60 * LONG,
        backlog_every: ms(20),
        ..Pace::default()
    }
}

fn app(receiver: &Receiver) -> AppConfig {
    let url = WebhookUrl::parse(&receiver.url()).unwrap();
    let webhook = WebhookConfig::new(url, Secret::new(TOKEN).unwrap());
    AppConfig { webhook: Some(webhook), ..AppConfig::new(APP, Vec::new()) }
}

/// A server that sends.
struct World {
    state: Arc<State>,
    draining: CancellationToken,
    ended: Draining,
}

impl World {
    async fn start(receiver: &Receiver) -> Self {
        Self::over(Store::new(Arc::new(Memory::new())), &app(receiver), quick())
    }

    fn over(store: Store, app: &AppConfig, pace: Pace) -> Self {
        let config = Config { apps: vec![app.clone()], ..Config::default() };
        let state = Arc::new(State::with(&config, store, system_clock(), Webhooks::new(pace)));
        let targets = state.webhooks.prepare(&config.apps).unwrap();
        state.webhooks.exchange(targets);
        let draining = CancellationToken::new();
        let ended = state.webhooks.spawn(&state, &draining);
        Self { state, draining, ended }
    }

    /// Follows another configuration.
    fn reload(&self, apps: &[AppConfig]) {
        let targets = self.state.webhooks.prepare(apps).unwrap();
        self.state.webhooks.exchange(targets);
        self.state.exchange_apps(apps);
    }

    /// Stops, and gives the store.
    async fn stop(self) -> Store {
        self.draining.cancel();
        timeout(LONG, self.ended.ended()).await.unwrap();
        self.state.store.clone()
    }

    fn store(&self) -> &Store {
        &self.state.store
    }

    async fn waiting(&self) -> u64 {
        self.store().backend().backlog(APP, 1_000_000).await.unwrap().changes
    }

    /// Waits until nothing waits.
    async fn drained(&self) {
        until(async || self.waiting().await == 0).await;
    }
}

async fn change(store: &Store, id: &str, rule: impl Fn(&mut Draft<'_>) -> Result<(), Refusal>) {
    let origin = Origin { caller: None, via: Via::Call, command: "test".into() };
    let acting = store.acting(&origin, true).sending(WebhookCommands::ALL);
    let updated = acting.update(&key(id), &Scope::All, &[], Timestamp(1), rule).await.unwrap();
    assert!(updated.change.is_some());
}

/// Makes a change that one request tells.
async fn pin(store: &Store, id: &str, number: u32) {
    let conversation = Conversation::OneToOne(account(&format!("peer{number}")));
    change(store, id, |draft| draft.pin(&conversation)).await;
}

/// Makes so many such changes, one of each account.
async fn pin_all(store: &Store, accounts: u32) {
    for number in 0..accounts {
        pin(store, &format!("u{number}"), 1).await;
    }
}

/// Makes a change that three requests tell.
async fn arrange(store: &Store, id: &str) {
    let (name, data) = (GroupName::stored("Work"), GroupData::stored("red"));
    let conversation = Conversation::OneToOne(account("bob"));
    change(store, id, |draft| {
        let group = draft.create_conversation_group(&name)?;
        draft.set_group_data(group, data.clone());
        draft.pin(&conversation)
    })
    .await;
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn key(id: &str) -> AccountKey {
    AccountKey { app: APP, account: account(id) }
}

/// Waits until this holds, for a minute at most.
async fn until(holds: impl AsyncFn() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < LONG, "it does not happen");
        sleep(Duration::from_millis(2)).await;
    }
}

/// Whether each account's changes came in their order, each request once: of `changes` changes from 1 on.
fn assert_each_once(receiver: &Receiver, accounts: usize, changes: u64) {
    let received = by_account(receiver);
    assert_eq!(received.len(), accounts);
    for (account, requests) in received {
        let revisions: Vec<_> = requests.into_iter().map(|(revision, _)| revision).collect();
        assert_eq!(revisions, (1..=changes).collect::<Vec<_>>(), "{account}");
    }
}

/// What was received, by account, in its order: revision and command.
fn by_account(receiver: &Receiver) -> BTreeMap<String, Vec<(u64, String)>> {
    let mut accounts = BTreeMap::<_, Vec<_>>::new();
    for (account, revision, command) in receiver.received().iter().map(told) {
        accounts.entry(account).or_default().push((revision, command));
    }
    accounts
}

/// The revisions of one account, as they were received.
fn revisions(receiver: &Receiver, id: &str) -> Vec<u64> {
    let of_account = by_account(receiver).remove(id).unwrap_or_default();
    of_account.into_iter().map(|(revision, _)| revision).collect()
}
