//! The parts of an account's line: how each is written, and how it is read.

use std::borrow::Cow;

use pinfold_core::{
    AccountId, Arrangement, ChangeNumber, ChatGroupId, Conversation, ConversationGroup, ConversationGroupId,
    CustomMark, Fingerprint, GroupData, GroupName, Limits, Pin, Record, Repeat, RepeatedAnswer, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::seal::from_hex;
use crate::rows::StoredPart;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepeatPart {
    fingerprint: String,
    answer: AnswerWord,
    conversation_group: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnswerWord {
    Renamed,
    Deleted,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationGroupPart<'a> {
    id: u32,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "is_empty")]
    pub(super) data: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationPart<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_to_one: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat_group: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordPart<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_to_one: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat_group: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    standard: String,
    #[serde(borrow, default, skip_serializing_if = "is_empty")]
    custom: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conversation_groups: Vec<u32>,
    change: u32,
    changed_at: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PinPart<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_to_one: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat_group: Option<Cow<'a, str>>,
    change: u32,
    pinned_at: u32,
}

impl RepeatPart {
    pub(super) fn new(repeat: &Repeat) -> Self {
        let (answer, id) = match repeat.answer {
            RepeatedAnswer::Renamed(id) => (AnswerWord::Renamed, id),
            RepeatedAnswer::Deleted(id) => (AnswerWord::Deleted, id),
        };
        Self { fingerprint: hex::encode(repeat.fingerprint.0), answer, conversation_group: id.0 }
    }

    pub(super) fn read(self) -> Result<Repeat, String> {
        let fingerprint =
            from_hex(&self.fingerprint).ok_or("repeat: fingerprint has to be 64 digits of 0-9 and a-f")?;
        let id = ConversationGroupId(self.conversation_group);
        let answer = match self.answer {
            AnswerWord::Renamed => RepeatedAnswer::Renamed(id),
            AnswerWord::Deleted => RepeatedAnswer::Deleted(id),
        };
        Ok(Repeat { fingerprint: Fingerprint(fingerprint), answer })
    }
}

impl<'a> ConversationGroupPart<'a> {
    pub(super) fn new(id: ConversationGroupId, group: &'a ConversationGroup) -> Self {
        let data = group.data.as_ref().map_or("", GroupData::as_str);
        Self { id: id.0, name: group.name.as_str().into(), data: data.into() }
    }

    pub(super) fn read(self) -> Result<StoredPart, String> {
        // Only an empty name is refused here: limits are those of the app's configuration, and may have shrunk.
        let name = GroupName::parse(&self.name, &Limits::default()).map_err(|_| "name is empty")?;
        let group = ConversationGroup { name, data: GroupData::stored(&self.data) };
        Ok(StoredPart::ConversationGroup(ConversationGroupId(self.id), group))
    }
}

impl<'a> ConversationPart<'a> {
    pub(super) fn new(conversation: &'a Conversation) -> Self {
        let (one_to_one, chat_group) = sides(conversation);
        Self { one_to_one, chat_group }
    }

    pub(super) fn read(self) -> Result<Conversation, String> {
        conversation(self.one_to_one, self.chat_group)
    }
}

impl<'a> RecordPart<'a> {
    pub(super) fn new(conversation: &'a Conversation, record: &'a Record) -> Self {
        let (one_to_one, chat_group) = sides(conversation);
        let Arrangement { standard, custom, conversation_groups } = &record.arrangement;
        Self {
            one_to_one,
            chat_group,
            standard: standard.to_string(),
            custom: custom.as_ref().map_or("", CustomMark::as_str).into(),
            conversation_groups: conversation_groups.iter().map(|id| id.0).collect(),
            change: record.change.0,
            changed_at: record.changed_at.0,
        }
    }

    pub(super) fn read(self) -> Result<StoredPart, String> {
        let conversation = conversation(self.one_to_one, self.chat_group)?;
        let arrangement = Arrangement {
            standard: self
                .standard
                .parse()
                .map_err(|_| "standard is not a text of up to 64 bits that begins with 1")?,
            custom: CustomMark::stored(&self.custom),
            conversation_groups: self.conversation_groups.into_iter().map(ConversationGroupId).collect(),
        };
        let (change, changed_at) = (ChangeNumber(self.change), Timestamp(self.changed_at));
        Ok(StoredPart::Record(conversation, Record { arrangement, change, changed_at }))
    }
}

impl<'a> PinPart<'a> {
    pub(super) fn new(conversation: &'a Conversation, pin: &Pin) -> Self {
        let (one_to_one, chat_group) = sides(conversation);
        Self { one_to_one, chat_group, change: pin.change.0, pinned_at: pin.pinned_at.0 }
    }

    pub(super) fn read(self) -> Result<StoredPart, String> {
        let pin = Pin { change: ChangeNumber(self.change), pinned_at: Timestamp(self.pinned_at) };
        Ok(StoredPart::Pin(conversation(self.one_to_one, self.chat_group)?, pin))
    }
}

pub(super) fn sides(conversation: &Conversation) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
    match conversation {
        Conversation::OneToOne(account) => (Some(account.as_str().into()), None),
        Conversation::ChatGroup(chat_group) => (None, Some(chat_group.as_str().into())),
    }
}

pub(super) fn conversation(
    one_to_one: Option<Cow<'_, str>>,
    chat_group: Option<Cow<'_, str>>,
) -> Result<Conversation, String> {
    match (one_to_one, chat_group) {
        (Some(id), None) => {
            AccountId::parse(&id).map(Conversation::OneToOne).map_err(|problem| format!("one_to_one {problem}"))
        }
        (None, Some(id)) => {
            ChatGroupId::parse(&id).map(Conversation::ChatGroup).map_err(|problem| format!("chat_group {problem}"))
        }
        (Some(_), Some(_)) | (None, None) => Err("one of one_to_one and chat_group must be there, not both".into()),
    }
}

pub(super) fn is_empty(text: &str) -> bool {
    text.is_empty()
}
