//! The history in rows of its own: what reads accounts meets none of them, what ended lives left is not shown and goes, and
//! instances see each other's changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinfold_core::{AppId, HistoryChange, Revision, TimeMs};
use pinfold_store::postgres::Settings;
use pinfold_store::{
    AccountKey, Backend, ChangeRange, CommitSink, HistoryBounds, OnDamage, Position, Scope, SnapshotItem, SweepStep,
};
use tokio_postgres::NoTls;

use super::recents::{SWEEP_LOCK, schema};
use super::support::history::{EVERYTHING, change, life, mark_kept, put, revisions, stored};
use super::support::postgres::shared;
use super::support::{account, delete, mark, one};
use super::{open, short_timeouts};

/// More changes than one statement removes.
const MANY: u32 = 5000;

/// Puts changes of alice beside what is there, from revision 1 and millisecond 1 on.
fn insert(url: &str, account: &str, life: &str, changes: u32) {
    shared().psql(&format!(
        "INSERT INTO {}.pinfold_accounts (app, account, kind, key, change, changed_at, data) \
         SELECT 1, '{account}', 8, '{life}' || lpad(to_hex(n), 8, '0'), n, n, '' FROM generate_series(1, {changes}) AS n",
        schema(url)
    ));
}

fn rows_of_changes(url: &str) -> String {
    shared().psql(&format!("SELECT count(*) FROM {}.pinfold_accounts WHERE kind = 8", schema(url)))
}

/// The life of an account, as keys have it.
async fn digits(backend: &dyn Backend, account: &AccountKey) -> String {
    format!("{:016x}", life(backend, account).await.0)
}

