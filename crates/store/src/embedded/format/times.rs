//! Rows that are a time alone: the entries of recent conversations, and the last messages in chat groups. They are
//! beside accounts, so that a change of one writes nothing else; `keys` lists their keys with all others.

use pinfold_core::{AppId, ChatGroupId, Conversation, Timestamp};

use super::{keys, lives, values};
use crate::recents::check_time;
use crate::{AccountKey, Life, StoreError};

pub(crate) const ENTRIES: u8 = b'e';
pub(crate) const CHAT_GROUP_TIMES: u8 = b't';

/// The prefix of the keys of all entries of one life of an account, and of no other row.
pub(crate) fn entries(account: &AccountKey, life: Life) -> Vec<u8> {
    lives::prefix(ENTRIES, account, life)
}

/// The prefix of the keys of all entries of the life that this row is an entry of; `None` for a row of another kind.
pub(crate) fn list_of(row: &[u8]) -> Option<&[u8]> {
    let [ENTRIES, _, _, _, _, account_len, ..] = *row else { return None };
    row.get(..1 + size_of::<AppId>() + 1 + usize::from(account_len) + size_of::<Life>())
}

/// The key of an entry.
pub(crate) fn entry(account: &AccountKey, life: Life, conversation: &Conversation) -> Vec<u8> {
    let mut key = entries(account, life);
    keys::push_conversation(&mut key, conversation);
    key
}

/// The key of the time of the last message in a chat group.
pub(crate) fn chat_group(app: AppId, id: &ChatGroupId) -> Vec<u8> {
    [&[CHAT_GROUP_TIMES][..], &app.0.to_be_bytes(), id.as_str().as_bytes()].concat()
}

/// Parses the key of an entry.
pub(crate) fn parse_entry(key: &[u8]) -> Result<(AccountKey, Life, Conversation), StoreError> {
    let damaged = || StoreError::Damaged(format!("{key:?} is not a key of an entry"));
    let (account, life, conversation) = lives::parse(key).map_err(|_| damaged())?;
    let conversation = keys::parse_conversation(conversation).ok_or_else(damaged)?;
    Ok((account, life, conversation))
}

pub(crate) fn encode(at: Timestamp) -> Vec<u8> {
    values::encode(&at.0)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Timestamp, StoreError> {
    values::decode("time of a message", bytes).map(Timestamp)
}

/// Decodes a time that is to be one that a message can have.
pub(crate) fn decode_checked(bytes: &[u8]) -> Result<Timestamp, StoreError> {
    let at = decode(bytes)?;
    check_time(at).map(|()| at).map_err(StoreError::Damaged)
}

#[cfg(test)]
mod tests {
    use pinfold_core::AccountId;

    use super::*;

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    fn conversations() -> [Conversation; 2] {
        let (bob, team) = (AccountId::parse("bob").unwrap(), ChatGroupId::parse("@TGS#1").unwrap());
        [Conversation::OneToOne(bob), Conversation::ChatGroup(team)]
    }

    #[test]
    fn a_key_of_an_entry_is_read_back_as_it_was_written() {
        for (life, conversation) in [0, u64::MAX].into_iter().zip(conversations()) {
            let key = entry(&account(7, "alice"), Life(life), &conversation);
            assert_eq!(parse_entry(&key).unwrap(), (account(7, "alice"), Life(life), conversation));
        }
    }

    #[test]
    fn the_list_of_an_entry_has_the_prefix_of_its_account_and_life_and_other_rows_have_none() {
        let (alice, [bob, _]) = (account(7, "alice"), conversations());
        let (row, prefix) = (entry(&alice, Life(9), &bob), entries(&alice, Life(9)));
        assert_eq!(list_of(&row), Some(&*prefix));
        let chat_group = chat_group(AppId(7), &ChatGroupId::parse("team").unwrap());
        for other in [&chat_group[..], &prefix[..prefix.len() - 1], b""] {
            assert_eq!(list_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_key_of_an_entry_that_is_malformed_is_damage_and_does_not_panic() {
        let key = entry(&account(7, "alice"), Life(9), &conversations()[0]);
        for length in 0..=entries(&account(7, "alice"), Life(9)).len() + 1 {
            assert!(parse_entry(&key[..length]).is_err(), "{length} bytes");
        }
        assert!(parse_entry(&[&entries(&account(7, "alice"), Life(9))[..], b"\x03bob"].concat()).is_err());
    }

    #[test]
    fn a_time_is_read_back_and_takes_few_bytes() {
        let bytes = encode(Timestamp(1_750_000_000));
        assert_eq!(decode_checked(&bytes).unwrap(), Timestamp(1_750_000_000));
        assert!(bytes.len() <= 6, "{} bytes", bytes.len());
    }

    #[test]
    fn a_time_that_no_message_can_have_is_found_where_it_is_checked() {
        for at in [0, 1 << 31, u32::MAX] {
            assert!(decode(&encode(Timestamp(at))).is_ok() && decode_checked(&encode(Timestamp(at))).is_err(), "{at}");
        }
        assert!([1, (1 << 31) - 1].into_iter().all(|at| decode_checked(&encode(Timestamp(at))).is_ok()));
    }
}
