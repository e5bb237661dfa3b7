//! The values of heads. Format 2 adds a second part; of format 1, which pinfold 0.1.0 wrote, a head has the first alone.

use pinfold_core::{ChangeNumber, ConversationGroupId, Fingerprint, Head, Repeat, RepeatedAnswer, Timestamp};
use serde::{Deserialize, Serialize};

use super::values::{FORMAT, FORMAT_2, decode_all, encode_as, unknown};
use crate::{Life, StoreError, Version};

/// A head of format 1, and the first part of one of format 2.
#[derive(Serialize, Deserialize)]
struct StoredHead {
    version: u64,
    imported: bool,
    last_change: u32,
    last_conversation_group_id: u32,
    grouped: u32,
    marked: u32,
    newest: u32,
    repeat: Option<StoredRepeat>,
}

/// The second part of a head of format 2.
#[derive(Serialize, Deserialize)]
struct StoredHeadRest {
    life: u64,
    revision: u32,
    newest_ms: u64,
    history_from: u32,
    group_order: Vec<u32>,
    pin_order: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct StoredRepeat {
    fingerprint: [u8; 32],
    renamed: bool,
    conversation_group: u32,
}

pub(crate) fn encode_head(head: &Head, version: Version) -> Vec<u8> {
    let repeat = head.repeat.as_ref().map(|repeat| {
        let (renamed, id) = match repeat.answer {
            RepeatedAnswer::Renamed(id) => (true, id),
            RepeatedAnswer::Deleted(id) => (false, id),
        };
        StoredRepeat { fingerprint: repeat.fingerprint.0, renamed, conversation_group: id.0 }
    });
    let first = StoredHead {
        version: version.number,
        imported: head.imported,
        last_change: head.last_change.0,
        last_conversation_group_id: head.last_conversation_group_id,
        grouped: head.grouped,
        marked: head.marked,
        newest: head.newest.0,
        repeat,
    };
    let rest = StoredHeadRest {
        life: version.life.0,
        revision: head.revision,
        newest_ms: head.newest_ms,
        history_from: head.history_from,
        group_order: head.group_order.iter().map(|id| id.0).collect(),
        pin_order: head.pin_order.iter().map(|change| change.0).collect(),
    };
    encode_as(FORMAT_2, &(first, rest))
}

pub(crate) fn decode_head(bytes: &[u8]) -> Result<(Version, Head), StoreError> {
    match bytes {
        [FORMAT, value @ ..] => {
            let stored: StoredHead = decode_all("head", value)?;
            let rest = StoredHeadRest::of_format_1(&stored);
            Ok(head_of(stored, rest))
        }
        [FORMAT_2, value @ ..] => decode_all("head", value).map(|(stored, rest)| head_of(stored, rest)),
        other => Err(unknown("head", other, FORMAT_2)),
    }
}

impl StoredHeadRest {
    /// What a head says that was written when changes were not counted and orders not kept.
    fn of_format_1(head: &StoredHead) -> Self {
        let newest_ms = Head::newest_ms_of(Timestamp(head.newest));
        Self {
            life: Life::default().0,
            revision: 0,
            newest_ms,
            history_from: 0,
            group_order: Vec::new(),
            pin_order: Vec::new(),
        }
    }
}

fn head_of(stored: StoredHead, rest: StoredHeadRest) -> (Version, Head) {
    let repeat = stored.repeat.map(|repeat| {
        let id = ConversationGroupId(repeat.conversation_group);
        let answer = if repeat.renamed { RepeatedAnswer::Renamed(id) } else { RepeatedAnswer::Deleted(id) };
        Repeat { fingerprint: Fingerprint(repeat.fingerprint), answer }
    });
    let head = Head {
        imported: stored.imported,
        last_change: ChangeNumber(stored.last_change),
        last_conversation_group_id: stored.last_conversation_group_id,
        grouped: stored.grouped,
        marked: stored.marked,
        newest: Timestamp(stored.newest),
        repeat,
        revision: rest.revision,
        newest_ms: rest.newest_ms,
        history_from: rest.history_from,
        group_order: rest.group_order.into_iter().map(ConversationGroupId).collect(),
        pin_order: rest.pin_order.into_iter().map(ChangeNumber).collect(),
    };
    (Version { number: stored.version, life: Life(rest.life) }, head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let repeat =
            Repeat { fingerprint: Fingerprint([7; 32]), answer: RepeatedAnswer::Deleted(ConversationGroupId(3)) };
        Head {
            imported: true,
            last_conversation_group_id: 3,
            marked: 5,
            newest: Timestamp(1_750_000_000),
            repeat: Some(repeat),
            revision: 300,
            newest_ms: 1_750_000_000_123,
            history_from: 200,
            group_order: vec![ConversationGroupId(2), ConversationGroupId(1)],
            pin_order: vec![ChangeNumber(9), ChangeNumber(4)],
            ..Head::default()
        }
    }

    /// The first part of a head as format 1 has it alone.
    fn first_part(head: &Head) -> StoredHead {
        let (first, _): (StoredHead, StoredHeadRest) =
            decode_all("head", &encode_head(head, Version::numbered(u64::MAX))[1..]).unwrap();
        first
    }

    #[test]
    fn a_head_is_read_back_as_it_was_written() {
        let version = Version { number: u64::MAX, life: Life(7) };
        assert_eq!(decode_head(&encode_head(&head(), version)).unwrap(), (version, head()));
    }

    #[test]
    fn a_head_of_format_1_has_the_time_of_its_last_record_no_order_no_history_and_life_0() {
        let old = encode_as(FORMAT, &first_part(&head()));
        let without = Head { revision: 0, history_from: 0, group_order: Vec::new(), pin_order: Vec::new(), ..head() };
        let expected = Head { newest_ms: 1_750_000_000_000, ..without };
        assert_eq!(decode_head(&old).unwrap(), (Version::numbered(u64::MAX), expected));
    }
}
