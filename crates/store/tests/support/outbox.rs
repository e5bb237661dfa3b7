//! Changes that are to be sent, and what waits.

use std::sync::Arc;

use pinfold_core::{
    AccountState, AppId, Draft, HistoryChange, PeerStatuses, Refusal, Revision, StateDiff, TimeMs, WebhookCommands,
    decide,
};
use pinfold_store::{
    AccountKey, Backend, Commit, Life, Loaded, PageBounds, SentChange, SentUpTo, Shares, Unsent, Version, Waiting,
};

use super::history::origin;
use super::{NOW, load, marks, one};

/// Pages that a test reads at most.
const PAGES_MAX: usize = 1000;

/// The changes that an edit makes to a state at a time, kept and wanted by the app's backend.
pub(crate) fn unsent_changes(
    state: &AccountState,
    at: TimeMs,
    edit: impl FnOnce(&mut Draft<'_>) -> Result<(), Refusal>,
) -> StateDiff {
    let (_, changes) = decide(state, !state.is_empty(), &PeerStatuses::default(), at, edit).unwrap();
    let mut changes = changes.expect("the edit changes something");
    changes.record(state, &origin(), true, false);
    changes.send(WebhookCommands::ALL);
    assert!(changes.unsent);
    changes
}

/// Marks a conversation with `bob`, in a change that is to be sent.
pub(crate) fn unsent_mark(state: &AccountState, at: TimeMs, bits: u64) -> StateDiff {
    unsent_changes(state, at, |draft| {
        draft.arrange(&one("bob"), marks(bits));
        Ok(())
    })
}

/// Commits one mark of a conversation with `bob` at a time in milliseconds, to be sent; no other task may commit.
pub(crate) async fn mark_unsent_at(
    backend: &dyn Backend,
    account: &AccountKey,
    bits: u64,
    at: u64,
) -> Arc<HistoryChange> {
    let Loaded { version, state, .. } = load(backend, account).await;
    let changes = unsent_mark(&state, TimeMs(at), bits);
    let change = changes.change.clone().unwrap();
    let committed = backend.commit(account, version, Version::after(version), changes).await.unwrap();
    assert_eq!(committed, Commit::Committed);
    change
}

/// Commits one mark now, to be sent.
pub(crate) async fn mark_unsent(backend: &dyn Backend, account: &AccountKey, bits: u64) -> Arc<HistoryChange> {
    mark_unsent_at(backend, account, bits, TimeMs::from(NOW).0).await
}

/// Commits so many marks, to be sent.
pub(crate) async fn mark_unsent_times(backend: &dyn Backend, account: &AccountKey, times: u64) {
    for bits in 1..=times {
        mark_unsent(backend, account, bits).await;
    }
}

/// The unsent changes of an account, by pages of this many.
pub(crate) async fn unsent_by(backend: &dyn Backend, account: &AccountKey, count_max: usize) -> Vec<Unsent> {
    let bounds = PageBounds { count_max, bytes_max: usize::MAX };
    let (mut changes, mut after) = (Vec::<Unsent>::new(), None);
    for _ in 0..PAGES_MAX {
        let page = backend.unsent(account, after, bounds).await.unwrap();
        assert!(page.changes.len() <= count_max);
        changes.extend(page.changes);
        if page.is_last {
            return changes;
        }
        let revision = changes.last().unwrap().revision;
        after = Some(SentUpTo { life: page.life.unwrap(), revision });
    }
    panic!("the pages do not end");
}

/// The revisions of the unsent changes of an account; each must have its content.
pub(crate) async fn unsent(backend: &dyn Backend, account: &AccountKey) -> Vec<u32> {
    let changes = unsent_by(backend, account, 100).await;
    for Unsent { revision, at, change } in &changes {
        let change = change.as_ref().unwrap_or_else(|| panic!("change {revision} has no content"));
        assert_eq!((change.revision, change.at), (*revision, *at));
    }
    changes.iter().map(|change| change.revision.0).collect()
}

/// All accounts of an app that have unsent changes, by pages of this many.
pub(crate) async fn waiting_by(backend: &dyn Backend, app: AppId, shares: Shares, count_max: usize) -> Vec<Waiting> {
    let (mut waiting, mut after) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let page = backend.waiting(app, shares, after.as_ref(), count_max).await.unwrap();
        assert!(page.accounts.len() <= count_max);
        waiting.extend(page.accounts);
        after = page.last;
        if after.is_none() {
            return waiting;
        }
    }
    panic!("the pages do not end");
}

/// The accounts of an app that have unsent changes, each with its oldest one, ascending.
pub(crate) async fn waiting(backend: &dyn Backend, app: u32) -> Vec<(String, u32)> {
    let waiting = waiting_by(backend, AppId(app), Shares::ALL, 100).await;
    let mut named: Vec<_> =
        waiting.iter().map(|waiting| (waiting.account.as_str().to_owned(), waiting.first.0)).collect();
    named.sort();
    named
}

/// Removes unsent changes of a life.
pub(crate) async fn remove_sent(backend: &dyn Backend, account: &AccountKey, life: Life, revisions: &[u32]) {
    let sent = |revision: &u32| SentChange { account: account.clone(), life, revision: Revision(*revision) };
    backend.remove_sent(&revisions.iter().map(sent).collect::<Vec<_>>()).await.unwrap();
}
