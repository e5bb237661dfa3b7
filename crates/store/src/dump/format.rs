//! The lines of a dump.

use std::borrow::Cow;

use pinfold_core::{AccountId, AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Timestamp};
use serde::{Deserialize, Serialize};

use super::Moved;
use super::account::{AccountLine, app, is_0};
use super::history::ChangeLine;
use super::recents::{ChatGroupTimeLine, EntryLine};

/// One line: an object with one of these, and the sum.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// The first.
    #[serde(borrow)]
    PinfoldDump(HeaderLine<'a>),
    /// Then the accounts.
    #[serde(borrow)]
    Account(AccountLine<'a>),
    /// Then their entries.
    #[serde(borrow)]
    Entry(EntryLine<'a>),
    /// Then their history.
    #[serde(borrow)]
    Change(ChangeLine<'a>),
    /// Then the chat groups.
    #[serde(borrow)]
    ChatGroup(ChatGroupLine<'a>),
    /// Then the times of chat groups.
    #[serde(borrow)]
    ChatGroupTime(ChatGroupTimeLine<'a>),
    /// The last.
    #[serde(borrow)]
    End(EndLine<'a>),
}

/// Fields of versions to come are not minded here: the version itself says that they are too new.
#[derive(Serialize, Deserialize)]
pub(super) struct HeaderLine<'a> {
    pub(super) version: u32,
    #[serde(borrow, default)]
    pub(super) written_by: Cow<'a, str>,
    #[serde(default)]
    pub(super) written_at: u64,
    /// Whether it has the history of accounts.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(super) history: bool,
}

fn yes() -> bool {
    true
}

fn is_yes(yes: &bool) -> bool {
    *yes
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine<'a> {
    pub(super) accounts: u64,
    #[serde(default, skip_serializing_if = "is_0")]
    pub(super) entries: u64,
    #[serde(default, skip_serializing_if = "is_0")]
    pub(super) changes: u64,
    pub(super) chat_groups: u64,
    #[serde(default, skip_serializing_if = "is_0")]
    pub(super) chat_group_times: u64,
    #[serde(borrow)]
    pub(super) sha256: Cow<'a, str>,
}

impl<'a> EndLine<'a> {
    pub(super) fn new(written: &Moved, sha256: String) -> Self {
        let Moved { accounts, entries, changes, chat_groups, chat_group_times, .. } = *written;
        Self { accounts, entries, changes, chat_groups, chat_group_times, sha256: sha256.into() }
    }

    /// How many items there have to be.
    pub(super) fn counts(&self) -> Moved {
        let Self { accounts, entries, changes, chat_groups, chat_group_times, .. } = *self;
        Moved { accounts, entries, changes, chat_groups, chat_group_times, ..Moved::default() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatGroupLine<'a> {
    app: u32,
    serial: u32,
    #[serde(borrow)]
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Cow<'a, str>>,
    created_at: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    destroyed: bool,
}

impl<'a> ChatGroupLine<'a> {
    /// The line of a chat group.
    pub(super) fn new(app: AppId, serial: ChatGroupSeq, id: &'a ChatGroupId, chat_group: &'a ChatGroup) -> Self {
        Self {
            app: app.0,
            serial: serial.0,
            id: id.as_str().into(),
            kind: chat_group.kind.as_str().into(),
            name: chat_group.name.as_str().into(),
            owner: chat_group.owner.as_ref().map(|owner| owner.as_str().into()),
            created_at: chat_group.created_at.0,
            destroyed: chat_group.destroyed,
        }
    }

    /// The chat group and its place, or what is wrong.
    pub(super) fn read(self) -> Result<(AppId, ChatGroupSeq, ChatGroupId, ChatGroup), String> {
        let id = ChatGroupId::parse(&self.id).map_err(|problem| format!("chat_group: id {problem}"))?;
        let owner = self.owner.map(|owner| AccountId::parse(&owner)).transpose();
        let chat_group = ChatGroup {
            kind: self.kind.parse().map_err(|problem| format!("chat_group: kind: {problem}"))?,
            name: self.name.into_owned(),
            owner: owner.map_err(|problem| format!("chat_group: owner {problem}"))?,
            created_at: Timestamp(self.created_at),
            destroyed: self.destroyed,
        };
        if self.serial == 0 {
            return Err("chat_group: serial must not be 0".into());
        }
        Ok((app(self.app)?, ChatGroupSeq(self.serial), id, chat_group))
    }
}
