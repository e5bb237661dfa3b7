use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use pinfold_core::rules::{delete_account, import_account};
use pinfold_core::{AccountId, AppId, Origin, Profile, TimeMs, Via};
use pinfold_store::{AccountKey, HistoryBounds, Memory, Scope, Store};
use pinfold_wire::sse::{Block, Reader};
use pinfold_wire::user_sig::{Claims, make};

use super::*;
use crate::clock::Clock;
use crate::config::{AppConfig, Config, Secret};

const APP: AppId = AppId(1);
const NOW: u64 = 1_750_000_000;
const KEY: &str = "a-made-up-key-for-these-tests-only";

/// A server whose account alice is changed by the test.
struct World {
    state: Arc<State>,
    alice: AccountKey,
    keep: bool,
    /// Unix seconds.
    clock: Arc<AtomicU64>,
}

impl World {
    async fn with(keep: bool) -> Self {
        let config = Config { apps: vec![AppConfig::new(APP, vec![Secret::new(KEY).unwrap()])], ..Config::default() };
        let clock = Arc::new(AtomicU64::new(NOW));
        let seconds = Arc::clone(&clock);
        let reader = Clock::of_ms(move || seconds.load(Ordering::Relaxed) * 1000);
        let state = Arc::new(State::new(&config, Store::new(Arc::new(Memory::new())), reader));
        let alice = AccountKey { app: APP, account: AccountId::parse("alice").unwrap() };
        let world = Self { state, alice, keep, clock };
        world.change(1).await;
        world
    }

    /// Makes so many changes.
    async fn change(&self, count: u32) {
        let origin = Origin { caller: None, via: Via::Call, command: "account_import".into() };
        for _ in 0..count {
            let before = self.position().await.map_or(0, |position| position.revision.0);
            let profile = Profile { nick: before.to_string(), ..Profile::default() };
            let rule = |draft: &mut pinfold_core::Draft<'_>| import_account(draft, &profile);
            let acting = self.state.store.acting(&origin, self.keep);
            acting.update(&self.alice, &Scope::Head, &[], TimeMs(NOW * 1000), rule).await.unwrap();
        }
    }

    async fn delete(&self) {
        let rule = |draft: &mut pinfold_core::Draft<'_>| delete_account(draft, &self.alice.account);
        self.state.store.update(&self.alice, &Scope::Head, &[], TimeMs(NOW * 1000), rule).await.unwrap();
    }

    async fn position(&self) -> Option<Position> {
        self.state.store.position(&self.alice).await.unwrap()
    }

    /// A stream that begins after its account changed so often between its subscription and its look at the account.
    async fn watch_late(&self, changes: u32) -> Watcher {
        let app = self.state.app(APP).unwrap();
        let subscription = self.state.hub.subscribe(&self.alice, &app.policy.limits).unwrap();
        self.change(changes).await;
        self.begin(subscription).await
    }

    /// A stream of the administrator.
    async fn begin(&self, subscription: Subscription) -> Watcher {
        let app = self.state.app(APP).unwrap();
        let claims =
            Claims { sdkappid: APP.0, identifier: "administrator".into(), time: NOW, expire: 9, userbuf: None };
        let (identifier, usersig) = ("administrator".into(), make(KEY, &claims).unwrap().into());
        let permission = Permission { app, identifier, usersig, valid_until: NOW + 9 };
        let (state, position) = (Arc::clone(&self.state), self.position().await);
        Watcher::begin(state, subscription, permission, Since::Now, position).await.unwrap()
    }

    async fn watch(&self) -> Watcher {
        let mut watcher = self.watch_late(0).await;
        assert_eq!(sent(&mut watcher), ["began"]);
        watcher
    }
}

/// What a stream sends now: its first block, the numbers of changes, resets; then whether it ends.
fn sent(watcher: &mut Watcher) -> Vec<String> {
    let mut reader = Reader::new(1 << 20);
    let mut sent = Vec::new();
    while let Some(block) = watcher.next().now_or_never() {
        let Some(block) = block else {
            sent.push("end".to_owned());
            break;
        };
        reader.push(&block).unwrap();
        sent.push(match reader.next().unwrap() {
            Block::Began { .. } => "began".to_owned(),
            Block::Event { kind, data, .. } if kind == sse::CHANGE => {
                serde_json::from_str::<serde_json::Value>(&data).unwrap()["Revision"].to_string()
            }
            Block::Event { kind, .. } => kind,
            Block::Comment => "comment".to_owned(),
            Block::Retry(_) => "retry".to_owned(),
        });
    }
    sent
}

fn numbers(range: impl Iterator<Item = u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn a_stream_that_is_slower_than_its_account_reads_what_it_was_not_told() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    world.change(100).await;
    assert_eq!(sent(&mut watcher), numbers(2..=101));
    world.change(1).await;
    assert_eq!(sent(&mut watcher), ["102"]);
}

#[tokio::test]
async fn an_account_that_begins_while_it_is_watched_is_told_from_its_first_change_on() {
    let world = World::with(true).await;
    for changes in [1, 5, 20] {
        world.delete().await;
        let mut watcher = world.watch().await;
        world.change(changes).await;
        assert_eq!(sent(&mut watcher), numbers(1..=changes));
    }
}

