//! The line of an account, and how it becomes a state: checked field by field, then as a whole.

use std::borrow::Cow;

use pinfold_core::{AccountId, AccountState, AppId, ChangeNumber, ConversationGroupId, Head, Profile, Timestamp};
use serde::{Deserialize, Serialize};

use super::DumpVersion;
use super::parts::{ConversationGroupPart, ConversationPart, PinPart, RecordPart, RepeatPart, is_empty};
use crate::AccountKey;
use crate::rows::{Assembler, Part, StoredPart, of_state};

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountLine<'a> {
    app: u32,
    #[serde(borrow)]
    id: Cow<'a, str>,
    imported: bool,
    #[serde(borrow, default, skip_serializing_if = "is_empty")]
    nick: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "is_empty")]
    face_url: Cow<'a, str>,
    last_change: u32,
    last_conversation_group_id: u32,
    grouped: u32,
    marked: u32,
    newest: u32,
    #[serde(default, skip_serializing_if = "is_0")]
    revision: u32,
    #[serde(default, skip_serializing_if = "is_0")]
    newest_ms: u64,
    #[serde(default, skip_serializing_if = "is_0")]
    history_from: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<RepeatPart>,
    conversation_groups: Vec<ConversationGroupPart<'a>>,
    records: Vec<RecordPart<'a>>,
    pins: Vec<PinPart<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    group_order: Vec<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pin_order: Vec<ConversationPart<'a>>,
}

impl<'a> AccountLine<'a> {
    /// The line of an account.
    pub(super) fn new(account: &'a AccountKey, state: &'a AccountState) -> Self {
        let mut line = Self {
            app: account.app.0,
            id: account.account.as_str().into(),
            conversation_groups: Vec::with_capacity(state.conversation_groups.len()),
            records: Vec::with_capacity(state.records.len()),
            pins: Vec::with_capacity(state.pins.len()),
            ..Self::default()
        };
        of_state(state).for_each(|part| line.set(part));
        if !state.head.pin_order.is_empty() {
            line.pin_order =
                state.ordered_pins().into_iter().map(|(pinned, _)| ConversationPart::new(pinned)).collect();
        }
        line
    }

    /// The line without what version 1 has no place for.
    pub(super) fn of_version_1(mut self) -> Self {
        (self.revision, self.newest_ms, self.history_from) = (0, 0, 0);
        (self.group_order, self.pin_order) = (Vec::new(), Vec::new());
        for group in &mut self.conversation_groups {
            group.data = Cow::Borrowed("");
        }
        self
    }

    /// The line of a dump that has no history.
    pub(super) fn without_history(self) -> Self {
        Self { history_from: 0, ..self }
    }

    /// Whether it has something that version 1 has no place for.
    fn is_beyond_version_1(&self) -> bool {
        let has_order = !(self.group_order.is_empty() && self.pin_order.is_empty());
        let has_data = self.conversation_groups.iter().any(|group| !group.data.is_empty());
        self.revision > 0 || self.newest_ms > 0 || self.history_from > 0 || has_order || has_data
    }

    fn set(&mut self, part: Part<'a>) {
        match part {
            Part::Head(head) => self.set_head(head),
            Part::Profile(Profile { nick, face_url }) => {
                (self.nick, self.face_url) = (nick.as_str().into(), face_url.as_str().into());
            }
            Part::ConversationGroup(id, group) => {
                self.conversation_groups.extend(group.map(|group| ConversationGroupPart::new(id, group)));
            }
            Part::Record(conversation, record) => {
                self.records.extend(record.map(|record| RecordPart::new(conversation, record)));
            }
            Part::Pin(conversation, pin) => self.pins.extend(pin.map(|pin| PinPart::new(conversation, pin))),
        }
    }

