//! Rows of changes: the history of an account, beside it. Their values are those of every backend
//! (`crate::history::encoding`); `keys` lists their keys with all others.

use pinfold_core::{HistoryChange, Revision};

use super::lives;
use super::rows::Write;
use crate::history::encoding;
use crate::{AccountKey, Life, StoreError};

pub(crate) const CHANGES: u8 = b'h';

/// The prefix of the keys of all changes of one life of an account, and of no other row.
pub(crate) fn changes(account: &AccountKey, life: Life) -> Vec<u8> {
    lives::prefix(CHANGES, account, life)
}

/// The key of a change.
pub(crate) fn change(account: &AccountKey, life: Life, revision: Revision) -> Vec<u8> {
    numbered(CHANGES, account, life, revision)
}

/// The key of a row of this kind that a change of a life has.
pub(super) fn numbered(kind: u8, account: &AccountKey, life: Life, revision: Revision) -> Vec<u8> {
    let mut key = lives::prefix(kind, account, life);
    key.extend_from_slice(&revision.0.to_be_bytes());
    key
}

/// Parses the key of a change, or of another row that a change has.
pub(crate) fn parse_change(key: &[u8]) -> Result<(AccountKey, Life, Revision), StoreError> {
    let damaged = || StoreError::Damaged(format!("{key:?} is not a key of a change"));
    let (account, life, revision) = lives::parse(key).map_err(|_| damaged())?;
    let revision = <[u8; 4]>::try_from(revision).map_err(|_| damaged())?;
    let revision = Revision::parse(u32::from_be_bytes(revision).into()).ok_or_else(damaged)?;
    Ok((account, life, revision))
}

/// The row of a change.
pub(crate) fn row(account: &AccountKey, life: Life, change: &HistoryChange) -> Write {
    let value = encoding::encode(&account.account, change);
    (self::change(account, life, change.revision).into(), Some(value.into()))
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;

    fn alice() -> AccountKey {
        AccountKey { app: AppId(7), account: AccountId::parse("alice").unwrap() }
    }

    #[test]
    fn a_key_of_a_change_is_read_back_as_it_was_written() {
        for (life, revision) in [(Life(0), Revision(1)), (Life(u64::MAX), Revision::MAX)] {
            assert_eq!(parse_change(&change(&alice(), life, revision)).unwrap(), (alice(), life, revision));
        }
    }

    #[test]
    fn keys_of_changes_ascend_with_their_revisions_and_lie_within_their_life() {
        let keys = [1, 255, 256, Revision::MAX.0].map(|revision| change(&alice(), Life(9), Revision(revision)));
        assert!(keys.is_sorted());
        assert!(keys[0] > changes(&alice(), Life(9)) && keys[3] < lives::end_of_life(CHANGES, &alice(), Life(9)));
    }

    #[test]
    fn a_key_of_a_change_that_is_malformed_is_damage_and_does_not_panic() {
        let key = change(&alice(), Life(9), Revision(12));
        for length in 0..key.len() {
            assert!(parse_change(&key[..length]).is_err(), "{length} bytes");
        }
        assert!(parse_change(&[&key[..], b"\0"].concat()).is_err());
        for revision in [0, Revision::MAX.0 + 1] {
            assert!(parse_change(&change(&alice(), Life(9), Revision(revision))).is_err(), "{revision}");
        }
    }

    #[test]
    fn the_key_of_a_change_takes_18_bytes_beside_the_account() {
        assert_eq!(change(&alice(), Life(9), Revision(12)).len(), 18 + "alice".len());
    }
}
