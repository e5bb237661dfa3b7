//! Rows of an account to its state and back.

use pinfold_core::{
    AccountId, AccountState, Arrangement, ChangeNumber, ChatGroupId, Conversation, ConversationGroupId, CustomMark,
    Fingerprint, GroupName, Head, Pin, Profile, Record, Repeat, RepeatedAnswer, StandardMarks, StateDiff, Timestamp,
};
use tokio_postgres::Row;

use super::columns::{column, not_an_id, number, text};
use super::questions::Parameter;
use super::statements::kind;
use crate::{StoreError, Version};

/// Puts an account together from its rows, in whatever order.
pub(super) fn to_account(rows: &[Row]) -> Result<(Option<Version>, AccountState), StoreError> {
    let (mut version, mut state) = (None, AccountState::default());
    for row in rows {
        let (kind, key): (i16, &str) = (column(row, 0)?, column(row, 1)?);
        match kind {
            kind::HEAD => {
                version = Some(Version(column::<i64>(row, 7)?.cast_unsigned()));
                (state.head, state.profile) = (to_head(row)?, to_profile(row)?);
            }
            kind::CONVERSATION_GROUP => {
                let id = key.parse().map_err(|_| StoreError::Damaged("a conversation group has no number".into()))?;
                state.conversation_groups.insert(ConversationGroupId(id), GroupName::stored(text(row, 4)?));
            }
            kind::PIN_ONE_TO_ONE | kind::PIN_CHAT_GROUP => {
                state.pins.insert(conversation(kind == kind::PIN_CHAT_GROUP, key)?, to_pin(row)?);
            }
            kind::RECORD_ONE_TO_ONE | kind::RECORD_CHAT_GROUP => {
                state.records.insert(conversation(kind == kind::RECORD_CHAT_GROUP, key)?, to_record(row)?);
            }
            _ => return Err(StoreError::Damaged(format!("an account has a row of kind {kind}"))),
        }
    }
    match version {
        None if !rows.is_empty() => Err(StoreError::Damaged("an account has rows but no head".into())),
        _ => Ok((version, state)),
    }
}

fn conversation(in_chat_group: bool, key: &str) -> Result<Conversation, StoreError> {
    if in_chat_group {
        ChatGroupId::parse(key).map(Conversation::ChatGroup).map_err(not_an_id)
    } else {
        AccountId::parse(key).map(Conversation::OneToOne).map_err(not_an_id)
    }
}

fn to_head(row: &Row) -> Result<Head, StoreError> {
    Ok(Head {
        imported: column(row, 8)?,
        last_change: ChangeNumber(number(row, 2)?),
        last_conversation_group_id: number(row, 9)?,
        grouped: number(row, 10)?,
        marked: number(row, 11)?,
        newest: Timestamp(number(row, 3)?),
        repeat: column::<Option<&[u8]>>(row, 12)?.map(to_repeat).transpose()?,
    })
}

fn to_profile(row: &Row) -> Result<Profile, StoreError> {
    Ok(Profile { nick: text(row, 13)?.to_owned(), face_url: text(row, 14)?.to_owned() })
}

fn to_pin(row: &Row) -> Result<Pin, StoreError> {
    Ok(Pin { change: ChangeNumber(number(row, 2)?), pinned_at: Timestamp(number(row, 3)?) })
}

fn to_record(row: &Row) -> Result<Record, StoreError> {
    let custom: Option<&[u8]> = column(row, 4)?;
    let conversation_groups: Vec<i32> = column(row, 6)?;
    let arrangement = Arrangement {
        standard: StandardMarks(column::<i64>(row, 5)?.cast_unsigned()),
        custom: if custom.is_some() { CustomMark::stored(text(row, 4)?) } else { None },
        conversation_groups: conversation_groups
            .into_iter()
            .map(|id| ConversationGroupId(id.cast_unsigned()))
            .collect(),
    };
    Ok(Record { arrangement, change: ChangeNumber(number(row, 2)?), changed_at: Timestamp(number(row, 3)?) })
}

