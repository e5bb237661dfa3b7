//! The changes that the workload keeps: which they are after each commit, and which of them a trim may have removed.

use std::collections::BTreeMap;
use std::sync::Arc;

use pinfold_core::{AccountState, HistoryChange, Origin, PeerStatuses, Revision, TimeMs, Via, decide};
use pinfold_store::{AccountKey, ChangeRange, Embedded, History, HistoryBounds, Loaded, Scope, Store};

use super::outbox;
use super::workload::{account, change, deletes, now};

/// Every so many commits an account's history is trimmed to so many changes.
const TRIM_EVERY: u64 = 6;
const TRIM_TO: usize = 5;
/// Every so many commits what ended lives and switched off histories left behind is removed.
const SWEEP_EVERY: u64 = 11;
/// Of so many commits the last ones are not kept.
const KEEP_EVERY: u64 = 20;
const NOT_KEPT: u64 = 3;

/// Changes without a gap up to an account's last one; none if that was not kept.
pub(crate) type Run = Vec<Arc<HistoryChange>>;

/// Some callers are known words to the store, some are the account itself or none.
pub(crate) fn origin(id: u64) -> Origin {
    let caller = [Some(account(id).account), None, Some(account(id + 1).account)];
    let caller = caller[usize::try_from(id % 3).unwrap()].clone();
    Origin { caller, via: Via::Call, command: "mark_contact".into() }
}

/// Whether this commit's change is kept.
pub(crate) fn keeps(number: u64) -> bool {
    number % KEEP_EVERY < KEEP_EVERY - NOT_KEPT
}

/// Removes what is due after this commit, and nothing else that can be read.
pub(crate) async fn retain(store: &Store, id: u64, number: u64) -> Result<(), String> {
    let (backend, account) = (store.backend(), account(id));
    if number.is_multiple_of(TRIM_EVERY) {
        let loaded = store.read(&account, &Scope::Head).await.map_err(|error| error.to_string())?;
        let bounds = HistoryBounds { not_before: TimeMs(0), changes_max: TRIM_TO, bytes_max: usize::MAX };
        if let Some(version) = loaded.version {
            let trimmed = backend.trim_changes(&account, version.life, bounds).await;
            trimmed.map_err(|error| error.to_string())?;
        }
    }
    if number.is_multiple_of(SWEEP_EVERY) {
        backend.sweep_changes(None, usize::MAX, &BTreeMap::new()).await.map_err(|error| error.to_string())?;
        backend.sweep_unsent(None, usize::MAX, &BTreeMap::new()).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The run of an account before its first commit and after each one, as if nothing was trimmed.
pub(crate) fn runs(id: u64, commits: u64) -> Vec<Run> {
    let (mut runs, mut state, mut run) = (vec![Run::new()], AccountState::default(), Run::new());
    for number in 1..=commits {
        let rule = |draft: &mut pinfold_core::Draft<'_>| change(draft, id, number);
        let ((), changes) = decide(&state, number > 1, &PeerStatuses::default(), now(number), rule).unwrap();
        let mut changes = changes.expect("every commit changes something");
        changes.record(&state, &origin(id), keeps(number), false);
        state.apply(&changes);
        if deletes(id, number) || !keeps(number) {
            run.clear();
        }
        run.extend(changes.change);
        runs.push(run.clone());
    }
    runs
}

/// The run that the store has.
pub(crate) async fn found(store: &Embedded, account: &AccountKey, loaded: &Loaded) -> Result<Run, String> {
    let (Some(version), from @ 1..) = (loaded.version, loaded.state.head.history_from) else { return Ok(Run::new()) };
    let range = ChangeRange {
        from: Revision(from),
        until: Revision(u32::MAX),
        descending: false,
        count_max: usize::MAX,
        bytes_max: usize::MAX,
    };
    store.changes(account, version.life, &range).await.map_err(|error| error.to_string())
}

/// Whether what was found is the run that was expected without what a trim may have removed, or must have: all but the last
/// ones and what waited to be sent.
pub(crate) fn compare(found: &Run, expected: &Run) -> Result<(), String> {
    let may_stay = TRIM_TO + usize::try_from(outbox::WAITING_MAX + TRIM_EVERY).unwrap();
    let is_end = expected.ends_with(found) && found.len() >= expected.len().min(TRIM_TO) && found.len() <= may_stay;
    if is_end { Ok(()) } else { Err(format!("expected were changes {}, found are {}", told(expected), told(found))) }
}

fn told(run: &Run) -> String {
    let revisions: Vec<_> = run.iter().map(|change| change.revision.0).collect();
    format!("{revisions:?}")
}
