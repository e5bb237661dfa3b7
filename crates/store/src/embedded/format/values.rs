//! The values of rows: one format byte, then postcard.
//!
//! The structs here are the format on disk. They are separate from the types of the core, so that a change of those
//! does not change the format.

use pinfold_core::{
    AccountId, Arrangement, ChangeNumber, ChatGroup, ChatGroupId, ChatGroupSeq, ConversationGroup, ConversationGroupId,
    CustomMark, Fingerprint, GroupData, GroupName, Head, Pin, Profile, Record, Repeat, RepeatedAnswer, StandardMarks,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{StoreError, Version};

/// The format of values, except of the kinds that have a newer one.
const FORMAT: u8 = 1;
/// The format of heads and conversation groups. They are read from format 1 too, which pinfold 0.1.0 wrote.
const FORMAT_2: u8 = 2;

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
    revision: u32,
    newest_ms: u64,
    group_order: Vec<u32>,
    pin_order: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct StoredRepeat {
    fingerprint: [u8; 32],
    renamed: bool,
    conversation_group: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredRecord<'a> {
    standard: u64,
    custom: &'a str,
    conversation_groups: Vec<u32>,
    change: u32,
    changed_at: u32,
}

impl<'a> From<&'a Record> for StoredRecord<'a> {
    fn from(record: &'a Record) -> Self {
        let Arrangement { standard, custom, conversation_groups } = &record.arrangement;
        Self {
            standard: standard.0,
            custom: custom.as_ref().map_or("", CustomMark::as_str),
            conversation_groups: conversation_groups.iter().map(|id| id.0).collect(),
            change: record.change.0,
            changed_at: record.changed_at.0,
        }
    }
}

impl From<StoredRecord<'_>> for Record {
    fn from(stored: StoredRecord<'_>) -> Self {
        let arrangement = Arrangement {
            standard: StandardMarks(stored.standard),
            custom: CustomMark::stored(stored.custom),
            conversation_groups: stored.conversation_groups.into_iter().map(ConversationGroupId).collect(),
        };
        Self { arrangement, change: ChangeNumber(stored.change), changed_at: Timestamp(stored.changed_at) }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredProfile {
    nick: String,
    face_url: String,
}

#[derive(Serialize, Deserialize)]
struct StoredPin {
    change: u32,
    pinned_at: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredChatGroup {
    kind: String,
    name: String,
    owner: Option<String>,
    created_at: u32,
    destroyed: bool,
    serial: u32,
}

/// The number of chat groups of an app.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct ChatGroupCount {
    /// The chat groups that are not destroyed.
    pub(crate) live: u64,
    /// The last serial number that was assigned.
    pub(crate) last_serial: u32,
}

pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    encode_as(FORMAT, value)
}

fn encode_as(format: u8, value: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(value, vec![format]).expect("writing to memory cannot fail")
}

pub(super) fn decode<'b, T: Deserialize<'b>>(what: &str, bytes: &'b [u8]) -> Result<T, StoreError> {
    match bytes {
        [FORMAT, value @ ..] => decode_all(what, value),
        other => Err(unknown(what, other, FORMAT)),
    }
}

/// Decodes what follows the format byte.
fn decode_all<'b, T: Deserialize<'b>>(what: &str, value: &'b [u8]) -> Result<T, StoreError> {
    // `from_bytes` would ignore bytes after the value.
    match postcard::take_from_bytes(value) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(StoreError::Damaged(format!("a {what} has bytes after its end"))),
        Err(error) => Err(StoreError::Damaged(format!("a {what} does not decode: {error}"))),
    }
}

