//! What the registers say of peers: a question for the accounts, one for the chat groups.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, PeerStatus, PeerStatuses};

use super::answer::Answer;
use super::lanes::Subject;
use super::pool::Pool;
use super::questions::Question;
use super::statements::{self, kind};
use super::{chat_groups, columns, loads};
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
        let of_accounts = (!self.accounts.is_empty()).then(|| self.imported());
        let of_chat_groups =
            (!self.chat_groups.is_empty()).then(|| chat_groups::question(self.app, self.chat_groups.iter().copied()));
        [of_accounts, of_chat_groups]
    }

    fn imported(&self) -> Question<'a> {
        let (app, asked) = (i64::from(self.app.0), self.accounts.iter().map(|account| account.as_str()));
        if self.accounts.len() <= statements::FEW_ACCOUNTS {
            let question = Question::of(&statements::IMPORTED_FEW).with(app);
            return loads::filled(asked, statements::FEW_ACCOUNTS).fold(question, Question::with);
        }
        Question::of(&statements::IMPORTED).with(app).with(asked.collect::<Vec<_>>()).with(kind::HEAD).with("")
    }

    /// What the answers to [`Asked::questions`] say.
    pub(super) fn statuses(
        &self,
        [of_accounts, of_chat_groups]: [Option<Answer>; 2],
    ) -> Result<PeerStatuses, StoreError> {
        let imported = of_accounts.iter().flat_map(|answer| &answer.rows).map(|row| columns::column(row, 0));
        let imported = imported.collect::<Result<BTreeSet<&str>, _>>()?;
        let found = of_chat_groups.iter().flat_map(|answer| &answer.rows).map(chat_groups::to_listed);
        let found = found.map(|listed| listed.map(|listed| (listed.id, listed.chat_group)));
        let found = found.collect::<Result<BTreeMap<_, _>, _>>()?;
        let accounts = self.accounts.iter().map(|account| {
            let status = PeerStatus::of_account(imported.contains(account.as_str()));
            (Conversation::OneToOne(AccountId::clone(account)), status)
        });
        let chat_groups = self
            .chat_groups
            .iter()
            .map(|id| (Conversation::ChatGroup(ChatGroupId::clone(id)), PeerStatus::of_chat_group(found.get(*id))));
        Ok(accounts.chain(chat_groups).collect())
    }
}
