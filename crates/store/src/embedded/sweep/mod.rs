//! Walks over the rows that lives of accounts have beside them, and finds those that are to go. A life whose rows stay
//! takes two looks, whatever rows it has. What is damaged is left where it is, so that it does not keep the walk from
//! what comes after it.

pub(super) mod changes;
pub(super) mod entries;
pub(super) mod unsent;

use std::ops::Bound;

use fjall::Slice;
use pinfold_core::Head;

use super::engine::Instant;
use super::format::{keys, lives};
use super::snapshot::place;
use crate::dump::name;
use crate::{AccountKey, Damage, Life, StoreError};

/// The most rows that one look finds; an account with more needs another.
const FOUND_MAX: usize = 4096;

/// A part of a walk over all rows of a kind.
#[derive(Debug)]
pub(super) struct Found<R> {
    /// The rows that are to go.
    pub(super) rows: Vec<R>,
    /// The last account gone through; `None` at the end.
    pub(super) last: Option<AccountKey>,
    /// Whether that account has more of them.
    pub(super) has_more: bool,
    /// The first damage on the way.
    pub(super) damage: Option<Damage>,
}

/// Goes through the accounts after `after` that have rows of this kind until about this many rows were found or looked
/// at. `add` is called for each life and adds the rows that are to go.
pub(super) fn find<R>(
    instant: &Instant,
    kind: u8,
    after: Option<&AccountKey>,
    rows_max: usize,
    mut add: impl FnMut(&mut Found<R>, &AccountKey, Life) -> Result<(), StoreError>,
) -> Result<Found<R>, StoreError> {
    let (mut found, mut looked) = (Found { rows: Vec::new(), last: None, has_more: false, damage: None }, 0);
    let mut from = after.map_or_else(|| vec![kind], |after| lives::end_of_account(kind, after));
    while let Some(key) = next_row(instant, from, kind)? {
        let (account, life) = match owner(&key) {
            Ok(owner) => owner,
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
        add(&mut found, &account, life)?;
        looked += 1;
        from = lives::end_of_life(kind, &account, life);
        found.last = Some(account);
        if found.is_full() {
            return Ok(Found { has_more: true, ..found });
        }
    }
    Ok(Found { last: None, ..found })
}

/// The key of the first row of this kind after this key.
fn next_row(instant: &Instant, after: Vec<u8>, kind: u8) -> Result<Option<Slice>, StoreError> {
    let row = instant.rows(Bound::Excluded(after)).next().transpose()?;
    Ok(row.map(|(key, _)| key).filter(|key| key.first() == Some(&kind)))
}

/// The account and the life that a row belongs to.
fn owner(key: &[u8]) -> Result<(AccountKey, Life), StoreError> {
    keys::parse_other(key)?;
    lives::parse(key).map(|(account, life, _)| (account, life))
}

/// Whether a life is current, ended, or unknown.
pub(super) enum Standing {
    /// The account has it, with this head.
    Current(Head),
    Ended,
    /// The account's head does not decode.
    Unknown,
}

impl<R> Found<R> {
    pub(super) fn note(&mut self, what: String, problem: &StoreError) {
        self.damage.get_or_insert_with(|| Damage::new(what, problem));
    }

    /// Whether what is to go next is left to another look.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= FOUND_MAX
    }

    /// Whether a life is current, ended, or unknown; a head that is damaged is noted.
    pub(super) fn standing(
        &mut self,
        instant: &Instant,
        account: &AccountKey,
        life: Life,
    ) -> Result<Standing, StoreError> {
        match instant.head(account) {
            Ok(Some((version, head))) if version.life == life => Ok(Standing::Current(head)),
            Ok(_) => Ok(Standing::Ended),
            Err(error @ StoreError::Damaged(_)) => {
                self.note(name(account), &error);
                Ok(Standing::Unknown)
            }
            Err(error) => Err(error),
        }
    }
}