/// A value of a format that this build does not read; it reads up to `newest`.
fn unknown(what: &str, bytes: &[u8], newest: u8) -> StoreError {
    StoreError::Damaged(match bytes {
        [found, ..] => format!("a {what} has format {found}, this build reads up to {newest}"),
        [] => format!("a {what} is empty"),
    })
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
        version: version.0,
        imported: head.imported,
        last_change: head.last_change.0,
        last_conversation_group_id: head.last_conversation_group_id,
        grouped: head.grouped,
        marked: head.marked,
        newest: head.newest.0,
        repeat,
    };
    let rest = StoredHeadRest {
        revision: head.revision,
        newest_ms: head.newest_ms,
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
        Self { revision: 0, newest_ms, group_order: Vec::new(), pin_order: Vec::new() }
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
        group_order: rest.group_order.into_iter().map(ConversationGroupId).collect(),
        pin_order: rest.pin_order.into_iter().map(ChangeNumber).collect(),
    };
    (Version(stored.version), head)
}

pub(crate) fn encode_record(record: &Record) -> Vec<u8> {
    encode(&StoredRecord::from(record))
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, StoreError> {
    decode::<StoredRecord<'_>>("record", bytes).map(Record::from)
}

pub(crate) fn encode_profile(profile: &Profile) -> Vec<u8> {
    encode(&StoredProfile { nick: profile.nick.clone(), face_url: profile.face_url.clone() })
}

pub(crate) fn decode_profile(bytes: &[u8]) -> Result<Profile, StoreError> {
    let StoredProfile { nick, face_url } = decode("profile", bytes)?;
    Ok(Profile { nick, face_url })
}

/// A conversation group without data has the empty text in its place.
pub(crate) fn encode_conversation_group(ConversationGroup { name, data }: &ConversationGroup) -> Vec<u8> {
    encode_as(FORMAT_2, &(name.as_str(), data.as_ref().map_or("", GroupData::as_str)))
}

pub(crate) fn decode_conversation_group(bytes: &[u8]) -> Result<ConversationGroup, StoreError> {
    let (name, data) = match bytes {
        [FORMAT, name @ ..] => (decode_all("conversation group", name)?, ""),
        [FORMAT_2, value @ ..] => decode_all("conversation group", value)?,
        other => return Err(unknown("conversation group", other, FORMAT_2)),
    };
    Ok(ConversationGroup { name: GroupName::stored(name), data: GroupData::stored(data) })
}

pub(crate) fn encode_pin(pin: &Pin) -> Vec<u8> {
    encode(&StoredPin { change: pin.change.0, pinned_at: pin.pinned_at.0 })
}

pub(crate) fn decode_pin(bytes: &[u8]) -> Result<Pin, StoreError> {
    let StoredPin { change, pinned_at } = decode("pin", bytes)?;
    Ok(Pin { change: ChangeNumber(change), pinned_at: Timestamp(pinned_at) })
}

pub(crate) fn encode_chat_group(serial: ChatGroupSeq, chat_group: &ChatGroup) -> Vec<u8> {
    encode(&StoredChatGroup {
        kind: chat_group.kind.as_str().to_owned(),
        name: chat_group.name.clone(),
        owner: chat_group.owner.as_ref().map(|owner| owner.as_str().to_owned()),
        created_at: chat_group.created_at.0,
        destroyed: chat_group.destroyed,
        serial: serial.0,
    })
}

pub(crate) fn decode_chat_group(bytes: &[u8]) -> Result<(ChatGroupSeq, ChatGroup), StoreError> {
    let stored: StoredChatGroup = decode("chat group", bytes)?;
    let owner = stored.owner.map(|owner| AccountId::parse(&owner)).transpose();
    let chat_group = ChatGroup {
        kind: stored.kind.parse().map_err(StoreError::Damaged)?,
        name: stored.name,
        owner: owner.map_err(|problem| StoreError::Damaged(format!("the owner of a chat group {problem}")))?,
        created_at: Timestamp(stored.created_at),
        destroyed: stored.destroyed,
    };
    Ok((ChatGroupSeq(stored.serial), chat_group))
}

pub(crate) fn encode_chat_group_count(count: ChatGroupCount) -> Vec<u8> {
    encode(&count)
}

pub(crate) fn decode_chat_group_count(bytes: &[u8]) -> Result<ChatGroupCount, StoreError> {
    decode("count of chat groups", bytes)
}

pub(crate) fn encode_chat_group_id(id: &ChatGroupId) -> Vec<u8> {
    encode(&id.as_str())
}

pub(crate) fn decode_chat_group_id(bytes: &[u8]) -> Result<ChatGroupId, StoreError> {
    let id: String = decode("chat group id", bytes)?;
    ChatGroupId::parse(&id).map_err(|problem| StoreError::Damaged(format!("a chat group id {problem}")))
}

pub(crate) fn encode_number(number: u64) -> Vec<u8> {
    encode(&number)
}

pub(crate) fn decode_number(bytes: &[u8]) -> Result<u64, StoreError> {
    decode("number", bytes)
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
            group_order: vec![ConversationGroupId(2), ConversationGroupId(1)],
            pin_order: vec![ChangeNumber(9), ChangeNumber(4)],
            ..Head::default()
        }
    }

    /// The first part of a head as format 1 has it alone.
    fn first_part(head: &Head) -> StoredHead {
        let (first, _): (StoredHead, StoredHeadRest) =
            decode_all("head", &encode_head(head, Version(u64::MAX))[1..]).unwrap();
        first
    }

    #[test]
    fn a_head_is_read_back_as_it_was_written() {
        assert_eq!(decode_head(&encode_head(&head(), Version(u64::MAX))).unwrap(), (Version(u64::MAX), head()));
    }

    #[test]
    fn a_head_of_format_1_has_the_time_of_its_last_record_and_no_order() {
        let old = encode(&first_part(&head()));
        let without = Head { revision: 0, group_order: Vec::new(), pin_order: Vec::new(), ..head() };
        let expected = Head { newest_ms: 1_750_000_000_000, ..without };
        assert_eq!(decode_head(&old).unwrap(), (Version(u64::MAX), expected));
    }

    #[test]
    fn a_conversation_group_is_read_back_with_its_data_and_from_format_1_without() {
        let plain = ConversationGroup::from(GroupName::stored("Work"));
        let coloured = ConversationGroup { data: GroupData::stored("#f00"), ..plain.clone() };
        for group in [&plain, &coloured] {
            assert_eq!(decode_conversation_group(&encode_conversation_group(group)).unwrap(), *group);
        }
        assert_eq!(decode_conversation_group(b"\x01\x04Work").unwrap(), plain);
    }

    #[test]
    fn a_record_is_read_back_as_it_was_written_and_is_small() {
        let arrangement = Arrangement {
            standard: StandardMarks(0b1001),
            custom: CustomMark::stored("vip"),
            conversation_groups: vec![ConversationGroupId(1), ConversationGroupId(20)],
        };
        let record = Record { arrangement, change: ChangeNumber(300), changed_at: Timestamp(1_750_000_000) };
        let bytes = encode_record(&record);
        assert_eq!(decode_record(&bytes).unwrap(), record);
        assert!(bytes.len() < 24, "{} bytes", bytes.len());
    }

    #[test]
    fn another_format_and_truncated_values_are_damage_and_not_absent() {
        let mut bytes = encode_conversation_group(&GroupName::stored("Work").into());
        for length in 0..bytes.len() {
            let cut = decode_conversation_group(&bytes[..length]);
            assert!(matches!(cut, Err(StoreError::Damaged(_))), "{length} bytes");
        }
        bytes[0] = 3;
        let refused = decode_conversation_group(&bytes);
        assert!(
            matches!(refused, Err(StoreError::Damaged(text)) if text.ends_with("format 3, this build reads up to 2"))
        );
        let of_pins = decode_pin(&[2, 1, 1]);
        assert!(
            matches!(of_pins, Err(StoreError::Damaged(text)) if text.ends_with("format 2, this build reads up to 1"))
        );
    }

    #[test]
    fn a_value_with_bytes_after_its_end_is_damage() {
        let mut bytes = encode_conversation_group(&GroupName::stored("Work").into());
        bytes.push(0);
        let refused = decode_conversation_group(&bytes);
        assert!(matches!(refused, Err(StoreError::Damaged(text)) if text.contains("has bytes after its end")));
    }
}
