//! One file a command: reads the request's fields, calls a rule, writes the answer. Shared pieces are in `answers` and
//! `register_chat_group`.

mod account_check;
mod account_delete;
mod account_import;
mod answers;
mod batchsendmsg;
mod create_contact_group;
mod create_group;
mod del_contact_group;
mod delete;
mod destroy_group;
mod find_conversations;
mod get_appid_group_list;
mod get_changes;
mod get_contact_group;
mod get_group_info;
mod get_list;
mod import_group;
mod import_group_msg;
mod importmsg;
mod list_groups;
mod mark_contact;
mod message;
mod multiaccount_import;
mod order_groups;
mod order_pins;
mod register_chat_group;
mod search_contact_group;
mod send_group_msg;
mod sendmsg;
mod set_group_data;
mod top;
mod undo;
mod update_contact_group;

use std::future::Future;

use futures_util::stream::{self, StreamExt as _};
use pinfold_core::rules::{self, Signer};
use pinfold_core::{
    AccountId, Conversation, Draft, Fingerprint, Origin, PeerStatuses, Profile, Refusal, TimeMs, Timestamp,
};
use pinfold_store::{AccountKey, Acting, Recent, Scope, Store, Updated, kept_bytes};
use pinfold_wire::envelope::Status;
use pinfold_wire::{Command, Lenient};
use prometheus::Histogram;
use sha2::{Digest, Sha256};

use crate::housekeeping::{HistoryTrims, TrimQueue};
use crate::message_numbers::MessageNumbers;
use crate::metrics::Meters;
use crate::parse;
use crate::rest::apps::App;
use crate::rest::error::Failure;
use crate::rest::signer;

/// A call that passed every check that is the same for all commands.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) store: &'a Store,
    pub(crate) now: Timestamp,
    /// The same time, for changes.
    pub(crate) now_ms: TimeMs,
    /// Who asks for the changes that the call makes.
    pub(crate) origin: Origin,
    /// Path and query as they came.
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) trims: &'a TrimQueue,
    pub(crate) history_trims: &'a HistoryTrims,
    /// Counts the items that the call names.
    pub(crate) items: &'a Histogram,
    pub(crate) meters: &'a Meters,
    pub(crate) message_numbers: &'a MessageNumbers,
    pub(crate) signer: &'a Signer,
    /// See [`Call::account`]; `None` before the body is read, and for commands without `From_Account`.
    pub(crate) account: Option<Result<AccountKey, Refusal>>,
}

/// `From_Account` of a request; `None` for a command without that field.
pub(crate) type FromAccount<'r> = Option<&'r Lenient<String>>;

/// A command the server answers.
pub(crate) trait Handle: Command {
    /// Whether it sends messages or imports them: `app.messages` decides whether such a command is answered.
    const SENDS_MESSAGES: bool = false;

    /// The field that says which account a request reads or changes. Only administrators may call a command without it.
    /// A handler asks for [`Call::account`] instead of this field.
    fn from_account(request: &Self::Request) -> FromAccount<'_>;

    /// How many conversations, accounts or chat groups a request names; whether they are any good is not looked at.
    fn items(_: &Self::Request) -> usize {
        1
    }

    /// The `ActionStatus` of a call that is not refused.
    fn status(_: &Self::Response) -> Status {
        Status::Ok
    }

    /// Answers one call.
    fn handle(call: &Call<'_>, request: Self::Request) -> impl Future<Output = Result<Self::Response, Failure>> + Send;
}

impl Call<'_> {
    /// The call with the account that it is about.
    ///
    /// A signature that is not an administrator's is refused another account here, before any other field is looked at.
    /// For an administrator a refusal waits in [`Call::account`]: a number for an account id elsewhere goes before it.
    pub(crate) fn about<C: Handle>(mut self, request: &C::Request) -> Result<Self, Failure> {
        let account = C::from_account(request)
            .map(|field| rules::arranged_by(self.signer, parse::from_account(field)).map(|account| self.key(account)));
        match (self.signer, &account) {
            (Signer::Account(_), Some(Err(refusal))) => return Err(refusal.clone().into()),
            (Signer::Account(_), None) => return Err(signer::not_permitted(C::SERVICE)),
            (Signer::Account(_), Some(Ok(_))) | (Signer::Administrator(_), _) => self.account = account,
        }
        Ok(self)
    }

