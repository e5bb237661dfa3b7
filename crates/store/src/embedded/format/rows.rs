//! Encodes the parts of accounts as rows, and decodes them.

use pinfold_core::{AccountState, StateDiff};

use super::bulk::{self, Bulk};
use super::heads;
use super::history;
use super::keys::{self, Row};
use super::{outbox, values};
use crate::history::kept_change;
use crate::outbox::unsent_change;
use crate::rows::{Assembler, Part, StoredPart, of_changes, of_state};
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

/// The rows that turn `before` into `after`, those of the change if it is kept and unsent, and the bulk row's change
/// number after them.
pub(crate) fn encode(
    account: &AccountKey,
    before: Kept<'_>,
    after: &AccountState,
    next: Version,
    changes: &StateDiff,
) -> (Writes, Bulk) {
    let prefix = keys::account_prefix(account);
    let Some(head) = &changes.head else { return (removal(&prefix, before), None) };
    let encoded = |part| (row_of(part), value_of(part, next));
    let (rows, bulk): (Vec<_>, _) = if bulk::is_due(changes, after) {
        let separate = of_changes(changes).filter(|part| !matches!(part, Part::Record(..)));
        let bulk_row = (Row::Bulk, Some(bulk::encode(head.last_change, after.records.iter())));
        let replaced = apart(before).map(|row| (row, None));
        (separate.map(encoded).chain([bulk_row]).chain(replaced).collect(), Some(head.last_change))
    } else {
        let bulk_row = bulk::without_removed(before.bulk, before.state, changes);
        (of_changes(changes).map(encoded).chain(bulk_row).collect(), before.bulk)
    };
    let of_account = rows.into_iter().map(|(row, value)| (keys::row(&prefix, &row).into(), value.map(Into::into)));
    let change = kept_change(changes).map(|change| history::row(account, next.life, change));
    let unsent = unsent_change(changes).map(|change| outbox::row(account, next.life, change));
    (of_account.chain(change).chain(unsent).collect(), bulk)
}

fn row_of(part: Part<'_>) -> Row {
    match part {
        Part::Head(_) => Row::Head,
        Part::Profile(_) => Row::Profile,
        Part::ConversationGroup(id, _) => Row::ConversationGroup(id),
        Part::Pin(conversation, _) => Row::Pin(conversation.clone()),
        Part::Record(conversation, _) => Row::Record(conversation.clone()),
    }
}

fn value_of(part: Part<'_>, version: Version) -> Option<Vec<u8>> {
    match part {
        Part::Head(head) => Some(heads::encode_head(head, version)),
        Part::Profile(profile) => Some(values::encode_profile(profile)),
        Part::ConversationGroup(_, group) => group.map(values::encode_conversation_group),
        Part::Pin(_, pin) => pin.map(values::encode_pin),
        Part::Record(_, record) => record.map(values::encode_record),
    }
}

fn removal(prefix: &[u8], before: Kept<'_>) -> Writes {
    let parts = of_state(before.state).filter(|part| !matches!(part, Part::Record(..)));
    let rows = parts.map(row_of).chain(apart(before)).chain([Row::Bulk]);
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
pub(crate) fn decode(
    prefix_len: usize,
    rows: impl Iterator<Item = Result<(fjall::Slice, fjall::Slice), StoreError>>,
) -> Result<Account, StoreError> {
    let (mut parts, mut version, mut bulk) = (Assembler::default(), None, None);
    for row in rows {
        let (key, value) = row?;
        let part = match keys::parse_row(&key[prefix_len..])? {
            Row::Head => {
                let (of_head, head) = heads::decode_head(&value)?;
                version = Some(of_head);
                StoredPart::Head(head)
            }
            Row::Profile => StoredPart::Profile(values::decode_profile(&value)?),
            Row::ConversationGroup(id) => StoredPart::ConversationGroup(id, values::decode_conversation_group(&value)?),
            Row::Pin(conversation) => StoredPart::Pin(conversation, values::decode_pin(&value)?),
            Row::Record(conversation) => StoredPart::Record(conversation, values::decode_record(&value)?),
            Row::Bulk => {
                // The last row of an account: the records with a separate row, which are newer, were added before.
                bulk = bulk::decode(&value, |conversation, record| parts.put_older_record(conversation, record))?;
                continue;
            }
        };
        parts.put(part);
    }
    Ok(Account { version, state: parts.finish()?, bulk })
}
