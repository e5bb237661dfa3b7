//! Decodes the rows of accounts.

use pinfold_core::{
    AccountId, AccountState, Arrangement, ChangeNumber, ChatGroupId, Conversation, ConversationGroup,
    ConversationGroupId, CustomMark, Fingerprint, GroupData, GroupName, Head, Pin, Profile, Record, Repeat,
    RepeatedAnswer, StandardMarks, Timestamp,
};
use tokio_postgres::Row;

use super::columns::{column, not_an_id, number, number_or_0, numbers, optional_text, text};
use super::statements::kind;
use crate::rows::{Assembler, StoredPart};
use crate::{Life, StoreError, Version};

/// Index of the column of the head's life in what a load reads.
const LIFE: usize = 20;

/// Assembles an account from its rows, in any order.
pub(super) fn decode(rows: &[Row]) -> Result<(Option<Version>, AccountState), StoreError> {
    let (mut parts, mut version) = (Assembler::default(), None);
    for row in rows {
        let (kind, key): (i16, &str) = (column(row, 0)?, column(row, 1)?);
        let part = match kind {
            kind::HEAD => {
                version = Some(Version { number: column::<i64>(row, 7)?.cast_unsigned(), life: to_life(row, LIFE)? });
                parts.put(StoredPart::Profile(to_profile(row)?));
                StoredPart::Head(to_head(row)?)
            }
            kind::CONVERSATION_GROUP => {
                let id = key.parse().map_err(|_| StoreError::Damaged("a conversation group has no number".into()))?;
                StoredPart::ConversationGroup(ConversationGroupId(id), to_conversation_group(row)?)
            }
            kind::PIN_ONE_TO_ONE | kind::PIN_CHAT_GROUP => {
                StoredPart::Pin(conversation(kind == kind::PIN_CHAT_GROUP, key)?, to_pin(row)?)
            }
            kind::RECORD_ONE_TO_ONE | kind::RECORD_CHAT_GROUP => {
                StoredPart::Record(conversation(kind == kind::RECORD_CHAT_GROUP, key)?, to_record(row)?)
            }
            _ => return Err(StoreError::Damaged(format!("an account has a row of kind {kind}"))),
        };
        parts.put(part);
    }
    Ok((version, parts.finish()?))
}

/// The life in a column of a head; null in one that 0.1.0 wrote.
pub(super) fn to_life(row: &Row, index: usize) -> Result<Life, StoreError> {
    Ok(Life(column::<Option<i64>>(row, index)?.map_or(0, i64::cast_unsigned)))
}

pub(super) fn conversation(in_chat_group: bool, key: &str) -> Result<Conversation, StoreError> {
    if in_chat_group {
        ChatGroupId::parse(key).map(Conversation::ChatGroup).map_err(not_an_id)
    } else {
        AccountId::parse(key).map(Conversation::OneToOne).map_err(not_an_id)
    }
}

fn to_head(row: &Row) -> Result<Head, StoreError> {
    let newest = Timestamp(number(row, 3)?);
    let newest_ms = column::<Option<i64>>(row, 16)?.map(i64::cast_unsigned);
    Ok(Head {
        imported: column(row, 8)?,
        last_change: ChangeNumber(number(row, 2)?),
        last_conversation_group_id: number(row, 9)?,
        grouped: number(row, 10)?,
        marked: number(row, 11)?,
        newest,
        repeat: column::<Option<&[u8]>>(row, 12)?.map(to_repeat).transpose()?,
        revision: number_or_0(row, 15)?,
        newest_ms: newest_ms.unwrap_or_else(|| Head::newest_ms_of(newest)),
        history_from: number_or_0(row, 21)?,
        group_order: numbers(row, 17)?.into_iter().map(ConversationGroupId).collect(),
        pin_order: numbers(row, 18)?.into_iter().map(ChangeNumber).collect(),
    })
}

fn to_conversation_group(row: &Row) -> Result<ConversationGroup, StoreError> {
    let data = optional_text(row, 19)?.and_then(GroupData::stored);
    Ok(ConversationGroup { name: GroupName::stored(text(row, 4)?), data })
}

fn to_profile(row: &Row) -> Result<Profile, StoreError> {
    Ok(Profile { nick: text(row, 13)?.to_owned(), face_url: text(row, 14)?.to_owned() })
}

fn to_pin(row: &Row) -> Result<Pin, StoreError> {
    Ok(Pin { change: ChangeNumber(number(row, 2)?), pinned_at: Timestamp(number(row, 3)?) })
}

fn to_record(row: &Row) -> Result<Record, StoreError> {
    let conversation_groups: Vec<i32> = column(row, 6)?;
    let arrangement = Arrangement {
        standard: StandardMarks(column::<i64>(row, 5)?.cast_unsigned()),
        custom: optional_text(row, 4)?.and_then(CustomMark::stored),
        conversation_groups: conversation_groups
            .into_iter()
            .map(|id| ConversationGroupId(id.cast_unsigned()))
            .collect(),
    };
    Ok(Record { arrangement, change: ChangeNumber(number(row, 2)?), changed_at: Timestamp(number(row, 3)?) })
}

fn to_repeat(bytes: &[u8]) -> Result<Repeat, StoreError> {
    let damaged = || StoreError::Damaged("the repeat of a head cannot be read".into());
    let (what, rest) = bytes.split_first().ok_or_else(damaged)?;
    let (id, fingerprint) = rest.split_first_chunk().ok_or_else(damaged)?;
    let id = ConversationGroupId(u32::from_be_bytes(*id));
    let answer = match what {
        1 => RepeatedAnswer::Renamed(id),
        2 => RepeatedAnswer::Deleted(id),
        _ => return Err(damaged()),
    };
    Ok(Repeat { fingerprint: Fingerprint(fingerprint.try_into().map_err(|_| damaged())?), answer })
}
