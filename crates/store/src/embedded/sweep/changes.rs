//! Changes that are to go: those of lives that have ended, those before the history of their account, and those that are
//! too old.

use std::collections::BTreeMap;
use std::ops::Bound;

use fjall::Slice;
use pinfold_core::{AppId, Head, TimeMs};

use super::{FOUND_MAX, Found, Standing, find};
use crate::embedded::engine::Instant;
use crate::embedded::format::{history, lives};
use crate::embedded::outbox::reads::first_unsent;
use crate::embedded::snapshot::place;
use crate::history::encoding;
use crate::{AccountKey, HistoryBounds, Life, StoreError};

/// Finds those of the accounts after `after`.
pub(in crate::embedded) fn to_go(
    instant: &Instant,
    after: Option<&AccountKey>,
    rows_max: usize,
    bounds: &BTreeMap<AppId, HistoryBounds>,
) -> Result<Found<Slice>, StoreError> {
    find(instant, history::CHANGES, after, rows_max, |found, account, life| {
        let not_before = bounds.get(&account.app).map_or(TimeMs(0), |bounds| bounds.not_before);
        match found.standing(instant, account, life)? {
            Standing::Current(head) => found.add_changes(instant, account, life, Some(&head), not_before),
            Standing::Ended => found.add_changes(instant, account, life, None, not_before),
            Standing::Unknown => Ok(()),
        }
    })
}

/// What becomes of a change while those before it go.
enum Verdict {
    Goes,
    /// It goes if one after it goes.
    GoesAlong,
    Stays,
}

impl Found<Slice> {
    /// Adds the oldest changes of a life, up to the first one that stays.
    fn add_changes(
        &mut self,
        instant: &Instant,
        account: &AccountKey,
        life: Life,
        head: Option<&Head>,
        not_before: TimeMs,
    ) -> Result<(), StoreError> {
        let until = end_of_sent(instant, account, life, head)?;
        let mut along = Vec::new();
        for row in instant.rows_between((Bound::Included(history::changes(account, life)), Bound::Excluded(until))) {
            let (key, value) = row?;
            if self.is_full() {
                break;
            }
            match verdict(&key, &value, head, not_before) {
                Ok(Verdict::Goes) => {
                    self.rows.append(&mut along);
                    // If it is full now, changes before this one may be left, which the next look finds.
                    if !self.is_full() {
                        self.rows.push(key);
                    }
                }
                Ok(Verdict::GoesAlong) if along.len() < FOUND_MAX => along.push(key),
                Ok(Verdict::GoesAlong) => {}
                Ok(Verdict::Stays) => break,
                Err(error) => self.note(place(&key), &error),
            }
        }
        Ok(())
    }
}

/// A key after all changes of a life that need not stay: those before the oldest one that is unsent, and all of a life that
/// has ended.
fn end_of_sent(
    instant: &Instant,
    account: &AccountKey,
    life: Life,
    head: Option<&Head>,
) -> Result<Vec<u8>, StoreError> {
    let first_unsent = if head.is_some() { first_unsent(instant, account, life)? } else { None };
    Ok(match first_unsent {
        Some(first) => history::change(account, life, first),
        None => lives::end_of_life(history::CHANGES, account, life),
    })
}

/// The verdict on a change of an account that has this head; `None` if its life has ended.
fn verdict(key: &[u8], value: &[u8], head: Option<&Head>, not_before: TimeMs) -> Result<Verdict, StoreError> {
    let Some(head) = head else { return Ok(Verdict::Goes) };
    let (_, _, revision) = history::parse_change(key)?;
    if head.history_from == 0 || revision.0 < head.history_from {
        return Ok(Verdict::Goes);
    }
    let at = encoding::decode_at(value)?;
    Ok(if at < not_before {
        Verdict::Goes
    } else if at.0 > head.newest_ms {
        // Of a clock that was wrong then: the account has changed at an earlier time since.
        Verdict::GoesAlong
    } else {
        Verdict::Stays
    })
}
