//! Rows of entries of recent conversations. A key begins with the life that the entry belongs to.

use pinfold_core::{Conversation, RecentEntry, Timestamp};
use tokio_postgres::Row;

use super::columns::{column, number};
use super::statements::kind;
use super::{rows, written};
use crate::{Life, StoreError};

/// Bytes of a life in a key.
const LIFE_BYTES: usize = 16;

/// Kind and key of an entry.
pub(super) fn key_of(life: Life, conversation: &Conversation) -> (i16, String) {
    let (kind, peer) = written::key_of(conversation, kind::ENTRY_ONE_TO_ONE, kind::ENTRY_CHAT_GROUP);
    (kind, prefix(life) + &peer)
}

/// What all keys of a life begin with.
pub(super) fn prefix(life: Life) -> String {
    format!("{:0LIFE_BYTES$x}", life.0)
}

/// The entry of a row whose first columns are kind, key and time, and its life.
pub(super) fn decode(row: &Row) -> Result<(Life, RecentEntry), StoreError> {
    let (kind, key): (i16, &str) = (column(row, 0)?, column(row, 1)?);
    let (life, peer) = split(key).ok_or_else(|| StoreError::Damaged("an entry has no life".into()))?;
    let conversation = rows::conversation(kind == kind::ENTRY_CHAT_GROUP, peer)?;
    Ok((life, RecentEntry { conversation, at: Timestamp(number(row, 2)?) }))
}

/// The life that a key begins with, and what follows.
pub(super) fn split(key: &str) -> Option<(Life, &str)> {
    let (life, peer) = key.split_at_checked(LIFE_BYTES)?;
    Some((Life(u64::from_str_radix(life, 16).ok()?), peer))
}

#[cfg(test)]
mod tests {
    use pinfold_core::AccountId;

    use super::*;

    #[test]
    fn a_key_is_the_life_in_sixteen_digits_and_the_peer() {
        let bob = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        for (life, key) in
            [(0, "0000000000000000bob"), (0xABC, "0000000000000abcbob"), (u64::MAX, "ffffffffffffffffbob")]
        {
            assert_eq!(key_of(Life(life), &bob), (kind::ENTRY_ONE_TO_ONE, key.to_owned()));
            assert_eq!(split(key), Some((Life(life), "bob")));
        }
        assert_eq!((split("abcbob"), split("000000000000000工bob")), (None, None));
    }
}
