//! Changes that tell who asked for them, for the history and for those who listen.

use std::sync::Arc;

use pinfold_core::{
    Conversation, Draft, Entries, HistoryChange, Origin, Refusal, Revision, TimeMs, Timestamp, WebhookCommands,
};

use super::{Base, Beside, Store, UpdateError, WithBeside};
use crate::{AccountKey, Scope};

/// A store on behalf of one call.
#[derive(Clone, Copy)]
pub struct Acting<'s> {
    pub(super) store: &'s Store,
    pub(super) origin: &'s Origin,
    /// Whether changes are kept.
    pub(super) keep: bool,
    pub(super) send: WebhookCommands,
}

/// The answer of a rule, and what it came to.
#[derive(Clone, Debug)]
pub struct Updated<T> {
    /// The rule's answer.
    pub answer: T,
    /// The change that was committed. `None` if nothing was changed, or if it is neither kept nor listened to.
    pub change: Option<Arc<HistoryChange>>,
}

impl Acting<'_> {
    /// Has changes that are kept wait to be sent to the app's backend, if these commands tell them.
    #[must_use]
    pub fn sending(self, commands: WebhookCommands) -> Self {
        Self { send: commands, ..self }
    }

    /// As [`Store::update`].
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn update<T>(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
        now: impl Into<TimeMs>,
        rule: impl Fn(&mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<Updated<T>, UpdateError> {
        let base = Base { account, scope, peers, beside: Beside::Nothing };
        self.store.update_from(base, Some(self), now.into(), |draft, _| rule(draft)).await
    }

    /// As [`Store::update`] of head and pins, with a rule that is told the time of one entry.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn update_with_entry<T>(
        &self,
        account: &AccountKey,
        conversation: &Conversation,
        now: impl Into<TimeMs>,
        rule: impl Fn(&mut Draft<'_>, Option<Timestamp>) -> Result<T, Refusal>,
    ) -> Result<Updated<T>, UpdateError> {
        let base = Base { account, scope: &Scope::Head, peers: &[], beside: Beside::Entry(conversation) };
        let rule = |draft: &mut Draft<'_>, beside: &WithBeside| rule(draft, beside.entries.get(conversation).copied());
        self.store.update_from(base, Some(self), now.into(), rule).await
    }

    /// As [`Store::update`] of the whole account, with a rule that is told the change of this revision, if it is kept,
    /// and the entries of the conversations that it deleted or restored.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn undo<T>(
        &self,
        account: &AccountKey,
        revision: Revision,
        now: impl Into<TimeMs>,
        rule: impl Fn(&mut Draft<'_>, Option<&HistoryChange>, &Entries) -> Result<T, Refusal>,
    ) -> Result<Updated<T>, UpdateError> {
        let base = Base { account, scope: &Scope::All, peers: &[], beside: Beside::Change(revision) };
        let rule = |draft: &mut Draft<'_>, beside: &WithBeside| rule(draft, beside.change.as_deref(), &beside.entries);
        self.store.update_from(base, Some(self), now.into(), rule).await
    }
}
