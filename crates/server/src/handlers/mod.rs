//! One file a command: reads the request's fields, lets a rule decide, writes the answer.

mod accounts;
mod answers;
mod chat_groups;
mod create_contact_group;
mod del_contact_group;
mod get_contact_group;
mod mark_contact;
mod search_contact_group;
mod top;
mod update_contact_group;

use std::future::Future;

use pinfold_core::rules;
use pinfold_core::{AccountId, Conversation, Draft, Fingerprint, Peers, Refusal, Timestamp};
use pinfold_store::{AccountKey, Scope, Store};
use pinfold_wire::{Command, Lenient};
use prometheus::Histogram;
use sha2::{Digest, Sha256};

use crate::parse;
use crate::rest::apps::App;
use crate::rest::error::Failure;

/// A call that passed every check that is the same for all commands.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) store: &'a Store,
    pub(crate) now: Timestamp,
    /// Path and query as they came.
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
    /// Is told how many things the call names.
    pub(crate) items: &'a Histogram,
}

/// A command the server answers.
pub(crate) trait Handle: Command {
    /// How many conversations, accounts or chat groups a request names; whether they are any good is not looked at.
    fn items(_: &Self::Request) -> usize {
        1
    }

    /// Answers one call.
    fn handle(call: &Call<'_>, request: Self::Request) -> impl Future<Output = Result<Self::Response, Failure>> + Send;
}

impl Call<'_> {
    /// `From_Account`.
    fn arranging_account(&self, value: &Lenient<String>) -> Result<AccountKey, Refusal> {
        Ok(self.key(parse::account("From_Account", value)?))
    }

    /// How many elements of an array are looked at: one more than any array of a call may have, so that it is refused.
    pub(crate) fn elements_max(&self) -> usize {
        let limits = &self.app.policy.limits;
        let per_call = [
            limits.conversations_per_call_max(),
            limits.conversations_per_search_max,
            accounts::ACCOUNTS_PER_CALL_MAX,
            chat_groups::GROUPS_PER_CALL_MAX,
        ];
        per_call.into_iter().max().unwrap_or_default().saturating_add(1)
    }

    fn key(&self, account: AccountId) -> AccountKey {
        AccountKey { app: self.app.id, account }
    }

    /// Stands for the bytes of this request, for the calls that may come twice.
    fn fingerprint(&self) -> Fingerprint {
        let target_len = (self.target.len() as u64).to_be_bytes();
        let hash = Sha256::new().chain_update(target_len).chain_update(self.target).chain_update(self.body);
        Fingerprint(hash.finalize().into())
    }

    /// Runs a rule that asks no register.
    async fn update<T>(
        &self,
        account: &AccountKey,
        scope: &Scope,
        rule: impl Fn(&rules::Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failure> {
        let peers = Peers::new(&self.app.policy, std::collections::HashMap::new());
        let ctx = rules::Context { policy: &self.app.policy, account: &account.account, peers: &peers };
        Ok(self.store.update(account, scope, self.now, |draft| rule(&ctx, draft)).await?)
    }

    /// Runs a rule on what is kept about these conversations, with what the registers say of them.
    async fn update_conversations<T>(
        &self,
        account: &AccountKey,
        mut conversations: Vec<Conversation>,
        rule: impl Fn(&rules::Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failure> {
        let policy = &self.app.policy;
        // The rule refuses a call that names more than any call may; the registers need not be asked for it.
        conversations.truncate(policy.limits.conversations_per_call_max());
        let updated = self.store.update_conversations(account, policy, conversations, self.now, |peers, draft| {
            rule(&rules::Context { policy, account: &account.account, peers }, draft)
        });
        Ok(updated.await?)
    }
}