#[tokio::test]
async fn without_the_history_a_stream_that_is_slower_is_reset_and_goes_on() {
    let world = World::with(false).await;
    let mut watcher = world.watch().await;
    world.change(8).await;
    assert_eq!(sent(&mut watcher), numbers(2..=9));
    world.change(9).await;
    assert_eq!(sent(&mut watcher), ["reset"]);
    world.change(1).await;
    assert_eq!(sent(&mut watcher), ["19"]);
}

#[tokio::test]
async fn what_is_removed_before_a_slow_stream_reads_it_is_a_reset() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    world.change(20).await;
    let life = world.position().await.unwrap().life;
    let bounds = HistoryBounds { not_before: TimeMs(0), changes_max: 5, bytes_max: usize::MAX };
    world.state.store.backend().trim_changes(&world.alice, life, bounds).await.unwrap();
    assert_eq!(sent(&mut watcher), ["reset"]);
}

#[tokio::test]
async fn what_happens_between_the_subscription_and_the_first_look_is_neither_lost_nor_repeated() {
    let world = World::with(true).await;
    for changes in [1, 8, 20] {
        let mut watcher = world.watch_late(changes).await;
        assert_eq!(sent(&mut watcher), ["began"]);
        let next = world.position().await.unwrap().revision.0 + 1;
        world.change(2).await;
        assert_eq!(sent(&mut watcher), numbers(next..=next + 1));
    }
}

#[tokio::test]
async fn the_deletion_of_an_account_ends_a_stream_however_slow_it_is() {
    for changes_before in [0, 5, 20] {
        let world = World::with(true).await;
        let mut watcher = world.watch().await;
        world.change(changes_before).await;
        world.delete().await;
        let sent = sent(&mut watcher);
        assert_eq!(sent[sent.len() - 2..], ["reset", "end"], "{sent:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_replaced_while_a_stream_is_slow_is_a_reset() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    world.delete().await;
    world.change(20).await;
    assert_eq!(sent(&mut watcher), ["reset"]);
    world.change(1).await;
    assert_eq!(sent(&mut watcher), ["21"]);
}

#[tokio::test]
async fn a_server_that_stops_waits_for_no_stream_to_read_what_it_missed() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    world.change(100).await;
    world.state.draining.cancel();
    assert_eq!(sent(&mut watcher), ["retry", "end"]);
}

#[tokio::test]
async fn what_is_told_of_an_account_that_was_replaced_is_not_believed() {
    let world = World::with(true).await;
    for before in [1, 5, 20] {
        let mut watcher = world.watch().await;
        let known = world.position().await.unwrap().revision.0;
        world.change(before).await;
        world.delete().await;
        world.change(2).await;
        let sent_now = sent(&mut watcher);
        let told = if before > 5 { Vec::new() } else { numbers(known + 1..=known + before) };
        assert_eq!(sent_now, [told, vec!["reset".to_owned()]].concat());
        world.change(1).await;
        assert_eq!(sent(&mut watcher), ["3"]);
    }
}

#[tokio::test]
async fn a_deletion_of_before_the_first_look_does_not_end_a_stream() {
    let world = World::with(true).await;
    let app = world.state.app(APP).unwrap();
    let subscription = world.state.hub.subscribe(&world.alice, &app.policy.limits).unwrap();
    world.delete().await;
    world.change(1).await;
    let mut watcher = world.begin(subscription).await;
    assert_eq!(sent(&mut watcher), ["began"]);
    world.change(1).await;
    assert_eq!(sent(&mut watcher), ["2"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_nothing_to_tell_sends_a_comment_every_15_seconds() {
    let world = World::with(true).await;
    let app = world.state.app(APP).unwrap();
    let mut watcher = world.watch().await;
    watcher.permission = Permission { app, identifier: "x".into(), usersig: "x".into(), valid_until: u64::MAX };
    for _ in 0..3 {
        let began = tokio::time::Instant::now();
        assert_eq!(watcher.next().await.unwrap(), sse::COMMENT);
        let waited = began.elapsed();
        assert!((QUIET_MAX..QUIET_MAX + Duration::from_secs(1)).contains(&waited), "{waited:?}");
    }
}

/// What a silent stream sends next, and after how long, while the clock jumps to this second.
async fn next_over_a_jump(world: &World, watcher: &mut Watcher, second: u64) -> (Option<Bytes>, Duration) {
    let began = tokio::time::Instant::now();
    let jump = async {
        sleep(Duration::from_secs(1)).await;
        world.clock.store(second, Ordering::Relaxed);
    };
    let (sent, ()) = tokio::join!(watcher.next(), jump);
    (sent, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_over_the_end_of_a_signature_ends_a_silent_stream_within_15_seconds() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    watcher.permission.valid_until = NOW + 3600;
    let (sent, after) = next_over_a_jump(&world, &mut watcher, NOW + 3601).await;
    assert_eq!((sent, watcher.end), (None, Some(WatchEnd::Signature)));
    assert!(after <= QUIET_MAX + Duration::from_secs(1), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_back_lets_a_silent_stream_go_on_until_its_signature_ends_by_that_clock() {
    let world = World::with(true).await;
    let mut watcher = world.watch().await;
    watcher.permission.valid_until = NOW + 5;
    for second in [NOW - 60, NOW - 30, NOW + 5] {
        let (sent, _) = next_over_a_jump(&world, &mut watcher, second).await;
        assert_eq!(sent.as_deref(), Some(sse::COMMENT), "{second}");
    }
    assert_eq!(next_over_a_jump(&world, &mut watcher, NOW + 6).await.0, None);
}
