//! Unsent changes that are to go: those of lives that have ended, and those that are too old.

use std::collections::BTreeMap;
use std::ops::Bound;

use fjall::Slice;
use pinfold_core::{AppId, Head, TimeMs};

use super::{Found, Standing, find};
use crate::embedded::engine::{Instant, Rows};
use crate::embedded::format::{history, lives, outbox};
use crate::embedded::snapshot::place;
use crate::{AccountKey, Life, StoreError};

/// The row of an unsent change.
#[derive(Debug)]
pub(in crate::embedded) struct Row {
    pub(in crate::embedded) key: Slice,
    /// Whether the account is there.
    pub(in crate::embedded) is_given_up: bool,
}

/// Finds those of the accounts after `after`.
pub(in crate::embedded) fn to_go(
    instant: &Instant,
    after: Option<&AccountKey>,
    rows_max: usize,
    not_before: &BTreeMap<AppId, TimeMs>,
) -> Result<Found<Row>, StoreError> {
    find(instant, outbox::UNSENT, after, rows_max, |found, account, life| {
        match (found.standing(instant, account, life)?, not_before.get(&account.app)) {
            (Standing::Current(head), Some(not_before)) => found.add_old(instant, account, life, &head, *not_before),
            (Standing::Ended, _) => found.add_all(instant, account, life),
            (Standing::Current(_), None) | (Standing::Unknown, _) => Ok(()),
        }
    })
}

impl Found<Row> {
    fn add_all(&mut self, instant: &Instant, account: &AccountKey, life: Life) -> Result<(), StoreError> {
        for row in of_life(instant, account, life) {
            let (key, _) = row?;
            if self.is_full() {
                break;
            }
            self.rows.push(Row { key, is_given_up: false });
        }
        Ok(())
    }

    /// Adds those made before a time, up to the first one that stays.
    fn add_old(
        &mut self,
        instant: &Instant,
        account: &AccountKey,
        life: Life,
        head: &Head,
        not_before: TimeMs,
    ) -> Result<(), StoreError> {
        for row in of_life(instant, account, life) {
            let (key, value) = row?;
            if self.is_full() {
                break;
            }
            match history::parse_change(&key).and_then(|_| outbox::decode(&value)) {
                Ok(at) if at < not_before => self.rows.push(Row { key, is_given_up: true }),
                // Of a clock that was wrong then: those after it may be too old.
                Ok(at) if at.0 > head.newest_ms => {}
                Ok(_) => break,
                Err(error) => self.note(place(&key), &error),
            }
        }
        Ok(())
    }
}

/// The rows of unsent changes of a life.
fn of_life(instant: &Instant, account: &AccountKey, life: Life) -> Rows {
    let (from, until) = (outbox::unsent_of(account, life), lives::end_of_life(outbox::UNSENT, account, life));
    instant.rows_between((Bound::Included(from), Bound::Excluded(until)))
}
