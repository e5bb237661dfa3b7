//! How often a call travels to the database, and that what this instance remembers is never told unasked.

use std::sync::Arc;

use pinfold_core::{AppPolicy, ChatGroup, ChatGroupKind, Conversation, Refusal, Registration, Timestamp};
use pinfold_store::postgres::Settings;
use pinfold_store::{AccountKey, Backend, Commit, Store, UpdateError};

use super::proxy::{Proxy, ProxyMode};
use super::recents::{group_message, message};
use super::support::history::revisions;
use super::support::postgres::shared;
use super::support::rules::{Caller, policy};
use super::support::{account, chat_group, chat_group_id, edit, load, one, state};
use super::{open, short_timeouts};

const APP: pinfold_core::AppId = pinfold_core::AppId(1);

/// An app whose registers must know everybody.
fn strict() -> AppPolicy {
    AppPolicy { accounts: Registration::Imported, chat_groups: Registration::Imported, ..policy(100) }
}

fn caller(backend: &Arc<dyn Backend>, name: &str, policy: AppPolicy) -> Caller {
    Caller { store: Store::new(Arc::clone(backend)), account: account(1, name), policy }
}

async fn import(backend: &dyn Backend, account: &AccountKey) {
    edit(backend, account, |draft| {
        draft.import(Default::default());
        Ok(())
    })
    .await;
}

async fn register(backend: &dyn Backend) {
    import(backend, &account(1, "bob")).await;
    let team = ChatGroup {
        kind: ChatGroupKind::Public,
        name: "team".into(),
        owner: None,
        created_at: Timestamp(7),
        destroyed: false,
    };
    let registered = backend.put_chat_group(APP, &chat_group_id("team"), None, &team).await.unwrap();
    assert_eq!(registered, Commit::Committed);
}

/// Round trips of each of the first five marks of an account, and of a read.
async fn counted(proxy: &Proxy, caller: &Caller, conversations: &[Conversation]) -> ([usize; 5], usize) {
    if caller.policy.accounts == Registration::Imported {
        import(caller.store.backend(), &caller.account).await;
    }
    let mut marks = [0; 5];
    for (n, mark) in marks.iter_mut().enumerate() {
        proxy.round_trips();
        let results = caller.mark_many(conversations, 0, 1 << n).await.unwrap();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        *mark = proxy.round_trips();
    }
    load(caller.store.backend(), &caller.account).await;
    let read = proxy.round_trips();
    assert_eq!(revisions(caller.store.backend(), &caller.account).await.len(), 5, "each mark is kept");
    (marks, read)
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_mark_is_at_most_two_round_trips_whatever_the_registers_are_asked_and_a_read_is_one() {
    let proxy = Proxy::in_front_of(shared()).await;
    for (prepared_statements, copies_bytes_max) in [(true, 1 << 20), (true, 0), (false, 1 << 20), (false, 0)] {
        let url = proxy.url(shared(), &shared().new_schema());
        let settings = Settings { prepared_statements, copies_bytes_max, connections_max: 1, ..short_timeouts(&url) };
        let backend = open(&settings).await;
        register(&*backend).await;
        proxy.set(ProxyMode::Delays);
        let both = [one("bob"), chat_group("team")];
        for (name, policy, conversations) in [
            ("any", policy(100), &both[..1]),
            ("imported", strict(), &both[..1]),
            ("in a chat group", policy(100), &both[1..]),
            ("both", strict(), &both),
        ] {
            // Each statement is prepared when it is needed first.
            counted(&proxy, &caller(&backend, &format!("{name}, before"), policy.clone()), conversations).await;
            let (marks, read) = counted(&proxy, &caller(&backend, name, policy), conversations).await;
            // A copy that was confirmed is built on without a load. With registers to be asked that saves none.
            let last = if copies_bytes_max > 0 && name == "any" { 1 } else { 2 };
            assert_eq!((marks, read), ([2, 2, 2, 2, last], 1), "{name}, prepared: {prepared_statements}");
        }
        proxy.set(ProxyMode::Passes);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_touch_is_one_round_trip_for_all_accounts_and_one_for_each_row_that_it_writes() {
    let proxy = Proxy::in_front_of(shared()).await;
    for prepared_statements in [true, false] {
        let url = proxy.url(shared(), &shared().new_schema());
        // Over one connection the writes, which go at once otherwise, are counted one by one.
        let settings = Settings { prepared_statements, connections_max: 1, ..short_timeouts(&url) };
        let backend = open(&settings).await;
        for name in ["alice", "bob"] {
            import(&*backend, &account(1, name)).await;
        }
        backend.touch(APP, &message(1)).await.unwrap();
        proxy.set(ProxyMode::Delays);
        for touches in [message(2), message(2), message(1), group_message(2), group_message(3)] {
            proxy.round_trips();
            backend.touch(APP, &touches).await.unwrap();
            assert_eq!(proxy.round_trips(), 3, "{touches:?}, prepared: {prepared_statements}");
        }
        proxy.set(ProxyMode::Passes);
    }
}

/// Two instances. The first one has a copy of alice on which it builds without asking; it has bob marked with 1.
async fn instances(max: usize) -> (Caller, Caller) {
    let url = shared().new_schema();
    let (first, second) = (open(&short_timeouts(&url)).await, open(&short_timeouts(&url)).await);
    let (first, second) = (caller(&first, "alice", policy(max)), caller(&second, "alice", policy(max)));
    for bits in [2, 4, 8, 1] {
        first.mark(one("bob"), 15, bits).await.unwrap();
    }
    (first, second)
}

async fn bits(caller: &Caller) -> u64 {
    state(caller.store.backend(), &caller.account).await.arrangement(&one("bob")).standard.0
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_read_shows_what_another_instance_committed() {
    let (first, second) = instances(100).await;
    for round in 1..10 {
        second.mark(one("bob"), u64::MAX, round << 8).await.unwrap();
        assert_eq!(bits(&first).await, round << 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_change_builds_on_what_another_instance_committed() {
    let (first, second) = instances(100).await;
    for round in 4..20 {
        second.mark(one("bob"), 0, 1 << round).await.unwrap();
        first.mark(one("bob"), 0, 1 << (round + 20)).await.unwrap();
        assert_eq!((bits(&first).await, bits(&second).await.count_ones()), (bits(&second).await, 2 * (round - 3) + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn that_nothing_changes_is_not_told_from_an_old_copy() {
    let (first, second) = instances(100).await;
    second.mark(one("bob"), 1, 16).await.unwrap();
    first.mark(one("bob"), 0, 1).await.unwrap();
    assert_eq!(bits(&second).await, 17);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_refusal_is_not_told_from_an_old_copy() {
    let (first, second) = instances(1).await;
    second.mark(one("bob"), 1, 0).await.unwrap();
    first.mark(one("carol"), 0, 1).await.unwrap();
    let refused = second.mark(one("bob"), 0, 1).await;
    assert!(matches!(refused, Err(UpdateError::Refused(Refusal::ConversationsFull { .. }))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_that_another_instance_deleted_is_gone() {
    let (first, second) = instances(100).await;
    second.delete_account().await.unwrap();
    first.mark(one("carol"), 0, 1).await.unwrap();
    let after = state(second.store.backend(), &second.account).await;
    assert_eq!((after.records.len(), after.head.marked, after.head.last_change.0), (1, 1, 1));
}