    /// The account that the call is about, which its signer may read and change.
    fn account(&self) -> Result<&AccountKey, Refusal> {
        let missing = || Refusal::Malformed("From_Account is missing".to_owned());
        self.account.as_ref().ok_or_else(missing)?.as_ref().map_err(Refusal::clone)
    }

    /// How many elements of an array are looked at: one more than any array of a call may have, so that it is refused.
    pub(crate) fn elements_max(&self) -> usize {
        self.app.policy.limits.elements_per_call_max().saturating_add(1)
    }

    /// What the rules judge a call for this account by.
    fn context<'a>(&'a self, account: &'a AccountKey) -> rules::Context<'a> {
        rules::Context { policy: &self.app.policy, account: &account.account }
    }

    /// Reads what the list of recent conversations is made of. One that has many entries too many is trimmed afterwards.
    async fn read_recent(&self, account: &AccountKey) -> Result<Recent, Failure> {
        let recent = self.store.read_recent(account, &Scope::All).await?;
        let pins = recent.loaded.state.pins.len();
        self.trims.note_read(account, recent.entries.len(), pins, &self.app.policy.limits);
        Ok(recent)
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
        rule: impl Fn(&mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failure> {
        let updated = self.acting(&self.origin).update(account, scope, &[], self.now_ms, rule).await?;
        Ok(self.committed(account, updated))
    }

    /// Runs a rule on what is kept about these conversations, and on what the registers say of them.
    async fn update_conversations<T>(
        &self,
        account: &AccountKey,
        mut conversations: Vec<Conversation>,
        rule: impl Fn(&mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failure> {
        let policy = &self.app.policy;
        // The rule refuses a call that names more than any call may; the registers need not be asked for it.
        conversations.truncate(policy.limits.conversations_per_call_max());
        let peers = PeerStatuses::needed(policy, &conversations);
        let scope = Scope::Conversations(conversations);
        let updated = self.acting(&self.origin).update(account, &scope, &peers, self.now_ms, rule).await?;
        Ok(self.committed(account, updated))
    }

    /// The store, which keeps the changes it makes as those of this call if the app keeps changes, and has those wait
    /// that its backend is told of.
    fn acting<'c>(&'c self, origin: &'c Origin) -> Acting<'c> {
        let policy = &self.app.policy;
        self.store.acting(origin, policy.keeps_history()).sending(policy.webhook)
    }

    /// The answer of a rule whose change, if it made one, is committed: one that is kept is counted, and may be one too
    /// many.
    fn committed<T>(&self, account: &AccountKey, updated: Updated<T>) -> T {
        let kept = updated.change.as_ref().filter(|_| self.app.policy.keeps_history());
        if let Some(change) = kept {
            let bytes = kept_bytes(&account.account, change);
            let random = |below| rand::random_range(0..below);
            self.history_trims.note_change(account, bytes, &self.app.policy.limits, random);
            self.meters.history_kept(bytes);
        }
        updated.answer
    }

    async fn import(&self, account: AccountId, profile: &Profile) -> Result<(), Failure> {
        self.update(&self.key(account), &Scope::Head, |draft| rules::import_account(draft, profile)).await
    }

    /// Makes changes of one call, as many at once as the store likes, and gives their outcomes in their order.
    async fn together<T>(&self, changes: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
        let at_once = self.store.backend().commits_at_once_max().min(self.app.policy.limits.accounts_per_call_max);
        stream::iter(changes).buffered(at_once).collect().await
    }
}
