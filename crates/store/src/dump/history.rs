//! The lines of the history.

use std::borrow::Cow;

use pinfold_core::{AccountId, HistoryChange, Revision, TimeMs, Via};
use serde::{Deserialize, Serialize};

use super::account::app;
use super::error::name;
use crate::AccountKey;
use crate::history::stored::StoredEvent;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeLine<'a> {
    app: u32,
    #[serde(borrow)]
    account: Cow<'a, str>,
    revision: u32,
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caller: Option<Cow<'a, str>>,
    via: Cow<'a, str>,
    #[serde(borrow)]
    command: Cow<'a, str>,
    #[serde(borrow)]
    events: Vec<StoredEvent<'a>>,
}

impl<'a> ChangeLine<'a> {
    pub(super) fn new(account: &'a AccountKey, change: &'a HistoryChange) -> Self {
        Self {
            app: account.app.0,
            account: account.account.as_str().into(),
            revision: change.revision.0,
            at: change.at.0,
            caller: change.caller.as_ref().map(|caller| caller.as_str().into()),
            via: change.via.name().into(),
            command: change.command.as_str().into(),
            events: change.events.iter().map(StoredEvent::from).collect(),
        }
    }

    /// The change and its account, or what is wrong.
    pub(super) fn read(self) -> Result<(AccountKey, HistoryChange), String> {
        let account = AccountId::parse(&self.account).map_err(|problem| format!("change: account {problem}"))?;
        let account = AccountKey { app: app(self.app)?, account };
        let of_account = |problem: String| format!("{}: change {}: {problem}", name(&account), self.revision);
        let revision = Revision::parse(self.revision.into());
        let revision = revision.ok_or_else(|| of_account(format!("it must be one of 1 to {}", Revision::MAX)))?;
        let caller = self.caller.map(|caller| AccountId::parse(&caller)).transpose();
        let via = Via::ALL.into_iter().find(|via| via.name() == self.via);
        let events: Result<Vec<_>, _> = self.events.into_iter().map(StoredEvent::read).collect();
        let change = HistoryChange {
            revision,
            at: TimeMs(self.at),
            caller: caller.map_err(|problem| of_account(format!("caller {problem}")))?,
            via: via.ok_or_else(|| of_account(format!("via {:?} is not one that this build knows", self.via)))?,
            command: self.command.as_ref().into(),
            events: events.map_err(of_account)?,
        };
        Ok((account, change))
    }
}
