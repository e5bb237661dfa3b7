//! The bulk row: many records of an account in one row, which costs the engine less work and less space than a row for
//! each record.
//!
//! A commit that changes a large part of an account's records writes all of them as one bulk row; a later, smaller one
//! writes a separate row for each record it changes. So a separate row is always newer than the same record in the bulk
//! row, and the records with a separate row are exactly those with a change number above that of the bulk row.

use pinfold_core::{AccountState, ChangeNumber, Conversation, Record, StateDiff};
use serde::{Deserialize, Serialize};

use super::keys::Row;
use super::values::{self, StoredRecord};
use crate::StoreError;

/// A commit with fewer changed records writes separate rows.
const CHANGES_MIN: usize = 8;
/// A bulk row holds at most this many records for each one that the commit changes.
const RECORDS_PER_CHANGE_MAX: usize = 4;
/// The most records in a bulk row.
const RECORDS_MAX: usize = 512;

/// The change number of an account's bulk row: records up to it are in the bulk row, later ones have separate rows.
/// `None` if the account has no bulk row.
pub(crate) type Bulk = Option<ChangeNumber>;

#[derive(Serialize, Deserialize)]
struct StoredBulk<'a> {
    last_change: u32,
    #[serde(borrow)]
    records: Vec<(u8, &'a str, StoredRecord<'a>)>,
}

/// Whether a commit that leads to the state `after` writes a bulk row.
pub(crate) fn is_due(changes: &StateDiff, after: &AccountState) -> bool {
    let (changed, records) = (changes.records.len(), after.records.len());
    changed >= CHANGES_MIN && records <= RECORDS_MAX && records <= changed * RECORDS_PER_CHANGE_MAX
}

/// Whether this record has a separate row.
pub(crate) fn is_apart(bulk: Bulk, record: &Record) -> bool {
    bulk.is_none_or(|last_change| record.change > last_change)
}

/// The bulk row of these records.
pub(crate) fn encode<'r>(
    last_change: ChangeNumber,
    records: impl Iterator<Item = (&'r Conversation, &'r Record)>,
) -> Vec<u8> {
    let stored = |(conversation, record): (&'r Conversation, &'r Record)| {
        let (of, id) = super::keys::conversation_parts(conversation);
        (of, id, StoredRecord::from(record))
    };
    values::encode(&StoredBulk { last_change: last_change.0, records: records.map(stored).collect() })
}

/// Decodes a bulk row and hands on each of its records.
pub(crate) fn decode(bytes: &[u8], mut put: impl FnMut(Conversation, Record)) -> Result<Bulk, StoreError> {
    let stored: StoredBulk<'_> = values::decode("bulk of records", bytes)?;
    for (of, id, record) in stored.records {
        let conversation = super::keys::conversation_of(of, id)
            .ok_or_else(|| StoreError::Damaged(format!("a bulk of records names the conversation {of} {id:?}")))?;
        put(conversation, record.into());
    }
    Ok(Some(ChangeNumber(stored.last_change)))
}

/// The bulk row after a commit that removes records, without these and without those that the commit writes
/// separately. `None` if the commit removes none, so that the row stays valid.
pub(super) fn without_removed(
    bulk: Bulk,
    before: &AccountState,
    changes: &StateDiff,
) -> Option<(Row, Option<Vec<u8>>)> {
    let last_change = bulk?;
    changes.records.iter().find(|(_, record)| record.is_none())?;
    let is_changed = |conversation: &Conversation| changes.records.iter().any(|(changed, _)| changed == conversation);
    let stays =
        |(conversation, record): &(&Conversation, &Record)| !is_apart(bulk, record) && !is_changed(conversation);
    Some((Row::Bulk, Some(encode(last_change, before.records.iter().filter(stays)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Assembler, StoredPart};
    use pinfold_core::{AccountId, Arrangement, Head, StandardMarks, Timestamp};

    fn conversation(number: usize) -> Conversation {
        Conversation::OneToOne(AccountId::parse(&format!("peer{number}")).unwrap())
    }

    fn record(change: u32) -> Record {
        let arrangement = Arrangement { standard: StandardMarks(1), ..Arrangement::default() };
        Record { arrangement, change: ChangeNumber(change), changed_at: Timestamp(7) }
    }

    fn state(records: usize) -> AccountState {
        let records = (0..records).map(|number| (conversation(number), record(1))).collect();
        AccountState { records, ..AccountState::default() }
    }

    fn changing(records: usize) -> StateDiff {
        let records = (0..records).map(|number| (conversation(number), Some(record(2)))).collect();
        StateDiff { records, ..StateDiff::default() }
    }

    #[test]
    fn records_are_written_together_when_a_quarter_of_them_changes() {
        assert!(!is_due(&changing(7), &state(7)), "too few to matter");
        assert!(is_due(&changing(8), &state(32)));
        assert!(!is_due(&changing(8), &state(33)), "less than a quarter");
        assert!(!is_due(&changing(200), &state(513)), "too many for one row");
    }

    #[test]
    fn a_separate_row_takes_precedence_over_the_bulk_row() {
        let bytes = encode(ChangeNumber(5), state(3).records.iter());
        let mut account = Assembler::default();
        account.put(StoredPart::Head(Head::default()));
        account.put(StoredPart::Record(conversation(1), record(6)));
        let bulk = decode(&bytes, |conversation, record| account.put_older_record(conversation, record)).unwrap();
        assert_eq!(bulk, Some(ChangeNumber(5)));
        let records = account.finish().unwrap().records;
        assert_eq!(records.values().map(|record| record.change.0).collect::<Vec<_>>(), [1, 6, 1]);
    }

    #[test]
    fn a_bulk_row_is_rewritten_for_removed_records_only() {
        let removing = StateDiff { records: vec![(conversation(0), None)], ..StateDiff::default() };
        let before = state(3);
        assert!(without_removed(None, &before, &removing).is_none());
        assert!(without_removed(Some(ChangeNumber(1)), &before, &changing(2)).is_none());
        let (_, bytes) = without_removed(Some(ChangeNumber(1)), &before, &removing).unwrap();
        let mut read = Vec::new();
        decode(&bytes.unwrap(), |conversation, _| read.push(conversation)).unwrap();
        assert_eq!(read, [conversation(1), conversation(2)]);
    }

    #[test]
    fn a_bulk_row_is_a_few_bytes_a_record() {
        let bytes = encode(ChangeNumber(1), state(100).records.iter());
        assert!(bytes.len() < 20 * 100, "{} bytes", bytes.len());
    }
}
