//! Finds entries of lives that have ended. A life that goes on takes two looks, whatever entries it has.

use std::ops::Bound;

use fjall::Slice;
use pinfold_core::Timestamp;

use super::engine::Instant;
use super::format::{heads, keys, times};
use crate::{AccountKey, Life, StoreError};

/// The most entries of ended lives that one look finds; an account with more needs another.
const FOUND_MAX: usize = 4096;

/// A part of a walk over all entries.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rows of entries of lives that have ended, with the times in them.
    pub(super) ended: Vec<(Slice, Timestamp)>,
    /// The last account gone through; `None` at the end.
    pub(super) last: Option<AccountKey>,
    /// Whether that account has more of them.
    pub(super) has_more: bool,
}

/// Goes through the accounts after `after` until about this many rows were found or looked at.
pub(super) fn find(instant: &Instant, after: Option<&AccountKey>, rows_max: usize) -> Result<Found, StoreError> {
    let (mut ended, mut looked, mut last) = (Vec::new(), 0, None);
    let mut from = after.map_or_else(|| vec![times::ENTRIES], times::end_of_account);
    while let Some((account, life)) = next_life(instant, from)? {
        // Only between accounts, since the next step begins after one.
        if ended.len() + looked >= rows_max && last.as_ref().is_some_and(|last| *last != account) {
            return Ok(Found { ended, last, has_more: false });
        }
        if life_of(instant, &account)? != Some(life) {
            add_entries(instant, &account, life, &mut ended)?;
        }
        looked += 1;
        from = times::end_of_life(&account, life);
        last = Some(account);
        if ended.len() == FOUND_MAX {
            return Ok(Found { ended, last, has_more: true });
        }
    }
    Ok(Found { ended, last: None, has_more: false })
}

/// The life of the first entry after this key.
fn next_life(instant: &Instant, after: Vec<u8>) -> Result<Option<(AccountKey, Life)>, StoreError> {
    let Some((key, _)) = instant.rows(Bound::Excluded(after)).next().transpose()? else { return Ok(None) };
    if key.first() != Some(&times::ENTRIES) {
        return Ok(None);
    }
    let (account, life, _) = times::parse_entry(&key)?;
    Ok(Some((account, life)))
}

/// The life that an account has; `None` if nothing is kept for it.
pub(super) fn life_of(instant: &Instant, account: &AccountKey) -> Result<Option<Life>, StoreError> {
    let head = instant.get(&keys::row(&keys::account_prefix(account), &keys::Row::Head))?;
    head.map(|head| Ok(heads::decode_head(&head)?.0.life)).transpose()
}

fn add_entries(
    instant: &Instant,
    account: &AccountKey,
    life: Life,
    ended: &mut Vec<(Slice, Timestamp)>,
) -> Result<(), StoreError> {
    let prefix = times::entries(account, life);
    for row in instant.rows(Bound::Included(prefix.clone())) {
        let (key, at) = row?;
        if !key.starts_with(&prefix) || ended.len() == FOUND_MAX {
            break;
        }
        ended.push((key, times::decode(&at)?));
    }
    Ok(())
}
