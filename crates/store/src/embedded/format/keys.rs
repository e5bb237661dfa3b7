//! The keys of rows. The rows of an account are adjacent in key order.
//!
//! ```text
//! h app:u32 len:u8 account life:u64 revision:u32
//!                                     change of an account (see `history`)
//! m                                   number of the last commit
//! o app:u32 len:u8 account life:u64 revision:u32
//!                                     change of an account that waits to be sent (see `outbox`)
//! a app:u32 len:u8 account 0          head
//! a app:u32 len:u8 account 1          profile
//! a app:u32 len:u8 account 2 id:u32   conversation group
//! a app:u32 len:u8 account 3 conv     pin
//! a app:u32 len:u8 account 4 conv     record
//! a app:u32 len:u8 account 5          records that were written together (see `bulk`)
//! c app:u32                           how many chat groups there are
//! e app:u32 len:u8 account life:u64 conv
//!                                     entry of a recent conversation (see `times`)
//! g app:u32 chat group id             chat group
//! s app:u32 serial:u32                chat group id
//! t app:u32 chat group id             time of the last message in a chat group
//! w app:u32                           app whose sending is paused (see `outbox`)
//! ```
//! Numbers are big-endian. A conversation is its protocol type (1, 2) and the peer's id.

use pinfold_core::{AccountId, AppId, ChatGroupId, ChatGroupSeq, Conversation, ConversationGroupId, Revision};

use super::{history, outbox, times};
use crate::{AccountKey, Life, StoreError};

pub(crate) const LAST_COMMIT: &[u8] = b"m";
pub(crate) const ACCOUNTS: u8 = b'a';
const CHAT_GROUP_COUNTS: u8 = b'c';
const CHAT_GROUPS: u8 = b'g';
const SERIALS: u8 = b's';

/// A row of an account, as its key names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Row {
    Head,
    Profile,
    ConversationGroup(ConversationGroupId),
    Pin(Conversation),
    Record(Conversation),
    Bulk,
}

/// The prefix of the keys of all rows of an account, and of no other row.
pub(crate) fn account_prefix(key: &AccountKey) -> Vec<u8> {
    let id = key.account.as_str().as_bytes();
    let mut prefix = Vec::with_capacity(id.len() + 8);
    prefix.push(ACCOUNTS);
    prefix.extend_from_slice(&key.app.0.to_be_bytes());
    prefix.push(u8::try_from(id.len()).expect("account ids have at most 32 bytes"));
    prefix.extend_from_slice(id);
    prefix
}

/// A key greater than those of all rows of an account and less than those of the next one.
pub(crate) fn end_of_account(account: &AccountKey) -> Vec<u8> {
    let mut key = account_prefix(account);
    key.push(0xff);
    key
}

/// The prefix of the keys of all rows of one kind and app.
fn app_prefix(kind: u8, app: AppId) -> Vec<u8> {
    [&[kind][..], &app.0.to_be_bytes()].concat()
}

/// Keys before and after all rows of one kind and app.
pub(crate) fn around_app(kind: u8, app: AppId) -> (Vec<u8>, Vec<u8>) {
    (app_prefix(kind, app), end_of_app(kind, app))
}

/// Every app with data has a row of at least one of these kinds: of entries, changes or unsent changes, if its
/// accounts were deleted and what they left was not swept yet.
pub(crate) const KINDS_OF_APPS: [u8; 6] =
    [ACCOUNTS, CHAT_GROUP_COUNTS, times::ENTRIES, history::CHANGES, outbox::UNSENT, times::CHAT_GROUP_TIMES];

/// A key greater than those of all rows of one kind and app.
pub(crate) fn end_of_app(kind: u8, app: AppId) -> Vec<u8> {
    let mut key = app_prefix(kind, app);
    // Whatever follows the app in a key begins with a smaller byte.
    key.push(0xff);
    key
}

/// The app of a row of one of [`KINDS_OF_APPS`].
pub(crate) fn parse_app(key: &[u8]) -> Result<AppId, StoreError> {
    let app = key.get(1..).and_then(<[u8]>::first_chunk::<4>);
    app.map(|app| AppId(u32::from_be_bytes(*app)))
        .ok_or_else(|| StoreError::Damaged(format!("{key:?} is not a key of an app")))
}

/// The key of one row of an account.
pub(crate) fn row(prefix: &[u8], row: &Row) -> Vec<u8> {
    let mut key = Vec::with_capacity(prefix.len() + 40);
    key.extend_from_slice(prefix);
    match row {
        Row::Head => key.push(0),
        Row::Profile => key.push(1),
        Row::ConversationGroup(id) => {
            key.push(2);
            key.extend_from_slice(&id.0.to_be_bytes());
        }
        Row::Pin(conversation) => {
            key.push(3);
            push_conversation(&mut key, conversation);
        }
        Row::Record(conversation) => {
            key.push(4);
            push_conversation(&mut key, conversation);
        }
        Row::Bulk => key.push(5),
    }
    key
}

