//! Entries of lives that have ended.

use std::ops::Bound;

use fjall::Slice;
use pinfold_core::Timestamp;

use super::{Found, Standing, find};
use crate::embedded::engine::Instant;
use crate::embedded::format::times;
use crate::embedded::snapshot::place;
use crate::{AccountKey, Life, StoreError};

/// Finds those of the accounts after `after`, with the times in them.
pub(in crate::embedded) fn of_ended_lives(
    instant: &Instant,
    after: Option<&AccountKey>,
    rows_max: usize,
) -> Result<Found<(Slice, Timestamp)>, StoreError> {
    find(instant, times::ENTRIES, after, rows_max, |found, account, life| {
        match found.standing(instant, account, life)? {
            Standing::Ended => add(found, instant, account, life),
            Standing::Current(_) | Standing::Unknown => Ok(()),
        }
    })
}

fn add(
    found: &mut Found<(Slice, Timestamp)>,
    instant: &Instant,
    account: &AccountKey,
    life: Life,
) -> Result<(), StoreError> {
    let prefix = times::entries(account, life);
    for row in instant.rows(Bound::Included(prefix.clone())) {
        let (key, at) = row?;
        if !key.starts_with(&prefix) || found.is_full() {
            break;
        }
        match times::decode(&at) {
            Ok(at) => found.rows.push((key, at)),
            Err(error) => found.note(place(&key), &error),
        }
    }
    Ok(())
}
