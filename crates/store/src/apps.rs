//! All that is kept for one app, for apps that the configuration does not have any more.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use pinfold_core::{AppId, ChatGroupSeq, StateDiff};

use crate::{AccountKey, Backend, Commit, Scope, StoreError, SweepStep, Version};

/// Apps that are asked for at a time.
const APPS: usize = 64;
/// Accounts that are removed together, and chat groups; what is between two of these steps is whole.
const BATCH: usize = 256;
/// Accounts that are counted at a time.
const COUNTED: usize = 4096;
/// Rows that one step of a sweep looks at.
const SWEPT: usize = 4096;
/// How often the accounts of an app are gone through. Each time all of them are removed, unless others write some.
const PASSES_MAX: usize = 8;

/// What is kept for an app, as far as it was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptOfApp {
    /// The app.
    pub app: AppId,
    /// Its accounts; the number that was asked for at most if there may be more.
    pub accounts: u64,
    /// Its chat groups that are not destroyed.
    pub chat_groups: u64,
}

/// How much of an app was removed, or would be. Entries, the history and unsent changes go with their account, and times of
/// chat groups with the chat groups: none of them is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedOfApp {
    /// Accounts.
    pub accounts: u64,
    /// Chat groups, destroyed ones too.
    pub chat_groups: u64,
}

/// Apps that something is kept for and that are not among these: the first `apps_max` of them, with their accounts
/// counted up to `accounts_max`.
///
/// # Errors
/// What the store says.
pub async fn apps_besides(
    backend: &dyn Backend,
    known: &BTreeSet<AppId>,
    apps_max: usize,
    accounts_max: usize,
) -> Result<Vec<KeptOfApp>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let apps = backend.list_apps(after, APPS).await?;
        let Some(last) = apps.last() else { return Ok(found) };
        after = Some(*last);
        for app in apps.into_iter().filter(|app| !known.contains(app)) {
            if found.len() == apps_max {
                return Ok(found);
            }
            let accounts = backend.list_accounts(Some(app), None, accounts_max).await?.len() as u64;
            let chat_groups = backend.list_chat_groups(app, ChatGroupSeq::default(), 0).await?.live;
            found.push(KeptOfApp { app, accounts, chat_groups });
        }
    }
}

/// Counts all that is kept for an app; `None` if there is nothing, not even the time of a chat group.
///
/// # Errors
/// What the store says.
pub async fn count_app(
    backend: &dyn Backend,
    app: AppId,
    mut progress: impl FnMut(&RemovedOfApp),
) -> Result<Option<RemovedOfApp>, StoreError> {
    let before = app.0.checked_sub(1).map(AppId);
    if backend.list_apps(before, 1).await?.first() != Some(&app) {
        return Ok(None);
    }
    let mut counted = RemovedOfApp::default();
    let mut after: Option<AccountKey> = None;
    loop {
        let accounts = backend.list_accounts(Some(app), after.as_ref(), COUNTED).await?;
        counted.accounts += accounts.len() as u64;
        progress(&counted);
        after = accounts.into_iter().last();
        if after.is_none() {
            break;
        }
    }
    let mut after = ChatGroupSeq::default();
    loop {
        let chat_groups = backend.list_chat_groups(app, after, BATCH).await?.page;
        counted.chat_groups += chat_groups.len() as u64;
        progress(&counted);
        match chat_groups.last() {
            Some(last) => after = last.seq,
            None => return Ok(Some(counted)),
        }
    }
}

/// Removes all that is kept for an app, in steps that are durable one by one: after an interruption it continues where
/// it was. For an app that no call uses any more.
///
/// # Errors
/// What the store says, or [`StoreError::Failed`] if others go on writing.
pub async fn drop_app(
    backend: &dyn Backend,
    app: AppId,
    mut progress: impl FnMut(&RemovedOfApp),
) -> Result<RemovedOfApp, StoreError> {
    // First: an app that nothing but a pause is kept for would not be found after an interruption.
    backend.forget_webhook(app).await?;
    let mut removed = RemovedOfApp::default();
    let mut passes = 0;
    while drop_accounts(backend, app, &mut removed, &mut progress).await? {
        passes += 1;
        if passes == PASSES_MAX {
            return Err(StoreError::Failed(format!("app {} is still written to by others", app.0)));
        }
    }
    sweep(backend, app, || progress(&removed)).await?;
    loop {
        let chat_groups = backend.forget_chat_groups(app, BATCH).await?;
        removed.chat_groups += chat_groups;
        progress(&removed);
        if chat_groups == 0 {
            return Ok(removed);
        }
    }
}

/// Removes the accounts of an app in one pass. Whether there were any.
async fn drop_accounts(
    backend: &dyn Backend,
    app: AppId,
    removed: &mut RemovedOfApp,
    progress: &mut impl FnMut(&RemovedOfApp),
) -> Result<bool, StoreError> {
    let mut after: Option<AccountKey> = None;
    loop {
        // On from the last one: what was removed before it still takes time to step over.
        let accounts = backend.list_accounts(Some(app), after.as_ref(), BATCH).await?;
        let Some(last) = accounts.last().cloned() else { return Ok(after.is_some()) };
        let removals = accounts.into_iter().map(|account| remove(backend, account));
        let together = backend.commits_at_once_max().min(BATCH);
        let gone: Vec<bool> = stream::iter(removals).buffered(together).try_collect().await?;
        removed.accounts += gone.into_iter().filter(|gone| *gone).count() as u64;
        progress(removed);
        after = Some(last);
    }
}

/// What lives that have ended leave behind, to be swept.
#[derive(Clone, Copy)]
enum Beside {
    Entries,
    Changes,
    Unsent,
}

/// Removes what accounts of an app left behind, with that of the apps before it.
async fn sweep(backend: &dyn Backend, app: AppId, mut progress: impl FnMut()) -> Result<(), StoreError> {
    for beside in [Beside::Entries, Beside::Changes, Beside::Unsent] {
        let mut after: Option<AccountKey> = None;
        loop {
            after = sweep_step(backend, beside, after.as_ref()).await?.last;
            progress();
            if after.as_ref().is_none_or(|last| last.app > app) {
                break;
            }
        }
    }
    Ok(())
}

async fn sweep_step(
    backend: &dyn Backend,
    beside: Beside,
    after: Option<&AccountKey>,
) -> Result<SweepStep, StoreError> {
    match beside {
        Beside::Entries => backend.sweep(after, SWEPT).await,
        Beside::Changes => backend.sweep_changes(after, SWEPT, &BTreeMap::new()).await,
        Beside::Unsent => Ok(backend.sweep_unsent(after, SWEPT, &BTreeMap::new()).await?.step),
    }
}

/// Removes an account; false if it was changed meanwhile.
async fn remove(backend: &dyn Backend, account: AccountKey) -> Result<bool, StoreError> {
    let base = backend.load(&account, &Scope::Head).await?.version;
    let everything = StateDiff::default();
    Ok(backend.commit(&account, base, Version::after(base), everything).await? == Commit::Committed)
}
