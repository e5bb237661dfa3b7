//! Rows of changes that wait to be sent, and of apps whose sending is paused; `keys` lists their keys with all others.

use pinfold_core::{AppId, HistoryChange, Revision, TimeMs};

use super::rows::Write;
use super::{history, lives, values};
use crate::{AccountKey, Life, StoreError};

pub(crate) const UNSENT: u8 = b'o';
pub(crate) const PAUSED: u8 = b'w';

/// The prefix of the keys of all unsent changes of one life of an account, and of no other row.
pub(crate) fn unsent_of(account: &AccountKey, life: Life) -> Vec<u8> {
    lives::prefix(UNSENT, account, life)
}

/// The key of an unsent change.
pub(crate) fn unsent(account: &AccountKey, life: Life, revision: Revision) -> Vec<u8> {
    history::numbered(UNSENT, account, life, revision)
}

/// The row of a change that is to be sent.
pub(crate) fn row(account: &AccountKey, life: Life, change: &HistoryChange) -> Write {
    (unsent(account, life, change.revision).into(), Some(values::encode(&change.at.0).into()))
}

/// When an unsent change was made, by the value of its row.
pub(crate) fn decode(value: &[u8]) -> Result<TimeMs, StoreError> {
    values::decode("time of an unsent change", value).map(TimeMs)
}

/// As [`decode`]. One whose time cannot be read is not given up for its age.
pub(crate) fn time(value: &[u8]) -> TimeMs {
    decode(value).unwrap_or(TimeMs(u64::MAX))
}

/// The key that tells that an app is paused.
pub(crate) fn paused(app: AppId) -> Vec<u8> {
    [&[PAUSED][..], &app.0.to_be_bytes()].concat()
}

/// The value of a row whose key says all.
pub(crate) fn encode_paused() -> Vec<u8> {
    values::encode(&())
}

/// Checks the value of a row that tells that an app is paused.
pub(crate) fn decode_paused(value: &[u8]) -> Result<(), StoreError> {
    values::decode("pause", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_back_and_takes_few_bytes() {
        let bytes = values::encode(&1_750_000_000_123_u64);
        assert_eq!(decode(&bytes).unwrap(), TimeMs(1_750_000_000_123));
        assert!(bytes.len() <= 7, "{} bytes", bytes.len());
    }

    #[test]
    fn a_value_that_is_malformed_is_damage_and_never_old() {
        for value in [&b""[..], b"\x01", b"\x02\x07", b"\x01\x07\x07"] {
            assert!(decode(value).is_err(), "{value:?}");
            assert_eq!(time(value), TimeMs(u64::MAX));
        }
        assert!(decode_paused(&encode_paused()).is_ok());
        assert!(decode_paused(b"").is_err() && decode_paused(b"\x01\x01").is_err());
    }
}
