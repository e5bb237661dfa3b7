//! What the registers say of peers: a question for the accounts, one for the chat groups.

use std::collections::BTreeMap;

use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, PeerStatus, PeerStatuses};

use super::answer::Answer;
use super::lanes::Subject;
use super::pool::Pool;
use super::questions::Question;
use super::{chat_groups, heads};
use crate::StoreError;

pub(super) async fn statuses(pool: &Pool, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
    let asked = Asked::of(app, peers);
    asked.statuses(pool.ask(Subject(app.0.into(), ""), asked.questions()).await?)
}

/// Peers, by the register that is asked about them.
pub(super) struct Asked<'a> {
    app: AppId,
    accounts: Vec<&'a AccountId>,
    chat_groups: Vec<&'a ChatGroupId>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(app: AppId, peers: &'a [Conversation]) -> Self {
        let mut asked = Self { app, accounts: Vec::new(), chat_groups: Vec::new() };
        for peer in peers {
            match peer {
                Conversation::OneToOne(account) => asked.accounts.push(account),
                Conversation::ChatGroup(id) => asked.chat_groups.push(id),
            }
        }
        asked
    }

    /// Of accounts, and of chat groups; none where nothing is asked about.
    pub(super) fn questions(&self) -> [Option<Question<'a>>; 2] {
        let of_accounts = (!self.accounts.is_empty()).then(|| heads::question(self.app, &self.accounts));
        let of_chat_groups =
            (!self.chat_groups.is_empty()).then(|| chat_groups::question(self.app, self.chat_groups.iter().copied()));
        [of_accounts, of_chat_groups]
    }

    /// What the answers to [`Asked::questions`] say.
    pub(super) fn statuses(
        &self,
        [of_accounts, of_chat_groups]: [Option<Answer>; 2],
    ) -> Result<PeerStatuses, StoreError> {
        let known = heads::found(&of_accounts)?;
        let found = of_chat_groups.iter().flat_map(|answer| &answer.rows).map(chat_groups::to_listed);
        let found = found.map(|listed| listed.map(|listed| (listed.id, listed.chat_group)));
        let found = found.collect::<Result<BTreeMap<_, _>, _>>()?;
        let accounts = self.accounts.iter().map(|account| {
            let imported = known.get(account.as_str()).is_some_and(|known| known.imported);
            let status = PeerStatus::of_account(imported);
            (Conversation::OneToOne(AccountId::clone(account)), status)
        });
        let chat_groups = self
            .chat_groups
            .iter()
            .map(|id| (Conversation::ChatGroup(ChatGroupId::clone(id)), PeerStatus::of_chat_group(found.get(*id))));
        Ok(accounts.chain(chat_groups).collect())
    }
}
