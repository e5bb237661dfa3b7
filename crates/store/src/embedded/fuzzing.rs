//! Hooks for `crates/fuzz-targets`: keys and values as they are on disk. Only with the feature `fuzzing`.

use pinfold_core::{
    AccountId, AccountState, ChangeNumber, ChatGroup, ChatGroupId, ChatGroupSeq, ConversationGroup, Head,
    HistoryChange, Pin, Profile, Record, Revision, StateDiff, Timestamp,
};

use super::format::keys::Other;
use super::format::rows::{self, Account, Kept};
use super::format::values::{self, ChatGroupCount};
use super::format::{bulk, heads, history, keys, outbox, times};
use crate::history::encoding;
use crate::{AccountKey, StoreError, Version};

/// A row of an account: the part of its key after the account's prefix, and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A decoded value of any kind.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Value {
    Head(Version, Head),
    Profile(Profile),
    ConversationGroup(ConversationGroup),
    Pin(Pin),
    Record(Record),
    Bulk(ChangeNumber, AccountState),
    ChatGroup(ChatGroupSeq, ChatGroup),
    ChatGroupCount { live: u64, last_serial: u32 },
    ChatGroupId(ChatGroupId),
    Number(u64),
    Time(Timestamp),
    Change(HistoryChange),
}

impl Value {
    /// The number of kinds.
    pub const KINDS: u8 = 12;

    /// Reads a value of this kind, counted from 0 in the order above.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for bytes that are not such a value.
    pub fn read(kind: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(match kind {
            0 => heads::decode_head(bytes).map(|(version, head)| Self::Head(version, head))?,
            1 => Self::Profile(values::decode_profile(bytes)?),
            2 => Self::ConversationGroup(values::decode_conversation_group(bytes)?),
            3 => Self::Pin(values::decode_pin(bytes)?),
            4 => Self::Record(values::decode_record(bytes)?),
            5 => {
                let mut state = AccountState::default();
                let last_change =
                    bulk::decode(bytes, |conversation, record| drop(state.records.insert(conversation, record)))?;
                Self::Bulk(last_change.expect("there is a bulk row"), state)
            }
            6 => values::decode_chat_group(bytes).map(|(serial, chat_group)| Self::ChatGroup(serial, chat_group))?,
            7 => {
                let ChatGroupCount { live, last_serial } = values::decode_chat_group_count(bytes)?;
                Self::ChatGroupCount { live, last_serial }
            }
            8 => Self::ChatGroupId(values::decode_chat_group_id(bytes)?),
            9 => Self::Number(values::decode_number(bytes)?),
            10 => Self::Time(times::decode(bytes)?),
            _ => Self::Change(encoding::decode(&alice(), Revision(1), bytes)?),
        })
    }

    /// Encodes the value.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Head(version, head) => heads::encode_head(head, *version),
            Self::Profile(profile) => values::encode_profile(profile),
            Self::ConversationGroup(group) => values::encode_conversation_group(group),
            Self::Pin(pin) => values::encode_pin(pin),
            Self::Record(record) => values::encode_record(record),
            Self::Bulk(last_change, state) => bulk::encode(*last_change, state.records.iter()),
            Self::ChatGroup(serial, chat_group) => values::encode_chat_group(*serial, chat_group),
            Self::ChatGroupCount { live, last_serial } => {
                values::encode_chat_group_count(ChatGroupCount { live: *live, last_serial: *last_serial })
            }
            Self::ChatGroupId(id) => values::encode_chat_group_id(id),
            Self::Number(number) => values::encode_number(*number),
            Self::Time(at) => times::encode(*at),
            Self::Change(change) => encoding::encode(&alice(), change),
        }
    }
}

/// The account that changes are of.
fn alice() -> AccountId {
    AccountId::parse("alice").expect("it is one")
}

/// The account of a row's key, and the part of the key that is its own; then the whole key as it is written for these.
///
/// # Errors
/// [`StoreError::Damaged`] for bytes that are not such a key.
pub fn key(bytes: &[u8]) -> Result<(AccountKey, Vec<u8>), StoreError> {
    let account = keys::parse_account(bytes)?;
    let prefix = keys::account_prefix(&account);
    // The account says nothing of the letter in front of it.
    let row = keys::parse_row(bytes.get(prefix.len()..).unwrap_or_default())?;
    let written = keys::row(&prefix, &row);
    Ok((account, written))
}

/// The key of a row that is none of those of accounts, as it is written for what it says.
///
/// # Errors
/// [`StoreError::Damaged`] for bytes that are not such a key.
pub fn other_key(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(match keys::parse_other(bytes)? {
        Other::LastCommit => keys::LAST_COMMIT.to_vec(),
        Other::Count(app) => keys::chat_group_count(app),
        Other::Entry(account, life, conversation) => times::entry(&account, life, &conversation),
        Other::Change(account, life, revision) => history::change(&account, life, revision),
        Other::Unsent(account, life, revision) => outbox::unsent(&account, life, revision),
        Other::Paused(app) => outbox::paused(app),
        Other::ChatGroup(app, id) => keys::chat_group(app, &id),
        Other::ChatGroupSeq(app, seq) => keys::serial(app, seq),
        Other::ChatGroupTime(app, id) => times::chat_group(app, &id),
    })
}

/// Assembles an account from rows in the order of their keys; `None` without a head.
///
/// # Errors
/// [`StoreError::Damaged`] for rows that are not those of one account.
pub fn account(rows: &[Row]) -> Result<Option<(Version, AccountState)>, StoreError> {
    let rows = rows.iter().map(|(key, value)| Ok((key.clone().into(), value.clone().into())));
    let Account { version, state, .. } = rows::decode(0, rows)?;
    Ok(version.map(|version| (version, state)))
}

/// The rows of an account that is written as a whole, in the order of their keys.
pub fn rows(account: &AccountKey, version: Version, state: &AccountState) -> Vec<Row> {
    let nothing = AccountState::default();
    let before = Kept { state: &nothing, bulk: None };
    let (writes, _) = rows::encode(account, before, state, version, &StateDiff::whole(state));
    let prefix = keys::account_prefix(account);
    let rest = |(key, value): rows::Write| Some((key[prefix.len()..].to_vec(), value?.to_vec()));
    let mut rows: Vec<_> = writes.into_iter().filter_map(rest).collect();
    rows.sort();
    rows
}
