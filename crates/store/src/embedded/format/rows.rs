//! Turns accounts into rows and back.

use pinfold_core::{AccountState, StateDiff};

use super::bulk::{self, Bulk};
use super::keys::{self, Row};
use super::values;
use crate::{AccountKey, StoreError, Version};

/// A key with the value to write, or `None` to remove the row. Encoded by the caller, so that the writer's thread does
/// not spend time on it.
pub(crate) type Write = (fjall::Slice, Option<fjall::Slice>);

/// The rows that one batch writes and removes.
pub(crate) type Writes = Vec<Write>;

/// The state of an account on disk, and where its records are.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'a> {
    pub(crate) state: &'a AccountState,
    pub(crate) bulk: Bulk,
}

/// The rows that turn `before` into `after`, and the bulk row's change number after them.
pub(crate) fn of_changes(
    account: &AccountKey,
    before: Kept<'_>,
    after: &AccountState,
    next: Version,
    changes: &StateDiff,
) -> (Writes, Bulk) {
    let prefix = keys::account_prefix(account);
    let Some(head) = &changes.head else { return (removal(&prefix, before), None) };
    let mut rows = vec![(Row::Head, Some(values::encode_head(head, next)))];
    rows.extend(changes.profile.iter().map(|profile| (Row::Profile, Some(values::encode_profile(profile)))));
    let conversation_groups = changes.conversation_groups.iter();
    rows.extend(
        conversation_groups.map(|(id, name)| (Row::ConversationGroup(*id), name.as_ref().map(values::encode_name))),
    );
    let pins = changes.pins.iter();
    rows.extend(pins.map(|(conversation, pin)| (Row::Pin(conversation.clone()), pin.as_ref().map(values::encode_pin))));
    let bulk = if bulk::is_due(changes, after) {
        rows.push((Row::Bulk, Some(bulk::encode(head.last_change, after.records.iter()))));
        rows.extend(apart(before).map(|row| (row, None)));
        Some(head.last_change)
    } else {
        let records = changes.records.iter();
        rows.extend(records.map(|(conversation, record)| {
            (Row::Record(conversation.clone()), record.as_ref().map(values::encode_record))
        }));
        rows.extend(bulk::without_removed(before.bulk, before.state, changes));
        before.bulk
    };
    (rows.into_iter().map(|(row, value)| (keys::row(&prefix, &row).into(), value.map(Into::into))).collect(), bulk)
}

fn removal(prefix: &[u8], before: Kept<'_>) -> Writes {
    let conversation_groups = before.state.conversation_groups.keys().map(|id| Row::ConversationGroup(*id));
    let pins = before.state.pins.keys().cloned().map(Row::Pin);
    let rows =
        [Row::Head, Row::Profile, Row::Bulk].into_iter().chain(conversation_groups).chain(apart(before)).chain(pins);
    rows.map(|row| (keys::row(prefix, &row).into(), None)).collect()
}

/// The rows of the records that have a separate row.
fn apart(kept: Kept<'_>) -> impl Iterator<Item = Row> {
    let records = kept.state.records.iter().filter(move |(_, record)| bulk::is_apart(kept.bulk, record));
    records.map(|(conversation, _)| Row::Record(conversation.clone()))
}

/// An account, decoded from its rows.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) version: Option<Version>,
    pub(crate) state: AccountState,
    pub(crate) bulk: Bulk,
}

/// Assembles an account from its rows, in the order of a scan of its prefix.
pub(crate) fn to_account(
    prefix_len: usize,
    rows: impl Iterator<Item = Result<(fjall::Slice, fjall::Slice), StoreError>>,
) -> Result<Account, StoreError> {
    let mut account = Account::default();
    let state = &mut account.state;
    for row in rows {
        let (key, value) = row?;
        match keys::parse_row(&key[prefix_len..])? {
            Row::Head => {
                let (version, head) = values::decode_head(&value)?;
                (account.version, state.head) = (Some(version), head);
            }
            Row::Profile => state.profile = values::decode_profile(&value)?,
            Row::ConversationGroup(id) => {
                state.conversation_groups.insert(id, values::decode_name(&value)?);
            }
            Row::Pin(conversation) => {
                state.pins.insert(conversation, values::decode_pin(&value)?);
            }
            Row::Record(conversation) => {
                state.records.insert(conversation, values::decode_record(&value)?);
            }
            // The last row of an account: records with a separate row were added before.
            Row::Bulk => account.bulk = bulk::decode_into(state, &value)?,
        }
    }
    match account.version {
        None if account.state != AccountState::default() => {
            Err(StoreError::Damaged("an account has rows but no head".into()))
        }
        _ => Ok(account),
    }
}
