//! From a store to a dump.

use std::collections::BTreeSet;
use std::io::Write;

use futures_util::{StreamExt as _, stream};
use pinfold_core::AppId;

use super::{ExportError, Moved, Writer};
use crate::{AccountKey, Backend, Scope, Serial, StoreError};

/// Accounts and chat groups that are listed at a time.
const PAGE: usize = 256;
/// Accounts that are read at the same time, and so held in memory.
const READ_AHEAD: usize = 32;

/// Writes everything the store keeps, and the end of the dump.
///
/// A backend does not list its apps: chat groups are those of `apps` and of every app that has an account. Each
/// account is as it was at one instant; an account that changes meanwhile is in the dump as it was or as it is.
///
/// # Errors
/// [`ExportError`]; what was written until then has no end, so that nobody takes it for a dump.
pub async fn export<W: Write>(
    backend: &dyn Backend,
    apps: &BTreeSet<AppId>,
    mut writer: Writer<W>,
    mut progress: impl FnMut(&Moved),
) -> Result<(W, Moved), ExportError> {
    let mut moved = Moved { accounts: writer.accounts(), bytes: writer.bytes(), ..Moved::default() };
    let mut after = writer.goes_on_behind();
    loop {
        let page = backend.accounts_after(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        let load = |account: AccountKey| async move { (backend.load(&account, &Scope::All).await, account) };
        let mut loads = stream::iter(page).map(load).buffered(READ_AHEAD);
        while let Some((loaded, account)) = loads.next().await {
            let loaded = loaded?;
            // Deleted since it was listed.
            if loaded.version.is_none() {
                continue;
            }
            writer.account(&account, &loaded.state)?;
            moved.accounts = writer.accounts();
            moved.bytes = writer.bytes();
            progress(&moved);
        }
    }
    for app in apps | &writer.apps().clone() {
        chat_groups(backend, app, &mut writer, &mut moved, &mut progress).await?;
    }
    Ok((writer.end()?, moved))
}

async fn chat_groups<W: Write>(
    backend: &dyn Backend,
    app: AppId,
    writer: &mut Writer<W>,
    moved: &mut Moved,
    progress: &mut impl FnMut(&Moved),
) -> Result<(), ExportError> {
    let mut after = Serial(0);
    loop {
        let page = backend.chat_groups_after(app, after, PAGE).await?;
        let Some((last, _, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (serial, id, chat_group) in &page {
            writer.chat_group(app, *serial, id, chat_group)?;
        }
        moved.chat_groups += page.len() as u64;
        moved.bytes = writer.bytes();
        progress(moved);
    }
}

/// How many accounts there are, by a walk over their names; for the time that an export will take.
///
/// # Errors
/// What the backend says.
pub async fn count_accounts(backend: &dyn Backend) -> Result<u64, StoreError> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = backend.accounts_after(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = Some(last.clone());
        count += page.len() as u64;
    }
}
