//! The lines of the list of recent conversations: entries of accounts, and the times of chat groups.

use std::borrow::Cow;

use pinfold_core::{AccountId, AppId, ChatGroupId, RecentEntry, Timestamp};
use serde::{Deserialize, Serialize};

use super::account::app;
use super::error::{name, name_of_chat_group};
use super::parts::{conversation, sides};
use crate::AccountKey;
use crate::recents::check_time;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine<'a> {
    app: u32,
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_to_one: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat_group: Option<Cow<'a, str>>,
    at: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatGroupTimeLine<'a> {
    app: u32,
    #[serde(borrow)]
    id: Cow<'a, str>,
    at: u32,
}

impl<'a> EntryLine<'a> {
    pub(super) fn new(account: &'a AccountKey, entry: &'a RecentEntry) -> Self {
        let (one_to_one, chat_group) = sides(&entry.conversation);
        Self { app: account.app.0, account: account.account.as_str().into(), one_to_one, chat_group, at: entry.at.0 }
    }

    /// The entry and its account, or what is wrong.
    pub(super) fn read(self) -> Result<(AccountKey, RecentEntry), String> {
        let account = AccountId::parse(&self.account).map_err(|problem| format!("entry: account {problem}"))?;
        let account = AccountKey { app: app(self.app)?, account };
        let of_account = |problem: String| format!("{}: entry: {problem}", name(&account));
        let conversation = conversation(self.one_to_one, self.chat_group).map_err(of_account)?;
        let entry = RecentEntry { conversation, at: Timestamp(self.at) };
        check_time(entry.at).map_err(of_account)?;
        Ok((account, entry))
    }
}

impl<'a> ChatGroupTimeLine<'a> {
    pub(super) fn new(app: AppId, id: &'a ChatGroupId, at: Timestamp) -> Self {
        Self { app: app.0, id: id.as_str().into(), at: at.0 }
    }

    /// The chat group and its time, or what is wrong.
    pub(super) fn read(self) -> Result<(AppId, ChatGroupId, Timestamp), String> {
        let id = ChatGroupId::parse(&self.id).map_err(|problem| format!("chat_group_time: id {problem}"))?;
        let (app, at) = (app(self.app)?, Timestamp(self.at));
        check_time(at).map_err(|problem| format!("{}: chat_group_time: {problem}", name_of_chat_group(app, &id)))?;
        Ok((app, id, at))
    }
}