const FIRST_LIFE: &str = "0000000000000000";
const LAST_LIFE: &str = "ffffffffffffffff";

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_reads_accounts_meets_no_change() {
    let url = shared().new_schema();
    for copies_bytes_max in [1 << 20, 0] {
        let backend = open(&Settings { copies_bytes_max, ..short_timeouts(&url) }).await;
        let alice = account(1, "alice");
        for bits in 1..=3 {
            mark_kept(&*backend, &alice, bits).await;
        }
        for scope in [Scope::All, Scope::Head, Scope::Conversations(vec![one("bob")])] {
            let loaded = backend.load(&alice, &scope).await.unwrap();
            assert!(loaded.state.records.len() <= 1, "{scope:?}");
        }
        assert_eq!(backend.list_accounts(None, None, 9).await.unwrap(), std::slice::from_ref(&alice));
        let entries = backend.entries(&alice, life(&*backend, &alice).await).await.unwrap();
        assert_eq!((entries.len(), backend.sweep(None, 100).await.unwrap().removed), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_read_may_take_more_changes_and_more_bytes_than_one_statement() {
    let backend = open(&short_timeouts(&shared().new_schema())).await;
    let alice = account(1, "alice");
    let kept: Vec<_> = (1..=600).map(|n| change(n, n.into(), (n as usize % 3) * 300)).collect();
    put(&*backend, &alice, 600, &kept).await;
    let life = life(&*backend, &alice).await;
    let weights: usize = kept[..400].iter().map(HistoryChange::weight).sum();
    let range = ChangeRange { bytes_max: weights, ..EVERYTHING };
    let read = backend.changes(&alice, life, &range).await.unwrap();
    assert!(read.iter().map(|change| &**change).eq(&kept[..400]), "{}", read.len());
    let range = ChangeRange { descending: true, count_max: 300, ..EVERYTHING };
    let read = backend.changes(&alice, life, &range).await.unwrap();
    assert!(read.iter().map(|change| &**change).eq(kept[300..].iter().rev()), "{}", read.len());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn positions_of_more_accounts_than_one_statement_asks_about_are_told() {
    const ACCOUNTS: u32 = 1005;
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    mark_kept(&*backend, &account(1, "peer 7"), 1).await;
    shared().psql(&format!(
        "INSERT INTO {0}.pinfold_accounts (app, account, kind, key, revision, imported) \
         SELECT 1, 'peer ' || n, 0, '', n, n % 2 = 0 FROM generate_series(0, {ACCOUNTS} - 1) AS n WHERE n <> 7",
        schema(&url)
    ));
    for asked in [1, 8, 9, ACCOUNTS] {
        let asked: Vec<_> = (0..asked).map(|n| account(1, &format!("peer {n}"))).collect();
        let told = backend.positions(&asked).await.unwrap();
        let told: Vec<_> = told.into_iter().map(|told| told.map(|told| (told.revision.0, told.imported))).collect();
        let expected = |n: u32| Some((if n == 7 { 1 } else { n }, n.is_multiple_of(2)));
        assert!((0..).zip(&told).all(|(n, told)| *told == expected(n)), "{told:?}");
    }
}

async fn sweep(backend: &dyn Backend, after: Option<&AccountKey>, rows_max: usize, not_before: u64) -> SweepStep {
    let bounds = HistoryBounds { not_before: TimeMs(not_before), changes_max: usize::MAX, bytes_max: usize::MAX };
    let bounds = BTreeMap::from([(AppId(1), bounds)]);
    backend.sweep_changes(after, rows_max, &bounds).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn changes_of_earlier_and_later_lives_and_of_accounts_that_are_gone_are_swept() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    let alice = account(1, "alice");
    let kept = mark_kept(&*backend, &alice, 1).await;
    for gone in ["a", "alice", "alicf", "zoe"] {
        insert(&url, gone, FIRST_LIFE, 3);
        insert(&url, gone, LAST_LIFE, 2);
    }
    let other_app = format!("UPDATE {}.pinfold_accounts SET app = 7 WHERE account = 'zoe'", schema(&url));
    shared().psql(&other_app);
    assert_eq!(sweep(&*backend, None, 1000, 0).await, SweepStep { removed: 20, ..SweepStep::default() });
    assert_eq!((stored(&*backend, &alice).await, rows_of_changes(&url)), (vec![kept], "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_step_of_a_sweep_removes_a_bounded_number_of_rows_and_the_next_one_goes_on_with_the_account() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    for name in ["alice", "bob"] {
        mark_kept(&*backend, &account(1, name), 1).await;
        insert(&url, name, FIRST_LIFE, MANY);
    }
    // There is no place before the first account, so that the step ends with it.
    let first = sweep(&*backend, None, 1, 0).await;
    assert_eq!(first, SweepStep { removed: MANY.into(), last: Some(account(1, "alice")), damage: None });
    let cut = sweep(&*backend, first.last.as_ref(), 1, 0).await;
    assert!(cut.removed > 0 && cut.removed < MANY.into() && cut.last == first.last, "{cut:?}");
    let next = sweep(&*backend, cut.last.as_ref(), 1, 0).await;
    assert_eq!((cut.removed + next.removed, next.last), (MANY.into(), Some(account(1, "bob"))));
    assert_eq!(rows_of_changes(&url), "2");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_step_of_a_sweep_looks_at_a_bounded_number_of_accounts_that_are_gone() {
    const GONE: u64 = 150;
    let url = shared().new_schema();
    // A step also ends after a quarter of this.
    let backend = open(&Settings { statement_max: Duration::from_secs(60), ..short_timeouts(&url) }).await;
    mark_kept(&*backend, &account(1, "zoe"), 1).await;
    shared().psql(&format!(
        "INSERT INTO {}.pinfold_accounts (app, account, kind, key, change, changed_at, data) \
         SELECT 1, 'gone ' || lpad(n::text, 3, '0'), 8, repeat('0', 24), 0, 0, '' FROM generate_series(1, {GONE}) AS n",
        schema(&url)
    ));
    let (mut steps, mut after) = (Vec::new(), None);
    for _ in 0..9 {
        let step = sweep(&*backend, after.as_ref(), 1000, 0).await;
        steps.push(step.removed);
        after = step.last;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((&steps[..], after), (&[64, 64, 22][..], None));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn changes_from_a_clock_that_was_ahead_keep_no_older_ones() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    let alice = account(1, "alice");
    let times = (1..=MANY).map(|n| if n < MANY - 10 { 9_000_000_000_000 } else { u64::from(n) });
    let kept: Vec<_> = times.zip(1..).map(|(at, revision)| change(revision, at, 0)).collect();
    put(&*backend, &alice, MANY, &kept).await;
    let (mut removed, mut after) = (0, None);
    for _ in 0..9 {
        let step = sweep(&*backend, after.as_ref(), 1000, u64::from(MANY) - 2).await;
        (removed, after) = (removed + step.removed, step.last);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((removed, revisions(&*backend, &alice).await), (u64::from(MANY) - 3, vec![MANY - 2, MANY - 1, MANY]));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_trim_may_remove_more_than_one_statement_does() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    let alice = account(1, "alice");
    mark_kept(&*backend, &alice, 1).await;
    shared().psql(&format!("DELETE FROM {}.pinfold_accounts WHERE kind = 8", schema(&url)));
    insert(&url, "alice", &digits(&*backend, &alice).await, MANY);
    let bounds = HistoryBounds { not_before: TimeMs(0), changes_max: 10, bytes_max: usize::MAX };
    let trimmed = backend.trim_changes(&alice, life(&*backend, &alice).await, bounds).await.unwrap();
    assert_eq!((trimmed, rows_of_changes(&url)), (u64::from(MANY) - 10, "10".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_sweep_of_changes_is_left_to_the_instance_that_is_at_it() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    insert(&url, "gone", FIRST_LIFE, 2);
    let (mut other, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute(SWEEP_LOCK).await.unwrap();
    for after in [None, Some(account(1, "alice"))] {
        let left = SweepStep { last: after.clone(), ..SweepStep::default() };
        assert_eq!(sweep(&*backend, after.as_ref(), 1000, 0).await, left);
    }
    transaction.rollback().await.unwrap();
    assert_eq!(sweep(&*backend, None, 1000, 0).await.removed, 2);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_of_schema_1_keeps_its_first_change_as_the_first_of_its_history() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("bob"), 1).await;
    backend.close().await.unwrap();
    let columns = ["revision", "newest_ms", "history_from", "life"].map(|column| format!("{column} = NULL"));
    shared().psql(&format!("UPDATE {}.pinfold_accounts SET {}", schema(&url), columns.join(", ")));
    let backend = open(&short_timeouts(&url)).await;
    assert_eq!(backend.positions(std::slice::from_ref(&alice)).await.unwrap()[0].unwrap().revision, Revision(0));
    let kept = mark_kept(&*backend, &alice, 2).await;
    assert_eq!((kept.revision, stored(&*backend, &alice).await), (Revision(1), vec![kept]));
    assert_eq!(sweep(&*backend, None, 100, 0).await.removed, 0);
}

/// Listens to everything.
#[derive(Default)]
struct Sink(Mutex<Vec<u32>>);

impl CommitSink for Sink {
    fn listens(&self, _: &AccountKey) -> bool {
        true
    }

    fn committed(&self, _: &AccountKey, position: Position, _: Option<&Arc<HistoryChange>>) {
        self.0.lock().unwrap().push(position.revision.0);
    }

    fn deleted(&self, _: &AccountKey) {}
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_instance_is_told_of_its_own_commits_and_reads_those_of_another() {
    let url = shared().new_schema();
    let (first, second) = (open(&short_timeouts(&url)).await, open(&short_timeouts(&url)).await);
    let (alice, sink) = (account(1, "alice"), Arc::new(Sink::default()));
    first.tell(sink.clone());
    for bits in 1..=6 {
        mark_kept(if bits % 2 == 1 { &*first } else { &*second }, &alice, bits).await;
        let [position] = first.positions(std::slice::from_ref(&alice)).await.unwrap()[..] else { panic!() };
        assert_eq!(u64::from(position.unwrap().revision.0), bits);
    }
    assert_eq!(*sink.0.lock().unwrap(), [1, 3, 5]);
    let before = life(&*first, &alice).await;
    assert_eq!(revisions(&*first, &alice).await, [1, 2, 3, 4, 5, 6]);
    delete(&*second, &alice).await;
    assert_eq!(first.positions(std::slice::from_ref(&alice)).await.unwrap(), [None]);
    assert_eq!(first.changes(&alice, before, &EVERYTHING).await.unwrap(), []);
    mark_kept(&*second, &alice, 1).await;
    assert_eq!(first.changes(&alice, before, &EVERYTHING).await.unwrap(), []);
    assert_eq!(revisions(&*first, &alice).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_change_that_cannot_be_read_is_told_by_a_snapshot_and_no_other_is_lost() {
    let url = shared().new_schema();
    let backend = open(&short_timeouts(&url)).await;
    for name in ["alice", "bob"] {
        for bits in 1..=3 {
            mark_kept(&*backend, &account(1, name), bits).await;
        }
    }
    let damage = "SET data = '\\x09' WHERE kind = 8 AND account = 'alice' AND change = 2";
    shared().psql(&format!("UPDATE {}.pinfold_accounts {damage}", schema(&url)));
    assert!(
        backend.changes(&account(1, "alice"), life(&*backend, &account(1, "alice")).await, &EVERYTHING).await.is_err()
    );
    let mut snapshot = backend.snapshot(None, OnDamage::Skip, true).await.unwrap();
    let (mut shown, mut lost) = (0, Vec::new());
    while let Some(item) = snapshot.next().await.unwrap() {
        shown += usize::from(matches!(item, SnapshotItem::Change(..)));
        if let SnapshotItem::LostHistory(account, damage) = item {
            lost.push((account, damage.problem));
        }
    }
    let problem = "change 2: damaged data: a change has format 9, this build reads up to 1";
    assert_eq!((shown, lost), (5, vec![(account(1, "alice"), problem.to_owned())]));
}
