//! Commits whose answer never came: each is whole or absent, and may be made again.

use std::time::{Duration, Instant};

use pinfold_core::ConversationGroupId;
use pinfold_store::postgres::Settings;
use pinfold_store::{Commit, Scope, Store, StoreError, UpdateError, Version};

use super::proxy::{Proxy, ProxyMode};
use super::support::history::{kept_changes, revisions};
use super::support::postgres::{Server, shared};
use super::support::rules::{Caller, policy};
use super::support::{account, mark, marking, one, state};
use super::{open, short_timeouts};

/// A connection in doubt is tested for this long.
const TEST_MAX: Duration = Duration::from_millis(500);

/// A caller whose calls go by way of a proxy, and what the database itself says.
async fn caller(server: &Server, proxy: &Proxy, url: &str) -> Caller {
    let settings = short_timeouts(&proxy.url(server, url));
    Caller { store: Store::new(open(&settings).await), account: account(1, "alice"), policy: policy(100) }
}

fn is_unknown<T>(answer: &Result<T, UpdateError>) -> bool {
    matches!(answer, Err(UpdateError::Store(StoreError::Timeout)))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_answer_cut_after_the_commit_was_sent_leaves_it_whole_and_repeating_it_does_no_harm() {
    let server = shared();
    let url = server.new_schema();
    let proxy = Proxy::in_front_of(server).await;
    let alice = caller(server, &proxy, &url).await;
    let direct = open(&short_timeouts(&url)).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    for round in 0..10 {
        let group = format!("group {round}");
        let members = [one("bob"), one(&format!("peer {round}"))];
        // The load is answered; what is cut is the answer to the commit.
        let base = alice.store.backend().load(&alice.account, &Scope::All).await.unwrap();
        proxy.set(ProxyMode::CutsAnswers);
        let changes = kept_changes(&base.state, |draft| {
            let id = draft.create_conversation_group(&super::support::name(&group))?;
            for member in &members {
                draft.arrange(member, draft.arrangement(member).with_conversation_group(id));
            }
            Ok(())
        });
        let next = Version::after(base.version);
        let cut = alice.store.backend().commit(&alice.account, base.version, next, changes).await;
        assert!(matches!(cut, Err(StoreError::Timeout)), "{cut:?}");
        proxy.set(ProxyMode::Passes);
        let created = ConversationGroupId(round + 1);
        assert_eq!(alice.create(&group, &members).await.unwrap(), created, "repeating it finds the same group");
        let after = state(&*direct, &alice.account).await;
        assert_eq!(after.conversation_groups.len(), round as usize + 1);
        let inside = after.records.values().filter(|record| record.arrangement.is_in(created)).count();
        assert_eq!((inside, after.head.grouped), (2, round + 2));
        let kept = revisions(&*direct, &alice.account).await;
        assert_eq!(kept, (1..=after.head.revision).collect::<Vec<_>>(), "with its change, or without both");
    }
}

/// Is told in time, and no earlier than after `at_least`.
async fn stalls<T: std::fmt::Debug>(
    call: impl Future<Output = Result<T, StoreError>>,
    at_least: Duration,
    in_time: Duration,
) {
    let began = Instant::now();
    let answer = call.await;
    assert!(matches!(answer, Err(StoreError::Timeout)), "{answer:?}");
    let late = began.elapsed().checked_sub(at_least).expect("it waits for the answer");
    assert!(late < in_time - at_least + Duration::from_millis(500), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_stalls_is_answered_in_time_and_used_again_afterwards() {
    let server = shared();
    let url = server.new_schema();
    let proxy = Proxy::in_front_of(server).await;
    let alice = caller(server, &proxy, &url).await;
    alice.mark(one("bob"), 0, 1).await.unwrap();
    let backend = alice.store.backend();
    // A connection for each of the calls.
    let load = || backend.load(&alice.account, &Scope::All);
    let (base, ..) = tokio::join!(load(), load(), load());
    let base = base.unwrap();
    proxy.set(ProxyMode::Stalls);
    let Settings { statement_max, connect_max, .. } = short_timeouts("postgres://me@h/db");
    stalls(load(), statement_max, statement_max).await;
    // The others are tested, and a new connection is made in place of those that do not answer.
    let (at_least, in_time) = (TEST_MAX.min(connect_max), TEST_MAX + connect_max);
    let changes = marking(&base.state, &one("late"), 1);
    let late = backend.commit(&alice.account, base.version, Version::after(base.version), changes);
    stalls(late, at_least, in_time).await;
    stalls(backend.health(), at_least, in_time).await;
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
    proxy.set(ProxyMode::Passes);
    let recovered = alice.mark(one("dave"), 0, 1).await;
    assert!(recovered.is_ok(), "{recovered:?}");
    let after = state(&*open(&short_timeouts(&url)).await, &alice.account).await;
    assert_eq!(after.head.marked as usize, after.records.len());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn connections_that_are_reset_are_replaced_and_a_database_out_of_reach_is_an_error() {
    let server = shared();
    let url = server.new_schema();
    let proxy = Proxy::in_front_of(server).await;
    let alice = caller(server, &proxy, &url).await;
    for round in 0..3 {
        alice.mark(one("bob"), 0, 1 << round).await.unwrap();
        proxy.set(ProxyMode::Resets);
        let unreachable = alice.mark(one("carol"), 0, 1).await;
        assert!(matches!(unreachable, Err(UpdateError::Store(StoreError::Timeout))), "{unreachable:?}");
        assert!(alice.store.backend().health().await.is_err());
        proxy.set(ProxyMode::Passes);
    }
    alice.mark(one("carol"), 0, 1).await.unwrap();
    let after = state(&*open(&short_timeouts(&url)).await, &alice.account).await;
    assert_eq!((after.head.marked, after.arrangement(&one("bob")).standard.0), (2, 7));
}

/// As a coordinator answers whose worker does not tell, and a server whose disk does not.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_internal_error_during_a_commit_leaves_its_outcome_unknown() {
    let (server, url) = (shared(), shared().new_schema());
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let store = Store::new(open(&short_timeouts(&url)).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    for code in ["XX000", "58030", "40003"] {
        server.psql(&format!(
            "CREATE OR REPLACE FUNCTION {schema}.lost() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'the worker does not answer' USING ERRCODE = '{code}'; END $$; \
             DROP TRIGGER IF EXISTS lost ON {schema}.pinfold_accounts; \
             CREATE TRIGGER lost BEFORE INSERT ON {schema}.pinfold_accounts EXECUTE FUNCTION {schema}.lost()"
        ));
        let answer = alice.mark(one("carol"), 0, 1).await;
        assert!(is_unknown(&answer), "{code}: {answer:?}");
    }
    server.psql(&format!("DROP TRIGGER lost ON {schema}.pinfold_accounts"));
    alice.mark(one("carol"), 0, 1).await.unwrap();
}

/// A statement that guards itself can stop only by an error, which the database logs. The function says no.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it reads the log of its server, so PostgreSQL must be installed here")]
async fn a_commit_that_comes_second_changes_nothing_and_is_no_error_in_the_log_of_the_database() {
    let server = Server::start(&["-c", "fsync=off"]);
    let backend = open(&short_timeouts(&server.new_schema())).await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    let before = state(&*backend, &alice).await;
    for base in [None, Some(Version::after(None))] {
        let changes = marking(&before, &one("carol"), 1);
        let second = backend.commit(&alice, base, Version::after(base), changes).await.unwrap();
        assert_eq!((second, state(&*backend, &alice).await), (Commit::Conflict, before.clone()));
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// A coordinator that was killed between the two phases leaves such a lock.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn a_head_locked_by_a_prepared_transaction_is_unknown_in_time_and_read_rightly_before_and_after() {
    let server = Server::start(&["-c", "fsync=off", "-c", "max_prepared_transactions=2"]);
    let url = server.new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let store = Store::new(open(&short_timeouts(&url)).await);
    let alice = Caller { store, account: account(1, "alice"), policy: policy(100) };
    alice.mark(one("bob"), 0, 1).await.unwrap();
    for (end, nick) in [("ROLLBACK", ""), ("COMMIT", "Al")] {
        server.psql(&format!(
            "BEGIN; UPDATE {schema}.pinfold_accounts SET version = version + 1, nick = 'Al' WHERE kind = 0; \
             PREPARE TRANSACTION 'in doubt'"
        ));
        let answer = alice.mark(one(&format!("peer {end}")), 0, 1).await;
        assert!(is_unknown(&answer), "{answer:?}");
        let before = state(alice.store.backend(), &alice.account).await;
        assert_eq!((before.profile.nick.as_str(), before.records.len()), ("", 1));
        server.psql(&format!("{end} PREPARED 'in doubt'"));
        let after = state(alice.store.backend(), &alice.account).await;
        assert_eq!((after.profile.nick.as_str(), after.records.len()), (nick, 1));
    }
    alice.mark(one("carol"), 0, 1).await.unwrap();
}
