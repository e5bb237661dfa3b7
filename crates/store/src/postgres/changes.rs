//! Rows of changes. A key is the life that the change belongs to and its revision, in hexadecimal digits.

use pinfold_core::{AccountId, HistoryChange, Revision, TimeMs};

use super::entries;
use crate::history::encoding;
use crate::{Life, StoreError};

/// What all keys of changes come before, those of a life after its [`entries::prefix`].
pub(super) const AFTER_KEYS: &str = "g";

/// A change as its columns have it.
pub(super) struct ChangeRow {
    pub(super) key: String,
    pub(super) revision: i64,
    pub(super) at_ms: i64,
    pub(super) data: Vec<u8>,
}

impl ChangeRow {
    pub(super) fn of(account: &AccountId, life: Life, change: &HistoryChange) -> Self {
        Self {
            key: key_of(life, change.revision),
            revision: change.revision.0.into(),
            at_ms: to_ms(change.at),
            data: encoding::encode(account, change),
        }
    }
}

/// A time as columns of milliseconds have it.
pub(super) fn to_ms(at: TimeMs) -> i64 {
    at.0.try_into().unwrap_or(i64::MAX)
}

pub(super) fn key_of(life: Life, revision: Revision) -> String {
    format!("{}{:08x}", entries::prefix(life), revision.0)
}

/// The life and the revision that a key names.
pub(super) fn split(key: &str) -> Result<(Life, Revision), StoreError> {
    let parts = entries::split(key).and_then(|(life, revision)| Some((life, u32::from_str_radix(revision, 16).ok()?)));
    let (life, revision) = parts.ok_or_else(|| StoreError::Damaged("a change has no revision".into()))?;
    Ok((life, Revision(revision)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_life_and_revision_in_digits_of_one_length_so_that_keys_ascend_with_revisions() {
        for (life, revision, key) in
            [(0, 1, "000000000000000000000001"), (0xABC, 0xFFFF_FFFF, "0000000000000abcffffffff")]
        {
            assert_eq!(key_of(Life(life), Revision(revision)), key);
            assert_eq!(split(key).unwrap(), (Life(life), Revision(revision)));
            assert!(*key < *(entries::prefix(Life(life)) + AFTER_KEYS));
        }
        for damaged in ["", "0000000000000abc", "0000000000000abc工", "00000001"] {
            assert!(split(damaged).is_err(), "{damaged}");
        }
    }
}