/// The key of an account's head.
pub(crate) fn head(account: &AccountKey) -> Vec<u8> {
    row(&account_prefix(account), &Row::Head)
}

pub(crate) fn serial(app: AppId, serial: ChatGroupSeq) -> Vec<u8> {
    [&[SERIALS][..], &app.0.to_be_bytes(), &serial.0.to_be_bytes()].concat()
}

pub(crate) fn chat_group(app: AppId, id: &ChatGroupId) -> Vec<u8> {
    [&[CHAT_GROUPS][..], &app.0.to_be_bytes(), id.as_str().as_bytes()].concat()
}

pub(crate) fn chat_group_count(app: AppId) -> Vec<u8> {
    [&[CHAT_GROUP_COUNTS][..], &app.0.to_be_bytes()].concat()
}

/// Parses the part of a key after the account's prefix.
pub(crate) fn parse_row(rest: &[u8]) -> Result<Row, StoreError> {
    let damaged = || StoreError::Damaged(format!("a key of an account ends in {rest:?}"));
    match rest {
        [0] => Ok(Row::Head),
        [1] => Ok(Row::Profile),
        [2, id @ ..] => {
            let id = id.try_into().map_err(|_| damaged())?;
            Ok(Row::ConversationGroup(ConversationGroupId(u32::from_be_bytes(id))))
        }
        [3, conversation @ ..] => parse_conversation(conversation).map(Row::Pin).ok_or_else(damaged),
        [4, conversation @ ..] => parse_conversation(conversation).map(Row::Record).ok_or_else(damaged),
        [5] => Ok(Row::Bulk),
        _ => Err(damaged()),
    }
}

/// Parses the account from the key of one of its rows.
pub(crate) fn parse_account(key: &[u8]) -> Result<AccountKey, StoreError> {
    let damaged = || StoreError::Damaged(format!("{key:?} is not a key of an account"));
    let (app, rest) = key.get(1..).and_then(<[u8]>::split_first_chunk::<4>).ok_or_else(damaged)?;
    let (length, rest) = rest.split_first().ok_or_else(damaged)?;
    let id = rest.get(..usize::from(*length)).and_then(|id| std::str::from_utf8(id).ok()).ok_or_else(damaged)?;
    let account = AccountId::parse(id).map_err(|_| damaged())?;
    Ok(AccountKey { app: AppId(u32::from_be_bytes(*app)), account })
}

/// A row that is none of those of accounts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Other {
    LastCommit,
    Count(AppId),
    Entry(AccountKey, Life, Conversation),
    Change(AccountKey, Life, Revision),
    Unsent(AccountKey, Life, Revision),
    Paused(AppId),
    ChatGroup(AppId, ChatGroupId),
    ChatGroupSeq(AppId, ChatGroupSeq),
    ChatGroupTime(AppId, ChatGroupId),
}

