//! Keys of rows that belong to one life of an account, and become unreadable with it: `kind app:u32 len:u8 account
//! life:u64`, and what names the row among those of its kind. `keys` lists them with all others.

use super::keys;
use crate::{AccountKey, Life, StoreError};

/// The prefix of the keys of all rows of this kind and life of an account, and of no other row.
pub(crate) fn prefix(kind: u8, account: &AccountKey, life: Life) -> Vec<u8> {
    let mut prefix = keys::account_prefix(account);
    prefix[0] = kind;
    prefix.extend_from_slice(&life.0.to_be_bytes());
    prefix
}

/// A key greater than those of all rows of a kind and life, and less than those of the next one.
pub(crate) fn end_of_life(kind: u8, account: &AccountKey, life: Life) -> Vec<u8> {
    let mut key = prefix(kind, account, life);
    // Conversations and revisions begin with a smaller byte.
    key.push(0xff);
    key
}

/// A key greater than those of all rows of a kind and account, and less than those of the next one.
pub(crate) fn end_of_account(kind: u8, account: &AccountKey) -> Vec<u8> {
    end_of_life(kind, account, Life(u64::MAX))
}

/// Parses the account and the life of a row, and what comes after them in its key.
pub(crate) fn parse(key: &[u8]) -> Result<(AccountKey, Life, &[u8]), StoreError> {
    let account = keys::parse_account(key)?;
    let rest = key.get(keys::account_prefix(&account).len()..).and_then(<[u8]>::split_first_chunk::<8>);
    let (life, rest) = rest.ok_or_else(|| StoreError::Damaged(format!("{key:?} is not a key of a life")))?;
    Ok((account, Life(u64::from_be_bytes(*life)), rest))
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;

    const KIND: u8 = b'e';

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    #[test]
    fn the_rows_of_a_life_are_between_its_prefix_and_its_end_and_those_of_others_are_not() {
        let (alice, life) = (account(7, "alice"), Life(9));
        let (from, until) = (prefix(KIND, &alice, life), end_of_life(KIND, &alice, life));
        let is_between = |account: &AccountKey, life| {
            [&b"\x01bob"[..], b"\x7f\xff\xff\xff"].map(|rest| {
                let key = [&prefix(KIND, account, life)[..], rest].concat();
                key > from && key < until
            })
        };
        assert_eq!(is_between(&alice, life), [true, true]);
        for (other, life) in
            [(&alice, Life(8)), (&alice, Life(10)), (&account(7, "alicf"), life), (&account(8, "a"), life)]
        {
            assert_eq!(is_between(other, life), [false, false], "{other:?}");
        }
        let end = end_of_account(KIND, &alice);
        assert!(end > until && end < prefix(KIND, &account(7, "alicf"), Life(0)));
    }

    #[test]
    fn account_and_life_are_read_back_and_a_key_without_them_is_damage() {
        for life in [Life(0), Life(u64::MAX)] {
            let key = [&prefix(KIND, &account(7, "alice"), life)[..], b"rest"].concat();
            assert_eq!(parse(&key).unwrap(), (account(7, "alice"), life, &b"rest"[..]));
            for length in 0..key.len() - 4 {
                assert!(parse(&key[..length]).is_err(), "{length} bytes");
            }
        }
    }
}
