//! The values of rows: one format byte, then postcard.
//!
//! The structs here are the format on disk. They are separate from the types of the core, so that a change of those
//! does not change the format.

use pinfold_core::{
    AccountId, Arrangement, ChangeNumber, ChatGroup, ChatGroupId, ChatGroupSeq, ConversationGroup, ConversationGroupId,
    CustomMark, GroupData, GroupName, Pin, Profile, Record, StandardMarks, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The format of values, except of the kinds that have a newer one.
pub(super) const FORMAT: u8 = 1;
/// The format of heads and conversation groups. They are read from format 1 too, which pinfold 0.1.0 wrote.
pub(super) const FORMAT_2: u8 = 2;

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

pub(super) fn encode_as(format: u8, value: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(value, vec![format]).expect("writing to memory cannot fail")
}

pub(super) fn decode<'b, T: Deserialize<'b>>(what: &str, bytes: &'b [u8]) -> Result<T, StoreError> {
    match bytes {
        [FORMAT, value @ ..] => decode_all(what, value),
        other => Err(unknown(what, other, FORMAT)),
    }
}

/// Decodes what follows the format byte.
pub(super) fn decode_all<'b, T: Deserialize<'b>>(what: &str, value: &'b [u8]) -> Result<T, StoreError> {
    // `from_bytes` would ignore bytes after the value.
    match postcard::take_from_bytes(value) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(StoreError::Damaged(format!("a {what} has bytes after its end"))),
        Err(error) => Err(StoreError::Damaged(format!("a {what} does not decode: {error}"))),
    }
}

/// A value of a format that this build does not read; it reads up to `newest`.
pub(super) fn unknown(what: &str, bytes: &[u8], newest: u8) -> StoreError {
    StoreError::Damaged(match bytes {
        [found, ..] => format!("a {what} has format {found}, this build reads up to {newest}"),
        [] => format!("a {what} is empty"),
    })
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