/// Parses the key of a row that is none of those of accounts.
pub(crate) fn parse_other(key: &[u8]) -> Result<Other, StoreError> {
    let damaged = || StoreError::Damaged(format!("{key:?} is not a key of a row"));
    let (kind, rest) = key.split_first().ok_or_else(damaged)?;
    if key == LAST_COMMIT {
        return Ok(Other::LastCommit);
    }
    if *kind == times::ENTRIES {
        return times::parse_entry(key).map(|(account, life, conversation)| Other::Entry(account, life, conversation));
    }
    if *kind == history::CHANGES {
        return history::parse_change(key).map(|(account, life, revision)| Other::Change(account, life, revision));
    }
    if *kind == outbox::UNSENT {
        return history::parse_change(key).map(|(account, life, revision)| Other::Unsent(account, life, revision));
    }
    let (app, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let app = AppId(u32::from_be_bytes(*app));
    let chat_group_id =
        |id| std::str::from_utf8(id).ok().and_then(|id| ChatGroupId::parse(id).ok()).ok_or_else(damaged);
    match (*kind, rest) {
        (CHAT_GROUP_COUNTS, []) => Ok(Other::Count(app)),
        (outbox::PAUSED, []) => Ok(Other::Paused(app)),
        (CHAT_GROUPS, id) => Ok(Other::ChatGroup(app, chat_group_id(id)?)),
        (times::CHAT_GROUP_TIMES, id) => Ok(Other::ChatGroupTime(app, chat_group_id(id)?)),
        (SERIALS, serial) => {
            let serial = serial.try_into().map_err(|_| damaged())?;
            Ok(Other::ChatGroupSeq(app, ChatGroupSeq(u32::from_be_bytes(serial))))
        }
        _ => Err(damaged()),
    }
}

pub(super) fn push_conversation(key: &mut Vec<u8>, conversation: &Conversation) {
    let (of, id) = conversation_parts(conversation);
    key.push(of);
    key.extend_from_slice(id.as_bytes());
}

pub(crate) fn parse_conversation(bytes: &[u8]) -> Option<Conversation> {
    let (of, id) = bytes.split_first()?;
    conversation_of(*of, std::str::from_utf8(id).ok()?)
}

/// The protocol type of a conversation and the id of the peer.
pub(super) fn conversation_parts(conversation: &Conversation) -> (u8, &str) {
    match conversation {
        Conversation::OneToOne(account) => (1, account.as_str()),
        Conversation::ChatGroup(chat_group) => (2, chat_group.as_str()),
    }
}

/// The conversation of a protocol type and a peer's id; `None` if either is invalid.
pub(super) fn conversation_of(of: u8, id: &str) -> Option<Conversation> {
    match of {
        1 => AccountId::parse(id).ok().map(Conversation::OneToOne),
        2 => ChatGroupId::parse(id).ok().map(Conversation::ChatGroup),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    #[test]
    fn the_prefix_of_an_account_is_not_a_prefix_of_another_account() {
        let prefixes =
            [account(1, "a"), account(1, "ab"), account(1, "b"), account(257, "a")].map(|k| account_prefix(&k));
        for (i, one) in prefixes.iter().enumerate() {
            assert!(prefixes.iter().enumerate().all(|(j, other)| i == j || !other.starts_with(one)));
        }
    }

    #[test]
    fn keys_are_read_back_as_they_were_written() {
        let key = account(7, "alice");
        let prefix = account_prefix(&key);
        let bob = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        let team = Conversation::ChatGroup(ChatGroupId::parse("@TGS#1").unwrap());
        for kind in [
            Row::Head,
            Row::Profile,
            Row::ConversationGroup(ConversationGroupId(9)),
            Row::Pin(bob),
            Row::Record(team),
            Row::Bulk,
        ] {
            let written = row(&prefix, &kind);
            assert_eq!(parse_account(&written).unwrap(), key);
            assert_eq!(parse_row(&written[prefix.len()..]).unwrap(), kind);
        }
    }

    #[test]
    fn keys_of_rows_outside_accounts_are_read_back_too() {
        let (app, id) = (AppId(7), ChatGroupId::parse("@TGS#1").unwrap());
        assert_eq!(parse_other(LAST_COMMIT).unwrap(), Other::LastCommit);
        assert_eq!(parse_other(&chat_group_count(app)).unwrap(), Other::Count(app));
        assert_eq!(parse_other(&chat_group(app, &id)).unwrap(), Other::ChatGroup(app, id.clone()));
        assert_eq!(parse_other(&times::chat_group(app, &id)).unwrap(), Other::ChatGroupTime(app, id.clone()));
        let (alice, team) = (account(7, "alice"), Conversation::ChatGroup(id));
        let change = history::change(&alice, Life(1), Revision(2));
        assert_eq!(parse_other(&change).unwrap(), Other::Change(alice.clone(), Life(1), Revision(2)));
        let unsent = outbox::unsent(&alice, Life(1), Revision(2));
        assert_eq!(parse_other(&unsent).unwrap(), Other::Unsent(alice.clone(), Life(1), Revision(2)));
        assert_eq!(parse_other(&outbox::paused(app)).unwrap(), Other::Paused(app));
        assert_eq!(parse_other(&times::entry(&alice, Life(1), &team)).unwrap(), Other::Entry(alice, Life(1), team));
        assert_eq!(parse_other(&serial(app, ChatGroupSeq(9))).unwrap(), Other::ChatGroupSeq(app, ChatGroupSeq(9)));
        for key in [
            &b""[..],
            b"c",
            b"mm",
            b"c\0\0\0\x01x",
            b"g\0\0\0\x01",
            b"s\0\0\0\x01\0",
            b"x\0\0\0\x01",
            b"e",
            b"h",
            b"o",
            b"t\0\0\0\x01",
            b"w",
            b"w\0\0\0\x01x",
        ] {
            assert!(parse_other(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_key_that_is_malformed_is_damage_and_does_not_panic() {
        for rest in [&[][..], &[9], &[2, 1], &[4], &[4, 3, b'x'], &[4, 1], &[4, 1, 0xff], &[5, 1]] {
            assert!(parse_row(rest).is_err(), "{rest:?}");
        }
        for key in [&b"a"[..], b"a\0\0\0\x01", b"a\0\0\0\x01\x05ab"] {
            assert!(parse_account(key).is_err(), "{key:?}");
        }
    }
}
