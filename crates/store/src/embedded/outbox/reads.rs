//! Reads what waits, of one instant. A row that is damaged is left out: sweeps and checks report it.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use fjall::Slice;
use pinfold_core::{AppId, HistoryChange, Revision};

use crate::embedded::engine::{Instant, Rows};
use crate::embedded::format::{history, keys, lives, outbox};
use crate::history::encoding;
use crate::outbox::share_of;
use crate::{
    AccountKey, Backlog, Life, PageBounds, SentUpTo, Shares, StoreError, Unsent, UnsentPage, Waiting, WaitingPage,
};

/// Looks that a page of waiting accounts takes for each account that it may have.
const LOOKS_PER_ACCOUNT_MAX: usize = 2;

/// Accounts of an app that have unsent changes. Finding the next one takes one look, and another one for its oldest
/// change, whatever waits.
pub(super) fn waiting(
    instant: &Instant,
    app: AppId,
    shares: Shares,
    after: Option<&AccountKey>,
    count_max: usize,
) -> Result<WaitingPage, StoreError> {
    let mut from = after.map_or_else(|| before_app(app), |after| lives::end_of_account(outbox::UNSENT, after));
    let mut page = WaitingPage::default();
    for _ in 0..count_max.saturating_mul(LOOKS_PER_ACCOUNT_MAX) {
        let Some((key, _)) = of_app(instant, app, from).next().transpose()? else {
            return Ok(WaitingPage { last: None, ..page });
        };
        let Ok(account) = keys::parse_account(&key) else {
            from = key.to_vec();
            continue;
        };
        from = lives::end_of_account(outbox::UNSENT, &account);
        if shares.contains(share_of(&account.account)) {
            page.accounts.extend(waiting_account(instant, &account)?);
        }
        page.last = Some(account.account);
        if page.accounts.len() == count_max {
            return Ok(page);
        }
    }
    Ok(page)
}

/// The account with its oldest unsent change; `None` if only lives that have ended left some.
fn waiting_account(instant: &Instant, account: &AccountKey) -> Result<Option<Waiting>, StoreError> {
    let Some(life) = life(instant, account)? else { return Ok(None) };
    let first = of_life(instant, account, life, Revision(0)).next().transpose()?;
    let waiting = |(first, row): (Revision, Slice)| Waiting {
        account: account.account.clone(),
        life,
        first,
        since: outbox::time(&row),
    };
    Ok(first.map(waiting))
}

/// The life of an account; `None` if it has none, or its head is damaged.
fn life(instant: &Instant, account: &AccountKey) -> Result<Option<Life>, StoreError> {
    match instant.head(account) {
        Ok(head) => Ok(head.map(|(version, _)| version.life)),
        Err(StoreError::Damaged(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A page of the unsent changes of an account.
pub(super) fn unsent(
    instant: &Instant,
    account: &AccountKey,
    after: Option<SentUpTo>,
    PageBounds { count_max, bytes_max }: PageBounds,
) -> Result<UnsentPage, StoreError> {
    let Some(life) = life(instant, account)? else {
        return Ok(UnsentPage { is_last: true, ..UnsentPage::default() });
    };
    let after = after.filter(|after| after.life == life).map_or(Revision(0), |after| after.revision);
    let mut rows = of_life(instant, account, life, after);
    let (mut changes, mut bytes) = (Vec::new(), 0);
    for row in rows.by_ref().take(count_max) {
        let (revision, row) = row?;
        let change = content(instant, account, life, revision)?;
        bytes += change.as_ref().map_or(0, |change| change.weight());
        changes.push(Unsent { revision, at: outbox::time(&row), change });
        if bytes >= bytes_max {
            break;
        }
    }
    let is_last = rows.next().transpose()?.is_none();
    Ok(UnsentPage { life: Some(life), changes, is_last })
}

/// A change by its row in the history; `None` if that is missing or damaged.
fn content(
    instant: &Instant,
    account: &AccountKey,
    life: Life,
    revision: Revision,
) -> Result<Option<Arc<HistoryChange>>, StoreError> {
    let row = instant.get(&history::change(account, life, revision))?;
    Ok(row.and_then(|row| encoding::decode(&account.account, revision, &row).ok()).map(Arc::new))
}

/// The oldest unsent change of a life.
pub(in crate::embedded) fn first_unsent(
    instant: &Instant,
    account: &AccountKey,
    life: Life,
) -> Result<Option<Revision>, StoreError> {
    let first = of_life(instant, account, life, Revision(0)).next().transpose()?;
    Ok(first.map(|(revision, _)| revision))
}

/// The unsent changes of a life after this one, with the values of their rows.
fn of_life(
    instant: &Instant,
    account: &AccountKey,
    life: Life,
    after: Revision,
) -> impl Iterator<Item = Result<(Revision, Slice), StoreError>> + use<> {
    let from = Bound::Excluded(outbox::unsent(account, life, after));
    let rows = instant.rows_between((from, Bound::Excluded(lives::end_of_life(outbox::UNSENT, account, life))));
    rows.filter_map(|row| match row {
        Ok((key, value)) => history::parse_change(&key).ok().map(|(_, _, revision)| Ok((revision, value))),
        Err(error) => Some(Err(error)),
    })
}

/// Counts unsent changes of an app, those of lives that have ended too.
pub(super) fn backlog(instant: &Instant, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
    let (mut backlog, mut last) = (Backlog::default(), None);
    for row in of_app(instant, app, before_app(app)).take(usize::try_from(changes_max).unwrap_or(usize::MAX)) {
        let (key, value) = row?;
        let account = keys::parse_account(&key).ok();
        backlog.count(outbox::time(&value), account.is_some() && account != last);
        last = account;
    }
    Ok(backlog)
}

/// The apps whose sending is paused.
pub(super) fn paused_apps(instant: &Instant) -> Result<BTreeSet<AppId>, StoreError> {
    let bounds = (Bound::Included(vec![outbox::PAUSED]), Bound::Excluded(vec![outbox::PAUSED + 1]));
    instant.rows_between(bounds).map(|row| keys::parse_app(&row?.0)).collect()
}

fn before_app(app: AppId) -> Vec<u8> {
    keys::around_app(outbox::UNSENT, app).0
}

/// The rows of unsent changes of an app after this key.
fn of_app(instant: &Instant, app: AppId, after: Vec<u8>) -> Rows {
    let (_, until) = keys::around_app(outbox::UNSENT, app);
    instant.rows_between((Bound::Excluded(after), Bound::Excluded(until)))
}