    fn set_head(&mut self, head: &Head) {
        // The order of pins is set with the conversations that it names.
        let Head { imported, last_change, last_conversation_group_id, grouped, marked, newest, repeat, .. } = head;
        let Head { revision, newest_ms, history_from, group_order, .. } = head;
        self.imported = *imported;
        self.last_change = last_change.0;
        self.last_conversation_group_id = *last_conversation_group_id;
        self.grouped = *grouped;
        self.marked = *marked;
        self.newest = newest.0;
        self.repeat = repeat.as_ref().map(RepeatPart::new);
        (self.revision, self.newest_ms, self.history_from) = (*revision, *newest_ms, *history_from);
        self.group_order = group_order.iter().map(|id| id.0).collect();
    }

    /// The account of the line.
    pub(super) fn account(&self) -> Result<AccountKey, String> {
        let account = AccountId::parse(&self.id).map_err(|problem| format!("account: id {problem}"))?;
        Ok(AccountKey { app: app(self.app)?, account })
    }

    /// The state, if it is one that rules can have made; or what is wrong, without the account's name.
    pub(super) fn state(self, version: DumpVersion) -> Result<AccountState, String> {
        if version == DumpVersion::V1 && self.is_beyond_version_1() {
            return Err("it has fields of version 2, and the dump has version 1".into());
        }
        let newest = Timestamp(self.newest);
        let head = Head {
            imported: self.imported,
            last_change: ChangeNumber(self.last_change),
            last_conversation_group_id: self.last_conversation_group_id,
            grouped: self.grouped,
            marked: self.marked,
            newest,
            repeat: self.repeat.map(RepeatPart::read).transpose()?,
            revision: self.revision,
            newest_ms: match version {
                DumpVersion::V1 => Head::newest_ms_of(newest),
                DumpVersion::V2 => self.newest_ms,
            },
            history_from: self.history_from,
            group_order: self.group_order.into_iter().map(ConversationGroupId).collect(),
            // It names conversations, whose pins are read below.
            pin_order: Vec::new(),
        };
        let mut account = Assembler::default();
        account.put(StoredPart::Head(head));
        let profile = Profile { nick: self.nick.into_owned(), face_url: self.face_url.into_owned() };
        account.put(StoredPart::Profile(profile));
        read(&mut account, "conversation_groups", self.conversation_groups, ConversationGroupPart::read)?;
        read(&mut account, "records", self.records, RecordPart::read)?;
        read(&mut account, "pins", self.pins, PinPart::read)?;
        let mut state = account.finish().map_err(|error| error.to_string())?;
        state.head.pin_order = read_pin_order(self.pin_order, &state)?;
        state.check().map_err(|inconsistency| inconsistency.to_string())?;
        Ok(state)
    }
}

/// Reads a list of parts; an error names the list and the place in it, counted from 0.
fn read<P>(
    account: &mut Assembler,
    name: &str,
    parts: Vec<P>,
    part: impl Fn(P) -> Result<StoredPart, String>,
) -> Result<(), String> {
    for (place, item) in parts.into_iter().enumerate() {
        let part = part(item).map_err(|problem| format!("{name}[{place}]: {problem}"))?;
        if !account.put(part) {
            return Err(format!("{name}[{place}]: it is there twice"));
        }
    }
    Ok(())
}

/// The changes that pinned these conversations.
fn read_pin_order(order: Vec<ConversationPart<'_>>, state: &AccountState) -> Result<Vec<ChangeNumber>, String> {
    let change_of = |(place, named): (usize, ConversationPart<'_>)| {
        let at_place = |problem| format!("pin_order[{place}]: {problem}");
        let named = named.read().map_err(at_place)?;
        state.pins.get(&named).map(|pin| pin.change).ok_or_else(|| at_place(format!("{named} is not pinned")))
    };
    order.into_iter().enumerate().map(change_of).collect()
}

/// Reads an app's id.
pub(super) fn app(id: u32) -> Result<AppId, String> {
    if id == 0 { Err("app must not be 0".into()) } else { Ok(AppId(id)) }
}

pub(super) fn is_0<N: Copy + Into<u64>>(number: &N) -> bool {
    (*number).into() == 0
}