/// One byte for what it was, the number of the conversation group, the fingerprint.
pub(super) fn of_repeat(repeat: &Repeat) -> Vec<u8> {
    let (what, id) = match repeat.answer {
        RepeatedAnswer::Renamed(id) => (1, id),
        RepeatedAnswer::Deleted(id) => (2, id),
    };
    [&[what][..], &id.0.to_be_bytes(), &repeat.fingerprint.0].concat()
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

/// The rows of a commit that are written, a column each, as a statement takes them.
#[derive(Default)]
pub(super) struct Written {
    pub(super) kinds: Vec<i16>,
    pub(super) keys: Vec<String>,
    pub(super) changes: Vec<Option<i64>>,
    pub(super) changed_at: Vec<Option<i64>>,
    pub(super) labels: Vec<Option<Vec<u8>>>,
    pub(super) standard: Vec<Option<i64>>,
    pub(super) conversation_groups: Vec<Option<String>>,
}

/// Keys of rows that are removed.
#[derive(Default)]
pub(super) struct Removed {
    pub(super) kinds: Vec<i16>,
    pub(super) keys: Vec<String>,
}

/// The only row that is written, as a statement takes it.
pub(super) struct OnlyRow<'a> {
    kind: i16,
    key: &'a str,
    change: Option<i64>,
    changed_at: Option<i64>,
    label: Option<&'a [u8]>,
    standard: Option<i64>,
    conversation_groups: Option<&'a str>,
}

impl OnlyRow<'_> {
    pub(super) fn parameters(&self) -> [Parameter<'_>; 7] {
        let Self { kind, key, change, changed_at, label, standard, conversation_groups } = self;
        [kind, key, change, changed_at, label, standard, conversation_groups]
    }
}

impl Written {
    /// Its row, if it has one only.
    pub(super) fn only(&self) -> Option<OnlyRow<'_>> {
        let [kind] = self.kinds[..] else { return None };
        Some(OnlyRow {
            kind,
            key: self.keys.first()?,
            change: *self.changes.first()?,
            changed_at: *self.changed_at.first()?,
            label: self.labels.first()?.as_deref(),
            standard: *self.standard.first()?,
            conversation_groups: self.conversation_groups.first()?.as_deref(),
        })
    }

    fn row(&mut self, kind: i16, key: String, change: Option<(ChangeNumber, Timestamp)>, label: Option<Vec<u8>>) {
        self.kinds.push(kind);
        self.keys.push(key);
        self.changes.push(change.map(|(number, _)| number.0.into()));
        self.changed_at.push(change.map(|(_, time)| time.0.into()));
        self.labels.push(label);
        self.standard.push(None);
        self.conversation_groups.push(None);
    }

    fn record(&mut self, kind: i16, key: String, Record { arrangement, change, changed_at }: &Record) {
        let custom = arrangement.custom.as_ref().map(|mark| mark.as_str().as_bytes().to_vec());
        let ids: Vec<_> = arrangement.conversation_groups.iter().map(|id| id.0.cast_signed().to_string()).collect();
        self.row(kind, key, Some((*change, *changed_at)), custom);
        if let (Some(standard), Some(groups)) = (self.standard.last_mut(), self.conversation_groups.last_mut()) {
            *standard = Some(arrangement.standard.0.cast_signed());
            *groups = Some(format!("{{{}}}", ids.join(",")));
        }
    }
}

impl Removed {
    fn row(&mut self, kind: i16, key: String) {
        self.kinds.push(kind);
        self.keys.push(key);
    }
}

/// The rows that make these changes, without the head.
pub(super) fn of_changes(changes: &StateDiff) -> (Written, Removed) {
    let (mut written, mut removed) = (Written::default(), Removed::default());
    for (id, name) in &changes.conversation_groups {
        match name {
            Some(name) => {
                let label = Some(name.as_str().as_bytes().to_vec());
                written.row(kind::CONVERSATION_GROUP, id.0.to_string(), None, label);
            }
            None => removed.row(kind::CONVERSATION_GROUP, id.0.to_string()),
        }
    }
    for (conversation, pin) in &changes.pins {
        let (kind, key) = key_of(conversation, kind::PIN_ONE_TO_ONE, kind::PIN_CHAT_GROUP);
        match pin {
            Some(pin) => written.row(kind, key, Some((pin.change, pin.pinned_at)), None),
            None => removed.row(kind, key),
        }
    }
    for (conversation, record) in &changes.records {
        let (kind, key) = key_of(conversation, kind::RECORD_ONE_TO_ONE, kind::RECORD_CHAT_GROUP);
        match record {
            Some(record) => written.record(kind, key, record),
            None => removed.row(kind, key),
        }
    }
    (written, removed)
}

pub(super) fn key_of(conversation: &Conversation, one_to_one: i16, in_chat_group: i16) -> (i16, String) {
    match conversation {
        Conversation::OneToOne(account) => (one_to_one, account.as_str().to_owned()),
        Conversation::ChatGroup(chat_group) => (in_chat_group, chat_group.as_str().to_owned()),
    }
}
