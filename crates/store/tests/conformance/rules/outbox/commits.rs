//! A change waits exactly when its commit is made, kept and to be sent.

use pinfold_core::{AppId, Revision, TimeMs, WebhookCommand};
use pinfold_store::{Commit, Life, Loaded, Scope, Shares, Version, Waiting};

use super::super::Open;
use crate::support::history::{kept_changes, life, mark_kept, origin};
use crate::support::outbox::{
    mark_unsent, mark_unsent_at, remove_sent, unsent, unsent_by, unsent_mark, waiting, waiting_by,
};
use crate::support::{NOW, account, changes, delete, load, marks, one};

pub(super) async fn suite(open: &impl Open) {
    a_change_that_is_to_be_sent_waits_with_its_time_and_content(open).await;
    a_change_that_is_not_to_be_sent_or_not_kept_does_not_wait(open).await;
    a_lost_race_leaves_nothing_waiting(open).await;
    changes_that_build_on_each_other_before_they_are_durable_all_wait(open).await;
    a_deletion_hides_what_waits_and_the_account_of_the_same_name_begins_anew(open).await;
    accounts_of_version_0_1_0_share_a_life_and_wait_each_for_itself(open).await;
}

async fn a_change_that_is_to_be_sent_waits_with_its_time_and_content(open: &impl Open) {
    let backend = open("waits").await;
    let alice = account(1, "alice");
    let first = mark_unsent_at(&*backend, &alice, 1, 7001).await;
    let second = mark_unsent_at(&*backend, &alice, 2, 7002).await;
    let read = unsent_by(&*backend, &alice, 9).await;
    let contents: Vec<_> = read.iter().map(|unsent| unsent.change.clone().unwrap()).collect();
    assert_eq!(contents, [first, second]);
    assert_eq!(read.iter().map(|unsent| unsent.at.0).collect::<Vec<_>>(), [7001, 7002]);
    let life = life(&*backend, &alice).await;
    let first = Waiting { account: alice.account, life, first: Revision(1), since: TimeMs(7001) };
    assert_eq!(waiting_by(&*backend, AppId(1), Shares::ALL, 9).await, [first]);
    assert_eq!(waiting(&*backend, 2).await, []);
}

async fn a_change_that_is_not_to_be_sent_or_not_kept_does_not_wait(open: &impl Open) {
    let backend = open("does not wait").await;
    let (alice, told, unwanted) = (account(1, "alice"), account(1, "told"), account(1, "unwanted"));
    mark_kept(&*backend, &alice, 1).await;
    let mark = |state: &_| {
        changes(state, |draft| {
            draft.arrange(&one("bob"), marks(1));
            Ok(())
        })
    };
    for (account, keep, command) in
        [(&told, false, WebhookCommand::ContactMark), (&unwanted, true, WebhookCommand::ContactTop)]
    {
        let Loaded { version, state, .. } = load(&*backend, account).await;
        let mut changes = mark(&state);
        changes.record(&state, &origin(), keep, true);
        assert!(changes.change.is_some());
        changes.send([command].into_iter().collect());
        backend.commit(account, version, Version::after(version), changes).await.unwrap();
    }
    assert_eq!(waiting(&*backend, 1).await, []);
    mark_unsent(&*backend, &alice, 2).await;
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 2)]);
    assert_eq!(unsent(&*backend, &alice).await, [2]);
}

async fn a_lost_race_leaves_nothing_waiting(open: &impl Open) {
    let backend = open("lost webhook").await;
    let alice = account(1, "alice");
    let base = load(&*backend, &alice).await;
    let kept = kept_changes(&base.state, |draft| draft.pin(&one("carol")));
    let late = unsent_mark(&base.state, NOW.into(), 2);
    let commit = async |changes| backend.commit(&alice, None, Version::after(None), changes).await.unwrap();
    assert_eq!((commit(kept).await, commit(late).await), (Commit::Committed, Commit::Conflict));
    assert_eq!((waiting(&*backend, 1).await, unsent(&*backend, &alice).await), (vec![], vec![]));
}

async fn changes_that_build_on_each_other_before_they_are_durable_all_wait(open: &impl Open) {
    const CHANGES: u32 = 50;
    let backend = open("webhook chain").await;
    let (alice, mut outcomes) = (account(1, "alice"), Vec::new());
    for bits in 1..=u64::from(CHANGES) {
        let (Loaded { version, state, .. }, _) = backend.latest(&alice, &Scope::All, &[]).await.unwrap();
        let changes = unsent_mark(&state, NOW.into(), bits);
        outcomes.push(backend.begin_commit(&alice, version, Version::after(version), changes).await.unwrap());
    }
    for outcome in outcomes {
        assert_eq!(outcome.await.unwrap(), Commit::Committed);
    }
    assert_eq!(unsent(&*backend, &alice).await, (1..=CHANGES).collect::<Vec<_>>());
}

async fn a_deletion_hides_what_waits_and_the_account_of_the_same_name_begins_anew(open: &impl Open) {
    let backend = open("webhook of ended life").await;
    let (alice, bob) = (account(1, "alice"), account(1, "bob"));
    for account in [&alice, &alice, &bob] {
        let revision = load(&*backend, account).await.state.head.revision;
        mark_unsent(&*backend, account, u64::from(revision) + 1).await;
    }
    delete(&*backend, &alice).await;
    assert_eq!(waiting(&*backend, 1).await, [("bob".into(), 1)]);
    assert_eq!(unsent(&*backend, &alice).await, [0; 0]);
    mark_kept(&*backend, &alice, 1).await;
    assert_eq!(unsent(&*backend, &alice).await, [0; 0], "the change of an ended life is not that of the next one");
    mark_unsent(&*backend, &alice, 2).await;
    assert_eq!(unsent(&*backend, &alice).await, [2]);
    assert_eq!(waiting(&*backend, 1).await, [("alice".into(), 2), ("bob".into(), 1)]);
}

async fn accounts_of_version_0_1_0_share_a_life_and_wait_each_for_itself(open: &impl Open) {
    let backend = open("webhook life 0").await;
    let accounts = [account(1, "alice"), account(1, "bob"), account(2, "alice")];
    for account in &accounts {
        let state = load(&*backend, account).await.state;
        let first = unsent_mark(&state, NOW.into(), 1);
        let committed = backend.commit(account, None, Version::numbered(1), first).await.unwrap();
        assert_eq!(committed, Commit::Committed);
    }
    remove_sent(&*backend, &accounts[0], Life(0), &[1]).await;
    assert_eq!(waiting(&*backend, 1).await, [("bob".into(), 1)]);
    assert_eq!(waiting(&*backend, 2).await, [("alice".into(), 1)]);
}
