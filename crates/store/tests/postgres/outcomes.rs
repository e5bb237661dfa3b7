//! Commits whose answer never came: each is whole or absent, and may be made again.

use std::time::{Duration, Instant};

use pinfold_core::ConversationGroupId;
use pinfold_store::postgres::Settings;
use pinfold_store::{Scope, Store, StoreError, UpdateError, Version};

use super::proxy::{Mood, Proxy};
use super::support::postgres::{Server, shared};
use super::support::rules::{Caller, policy};
use super::support::{account, marking, one, state};
use super::{impatient, open};

/// A caller whose calls go by way of a proxy, and what the database itself says.
async fn caller(server: &Server, proxy: &Proxy, url: &str) -> Caller {
    let settings = impatient(&proxy.url(server, url));
    Caller { store: Store::new(open(&settings).await), account: account(1, "alice"), policy: policy(100) }
}

fn is_unknown<T>(answer: &Result<T, UpdateError>) -> bool {
    matches!(answer, Err(UpdateError::Store(StoreError::Timeout)))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_answer_cut_after_the_commit_was_sent_leaves_it_whole_and_repeating_it_does_no_harm() {
    let server = shared();
    let url = server.place();
    let proxy = Proxy::before(server).await;
    let alice = caller(server, &proxy, &url).await;
    let direct = open(&impatient(&url)).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    for round in 0..10 {
        let group = format!("group {round}");
        let members = [one("bob"), one(&format!("peer {round}"))];
        // The load is answered; what is cut is the answer to the commit.
        let base = alice.store.backend().load(&alice.account, &Scope::All).await.unwrap();
        proxy.set(Mood::CutsAnswers);
        let changes = super::support::changes(&base.state, |draft| {
            let id = draft.create_conversation_group(&super::support::name(&group))?;
            for member in &members {
                draft.arrange(member, draft.arrangement(member).with_conversation_group(id));
            }
            Ok(())
        });
        let next = Version::after(base.version);
        let cut = alice.store.backend().commit(&alice.account, base.version, next, changes).await;
        assert!(matches!(cut, Err(StoreError::Timeout)), "{cut:?}");
        proxy.set(Mood::Passes);
        let created = ConversationGroupId(round + 1);
        assert_eq!(alice.create(&group, &members).await.unwrap(), created, "repeating it finds the same group");
        let after = state(&*direct, &alice.account).await;
        assert_eq!(after.conversation_groups.len(), round as usize + 1);
        let inside = after.records.values().filter(|record| record.arrangement.is_in(created)).count();
        assert_eq!((inside, after.head.grouped), (2, round + 2));
    }
}

/// Is told of the time-out of statements when that is over, not much later.
async fn stalls<T: std::fmt::Debug>(call: impl Future<Output = Result<T, StoreError>>) {
    let began = Instant::now();
    let answer = call.await;
    assert!(matches!(answer, Err(StoreError::Timeout)), "{answer:?}");
    let Settings { statement_max, .. } = impatient("postgres://me@h/db");
    let late = began.elapsed().checked_sub(statement_max).expect("it waits for the answer");
    assert!(late < Duration::from_millis(500), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_stalls_is_answered_in_time_and_used_again_afterwards() {
    let server = shared();
    let url = server.place();
    let proxy = Proxy::before(server).await;
    let alice = caller(server, &proxy, &url).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let backend = alice.store.backend();
    // A connection for each of the calls.
    let load = || backend.load(&alice.account, &Scope::All);
    let (base, ..) = tokio::join!(load(), load(), load());
    let base = base.unwrap();
    proxy.set(Mood::Stalls);
    stalls(load()).await;
    let changes = marking(&base.state, &one("late"), 1);
    stalls(backend.commit(&alice.account, base.version, Version::after(base.version), changes)).await;
    stalls(backend.health()).await;
    let began = Instant::now();
    let calls: Vec<_> = (0..12)
        .map(|n| {
            let alice = alice.clone();
            tokio::spawn(async move { alice.mark(one(&format!("peer {n}")), 0, 1).await })
        })
        .collect();
    assert!(alice.store.backend().health().await.is_err());
    for call in calls {
        // The calls of one account wait for each other, so all but the first few are still waiting.
        call.abort();
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let answer = alice.mark(one("carol"), 0, 1).await;
    assert!(is_unknown(&answer), "{answer:?}");
    proxy.set(Mood::Passes);
    let recovered = alice.mark(one("dave"), 0, 1).await;
    assert!(recovered.is_ok(), "{recovered:?}");
    let after = state(&*open(&impatient(&url)).await, &alice.account).await;
    assert_eq!(after.head.marked as usize, after.records.len());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn connections_that_are_reset_are_replaced_and_a_database_out_of_reach_is_an_error() {
    let server = shared();
    let url = server.place();
    let proxy = Proxy::before(server).await;
    let alice = caller(server, &proxy, &url).await;
    for round in 0..3 {
        alice.mark(one("bob"), 0, 1 << round).await.unwrap();
        proxy.set(Mood::Resets);
        let unreachable = alice.mark(one("carol"), 0, 1).await;
        assert!(matches!(unreachable, Err(UpdateError::Store(StoreError::Timeout))), "{unreachable:?}");
        assert!(alice.store.backend().health().await.is_err());
        proxy.set(Mood::Passes);
    }
    alice.mark(one("carol"), 0, 1).await.unwrap();
    let after = state(&*open(&impatient(&url)).await, &alice.account).await;
    assert_eq!((after.head.marked, after.arrangement(&one("bob")).standard.0), (2, 7));
}
