//! Encodes the parts of an account as the rows that a commit writes and removes.

use pinfold_core::{
    AccountId, ChangeNumber, Conversation, ConversationGroup, GroupData, HistoryChange, RecentEntry, Record, Repeat,
    RepeatedAnswer, StateDiff, Timestamp,
};

use super::changes::{self, ChangeRow};
use super::entries;
use super::questions::Parameter;
use super::statements::kind;
use crate::Life;
use crate::history::kept_change;
use crate::outbox::unsent_change;
use crate::rows::{Part, of_changes};

/// The rows that make these changes to an account of this life, the one of the history included, without the head's: the
/// statement writes it from parameters of its own.
pub(super) fn encode(account: &AccountId, changes: &StateDiff, life: Life) -> (Written, Removed) {
    let (mut written, mut removed) = (Written::default(), Removed::default());
    for part in of_changes(changes) {
        match part {
            Part::Head(_) | Part::Profile(_) => {}
            Part::ConversationGroup(id, group) => {
                let key = (kind::CONVERSATION_GROUP, id.0.to_string());
                match group {
                    Some(group) => written.conversation_group(key, group),
                    None => removed.row(key),
                }
            }
            Part::Pin(conversation, pin) => {
                let key = key_of(conversation, kind::PIN_ONE_TO_ONE, kind::PIN_CHAT_GROUP);
                match pin {
                    Some(pin) => written.row(key, Some((pin.change, pin.pinned_at)), None),
                    None => removed.row(key),
                }
            }
            Part::Record(conversation, record) => {
                let key = key_of(conversation, kind::RECORD_ONE_TO_ONE, kind::RECORD_CHAT_GROUP);
                match record {
                    Some(record) => written.record(key, record),
                    None => removed.row(key),
                }
            }
        }
    }
    for entry in &changes.removed_entries {
        removed.entry(entries::key_of(life, &entry.conversation), entry.at);
    }
    // The statement keeps the later of two times.
    for RecentEntry { conversation, at } in &changes.restored_entries {
        written.entry(entries::key_of(life, conversation), *at);
    }
    if let Some(change) = kept_change(changes) {
        written.change(account, life, change);
    }
    if let Some(change) = unsent_change(changes) {
        written.unsent(life, change);
    }
    (written, removed)
}

pub(super) fn key_of(conversation: &Conversation, one_to_one: i16, in_chat_group: i16) -> (i16, String) {
    match conversation {
        Conversation::OneToOne(account) => (one_to_one, account.as_str().to_owned()),
        Conversation::ChatGroup(chat_group) => (in_chat_group, chat_group.as_str().to_owned()),
    }
}

/// One byte for what it was, the number of the conversation group, the fingerprint.
pub(super) fn of_repeat(repeat: &Repeat) -> Vec<u8> {
    let (what, id) = match repeat.answer {
        RepeatedAnswer::Renamed(id) => (1, id),
        RepeatedAnswer::Deleted(id) => (2, id),
    };
    [&[what][..], &id.0.to_be_bytes(), &repeat.fingerprint.0].concat()
}

/// The rows of a commit that are written, a column each, as a statement takes them.
#[derive(Default)]
pub(super) struct Written {
    kinds: Vec<i16>,
    keys: Vec<String>,
    changes: Vec<Option<i64>>,
    changed_at: Vec<Option<i64>>,
    labels: Vec<Option<Vec<u8>>>,
    standard: Vec<Option<i64>>,
    conversation_groups: Vec<Option<String>>,
    data: Vec<Option<Vec<u8>>>,
}

/// Keys of rows that are removed, of entries with their times.
#[derive(Default)]
pub(super) struct Removed {
    kinds: Vec<i16>,
    keys: Vec<String>,
    times: Vec<Option<i64>>,
}

impl Written {
    pub(super) fn parameters(&self) -> [Parameter<'_>; 8] {
        let Self { kinds, keys, changes, changed_at, labels, standard, conversation_groups, data } = self;
        [kinds, keys, changes, changed_at, labels, standard, conversation_groups, data]
    }

    fn row(&mut self, (kind, key): (i16, String), change: Option<(ChangeNumber, Timestamp)>, label: Option<Vec<u8>>) {
        self.kinds.push(kind);
        self.keys.push(key);
        self.changes.push(change.map(|(number, _)| number.0.into()));
        self.changed_at.push(change.map(|(_, time)| time.0.into()));
        self.labels.push(label);
        self.standard.push(None);
        self.conversation_groups.push(None);
        self.data.push(None);
    }

    fn entry(&mut self, key: (i16, String), at: Timestamp) {
        self.row(key, None, None);
        if let Some(last) = self.changed_at.last_mut() {
            *last = Some(at.0.into());
        }
    }

    fn change(&mut self, account: &AccountId, life: Life, change: &HistoryChange) {
        let row = ChangeRow::of(account, life, change);
        self.numbered((kind::CHANGE, row.key), row.revision, row.at_ms);
        if let Some(data) = self.data.last_mut() {
            *data = Some(row.data);
        }
    }

    fn unsent(&mut self, life: Life, change: &HistoryChange) {
        let key = changes::key_of(life, change.revision);
        self.numbered((kind::UNSENT, key), change.revision.0.into(), changes::to_ms(change.at));
    }

    fn numbered(&mut self, key: (i16, String), revision: i64, at_ms: i64) {
        self.row(key, None, None);
        if let (Some(number), Some(at)) = (self.changes.last_mut(), self.changed_at.last_mut()) {
            (*number, *at) = (Some(revision), Some(at_ms));
        }
    }

    fn conversation_group(&mut self, key: (i16, String), ConversationGroup { name, data }: &ConversationGroup) {
        let bytes = |text: &str| text.as_bytes().to_vec();
        self.row(key, None, Some(bytes(name.as_str())));
        if let Some(last) = self.data.last_mut() {
            *last = data.as_ref().map(GroupData::as_str).map(bytes);
        }
    }

    fn record(&mut self, key: (i16, String), Record { arrangement, change, changed_at }: &Record) {
        let custom = arrangement.custom.as_ref().map(|mark| mark.as_str().as_bytes().to_vec());
        let ids: Vec<_> = arrangement.conversation_groups.iter().map(|id| id.0.cast_signed().to_string()).collect();
        self.row(key, Some((*change, *changed_at)), custom);
        if let (Some(standard), Some(groups)) = (self.standard.last_mut(), self.conversation_groups.last_mut()) {
            *standard = Some(arrangement.standard.0.cast_signed());
            *groups = Some(format!("{{{}}}", ids.join(",")));
        }
    }
}

impl Removed {
    pub(super) fn parameters(&self) -> [Parameter<'_>; 3] {
        [&self.kinds, &self.keys, &self.times]
    }

    fn row(&mut self, (kind, key): (i16, String)) {
        self.kinds.push(kind);
        self.keys.push(key);
        self.times.push(None);
    }

    fn entry(&mut self, (kind, key): (i16, String), at: Timestamp) {
        self.kinds.push(kind);
        self.keys.push(key);
        self.times.push(Some(at.0.into()));
    }
}
