//! Finds entries of lives that have ended. A life that goes on takes two looks, whatever entries it has. What is damaged
//! is left where it is, so that it does not keep the sweep from what comes after it.

use std::ops::Bound;

use fjall::Slice;
use pinfold_core::Timestamp;

use super::engine::Instant;
use super::format::times;
use super::snapshot::place;
use crate::dump::name;
use crate::{AccountKey, Damage, Life, StoreError};

/// The most entries of ended lives that one look finds; an account with more needs another.
const FOUND_MAX: usize = 4096;

/// A part of a walk over all entries.
#[derive(Debug, Default)]
pub(super) struct EndedEntries {
    /// Rows of entries of lives that have ended, with the times in them.
    pub(super) rows: Vec<(Slice, Timestamp)>,
    /// The last account gone through; `None` at the end.
    pub(super) last: Option<AccountKey>,
    /// Whether that account has more of them.
    pub(super) has_more: bool,
    /// The first damage on the way.
    pub(super) damage: Option<Damage>,
}

/// Goes through the accounts after `after` until about this many rows were found or looked at.
pub(super) fn find(instant: &Instant, after: Option<&AccountKey>, rows_max: usize) -> Result<EndedEntries, StoreError> {
    let (mut found, mut looked) = (EndedEntries::default(), 0);
    let mut from = after.map_or_else(|| vec![times::ENTRIES], times::end_of_account);
    while let Some(key) = next_entry(instant, from)? {
        let (account, life) = match times::parse_entry(&key) {
            Ok((account, life, _)) => (account, life),
            Err(error) => {
                found.note(place(&key), &error);
                from = key.to_vec();
                continue;
            }
        };
        // Only between accounts, since the next step begins after one.
        if found.rows.len() + looked >= rows_max && found.last.as_ref().is_some_and(|last| *last != account) {
            return Ok(found);
        }
        found.add_if_ended(instant, &account, life)?;
        looked += 1;
        from = times::end_of_life(&account, life);
        found.last = Some(account);
        if found.rows.len() == FOUND_MAX {
            return Ok(EndedEntries { has_more: true, ..found });
        }
    }
    Ok(EndedEntries { last: None, ..found })
}

/// The key of the first entry after this key.
fn next_entry(instant: &Instant, after: Vec<u8>) -> Result<Option<Slice>, StoreError> {
    let row = instant.rows(Bound::Excluded(after)).next().transpose()?;
    Ok(row.map(|(key, _)| key).filter(|key| key.first() == Some(&times::ENTRIES)))
}

/// The life that an account has; `None` if nothing is kept for it.
pub(super) fn life_of(instant: &Instant, account: &AccountKey) -> Result<Option<Life>, StoreError> {
    Ok(instant.head(account)?.map(|(version, _)| version.life))
}

impl EndedEntries {
    fn note(&mut self, what: String, problem: &StoreError) {
        self.damage.get_or_insert_with(|| Damage::new(what, problem));
    }

    fn add_if_ended(&mut self, instant: &Instant, account: &AccountKey, life: Life) -> Result<(), StoreError> {
        match life_of(instant, account) {
            Ok(kept) if kept == Some(life) => Ok(()),
            Ok(_) => self.add(instant, account, life),
            Err(error @ StoreError::Damaged(_)) => {
                self.note(name(account), &error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn add(&mut self, instant: &Instant, account: &AccountKey, life: Life) -> Result<(), StoreError> {
        let prefix = times::entries(account, life);
        for row in instant.rows(Bound::Included(prefix.clone())) {
            let (key, at) = row?;
            if !key.starts_with(&prefix) || self.rows.len() == FOUND_MAX {
                break;
            }
            match times::decode(&at) {
                Ok(at) => self.rows.push((key, at)),
                Err(error) => self.note(place(&key), &error),
            }
        }
        Ok(())
    }
}
