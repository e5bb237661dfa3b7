//! Looking for apps and for the accounts of one, a step an app or an account, whatever rows they have.

use pinfold_core::{AccountId, AppId};

use super::engine::Engine;
use super::format::keys;
use crate::{AccountKey, StoreError};

/// Apps above `after` with an account or a chat group, ascending.
pub(super) fn after(engine: &Engine, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
    let (mut found, mut after) = (Vec::new(), after);
    while found.len() < count_max {
        let [with_account, with_chat_group] = keys::KINDS_OF_APPS.map(|kind| next(engine, kind, after));
        let Some(app) = [with_account?, with_chat_group?].into_iter().flatten().min() else { break };
        found.push(app);
        after = Some(app);
    }
    Ok(found)
}

/// The first app above `after` with a row of this kind.
fn next(engine: &Engine, kind: u8, after: Option<AppId>) -> Result<Option<AppId>, StoreError> {
    let from = after.map_or_else(|| vec![kind], |after| keys::behind_app(kind, after));
    let row = engine.range(from, vec![kind + 1]).next().transpose()?;
    row.map(|(key, _)| keys::parse_app(&key)).transpose()
}

/// Accounts with keys between these two.
pub(super) fn accounts(
    engine: &Engine,
    mut from: Vec<u8>,
    until: &[u8],
    count_max: usize,
) -> Result<Vec<AccountKey>, StoreError> {
    let mut found = Vec::new();
    while found.len() < count_max {
        let Some(row) = engine.range(from, until.to_vec()).next() else { break };
        let account = keys::parse_account(&row?.0)?;
        from = keys::behind(&account);
        found.push(account);
    }
    Ok(found)
}

/// Accounts of an app after one.
pub(super) fn accounts_of(
    engine: &Engine,
    app: AppId,
    after: Option<AccountId>,
    count_max: usize,
) -> Result<Vec<AccountId>, StoreError> {
    let (before_all, behind_all) = keys::around_accounts(app);
    let from = after.map_or(before_all, |account| keys::behind(&AccountKey { app, account }));
    let found = accounts(engine, from, &behind_all, count_max)?;
    Ok(found.into_iter().map(|key| key.account).collect())
}
