//! The changes that the workload has be sent: which of them wait after each commit, and after its removal of what was
//! sent.

use std::collections::BTreeSet;

use pinfold_core::{Revision, WebhookCommands};
use pinfold_store::{AccountKey, Embedded, Outbox, PageBounds, Scope, SentChange, Store};

use super::history::keeps;
use super::workload::{self, account, deletes};

/// One of so many commits is not wanted by the app's backend.
const UNWANTED_EVERY: u64 = 7;
/// Every so many commits the unsent changes of an account are removed, but for its last ones.
const SENT_EVERY: u64 = 5;
const LEFT: u32 = 2;
/// The oldest change that waits is at most so many before the last one, unless commits are not kept meanwhile.
pub(crate) const WAITING_MAX: u64 = SENT_EVERY + LEFT as u64;

/// What is wanted of this commit.
pub(crate) fn wanted(number: u64) -> WebhookCommands {
    if number.is_multiple_of(UNWANTED_EVERY) { WebhookCommands::NONE } else { WebhookCommands::ALL }
}

/// Removes what is due after this commit.
pub(crate) async fn send(store: &Store, id: u64, number: u64) -> Result<(), String> {
    if !number.is_multiple_of(SENT_EVERY) {
        return Ok(());
    }
    let (backend, account) = (store.backend(), account(id));
    let loaded = store.read(&account, &Scope::Head).await.map_err(|error| error.to_string())?;
    let Some(version) = loaded.version else { return Ok(()) };
    let last = loaded.state.head.revision.saturating_sub(LEFT);
    let sent = |revision| SentChange { account: account.clone(), life: version.life, revision: Revision(revision) };
    let sent: Vec<_> = (1..=last).map(sent).collect();
    backend.remove_sent(&sent).await.map_err(|error| error.to_string())
}

/// The revisions that wait after a commit, and after the removal that follows it.
#[derive(Clone, Default)]
pub(crate) struct Waiting {
    before: BTreeSet<u32>,
    after: BTreeSet<u32>,
}

/// What waits of an account before its first commit and after each one.
pub(crate) fn waiting(id: u64, commits: u64) -> Vec<Waiting> {
    let (mut all, mut unsent) = (vec![Waiting::default()], BTreeSet::new());
    for (number, states) in (1..).zip(workload::states(id, commits).windows(2)) {
        let [before, after] = [0, 1].map(|state| &states[state].head);
        // No backend is told of an import.
        let is_import = after.imported && !before.imported;
        let revision = after.revision;
        if deletes(id, number) {
            unsent.clear();
        } else if keeps(number) && !is_import && !wanted(number).is_empty() {
            unsent.insert(revision);
        }
        let before = unsent.clone();
        if number.is_multiple_of(SENT_EVERY) {
            unsent.retain(|unsent| *unsent > revision.saturating_sub(LEFT));
        }
        all.push(Waiting { before, after: unsent.clone() });
    }
    all
}

/// What the store has; each change must have its content.
pub(crate) async fn found(store: &Embedded, account: &AccountKey) -> Result<BTreeSet<u32>, String> {
    let everything = PageBounds { count_max: usize::MAX, bytes_max: usize::MAX };
    let page = store.unsent(account, None, everything).await.map_err(|error| error.to_string())?;
    match page.changes.iter().find(|unsent| unsent.change.is_none()) {
        Some(unsent) => Err(format!("change {} waits without its content", unsent.revision)),
        None => Ok(page.changes.iter().map(|unsent| unsent.revision.0).collect()),
    }
}

/// Whether what was found waits after a commit; with `is_acknowledged` the removal after it too has ended.
pub(crate) fn compare(found: &BTreeSet<u32>, expected: &Waiting, is_acknowledged: bool) -> Result<(), String> {
    if *found == expected.after || (!is_acknowledged && *found == expected.before) {
        return Ok(());
    }
    Err(format!("expected to wait were {:?} or then {:?}, found are {found:?}", expected.before, expected.after))
}
