//! The core's rules, called through a [`Store`] as the server will.

use pinfold_core::rules::{self, Context, MarkChange, PinOperation, StandardChange};
use pinfold_core::{
    AppPolicy, Conversation, ConversationGroupId, Draft, Fingerprint, GroupData, PeerStatuses, Refusal, Registration,
    StandardMarks,
};
use pinfold_store::{AccountKey, Scope, Store, UpdateError};

use super::history::origin;
use super::{NOW, name};

/// An app that knows everybody, with a limit of `max` for everything that is counted.
pub(crate) fn policy(max: usize) -> AppPolicy {
    let mut policy = AppPolicy { accounts: Registration::Any, ..AppPolicy::default() };
    policy.limits.conversation_groups_max = max;
    policy.limits.grouped_conversations_max = max;
    policy.limits.marked_conversations_max = max;
    policy.limits.pins_max = max;
    policy
}

/// An account of an app, as calls of the server see it. Its changes are kept in the history.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) store: Store,
    pub(crate) account: AccountKey,
    pub(crate) policy: AppPolicy,
}

impl Caller {
    async fn run<T>(
        &self,
        scope: Scope,
        rule: impl Fn(&Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        let ctx = Context { policy: &self.policy, account: &self.account.account };
        let (origin, rule) = (origin(), |draft: &mut Draft<'_>| rule(&ctx, draft));
        Ok(self.store.acting(&origin, true).update(&self.account, &scope, &[], NOW, rule).await?.answer)
    }

    /// Runs a rule that asks the registers about these conversations.
    async fn run_on<T>(
        &self,
        conversations: &[Conversation],
        rule: impl Fn(&Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        let ctx = Context { policy: &self.policy, account: &self.account.account };
        let scope = Scope::Conversations(conversations.to_vec());
        let peers = PeerStatuses::needed(&self.policy, conversations);
        let (origin, rule) = (origin(), |draft: &mut Draft<'_>| rule(&ctx, draft));
        Ok(self.store.acting(&origin, true).update(&self.account, &scope, &peers, NOW, rule).await?.answer)
    }

    /// Sets marks on one conversation; the refusal of the item is that of the call here.
    pub(crate) async fn mark(&self, conversation: Conversation, clear: u64, set: u64) -> Result<(), UpdateError> {
        Ok(self.mark_many(&[conversation], clear, set).await?.remove(0)?)
    }

    /// Sets the same marks on several conversations: a result for each.
    pub(crate) async fn mark_many(
        &self,
        conversations: &[Conversation],
        clear: u64,
        set: u64,
    ) -> Result<Vec<Result<(), Refusal>>, UpdateError> {
        let standard = Some(StandardChange { clear: StandardMarks(clear), set: StandardMarks(set) });
        let item =
            |conversation: &Conversation| Ok(MarkChange { conversation: conversation.clone(), standard, custom: None });
        let items: Vec<_> = conversations.iter().map(item).collect();
        self.run_on(conversations, |ctx, draft| rules::mark(ctx, draft, &items)).await
    }

    /// Creates a group, or finds it, and puts conversations into it.
    pub(crate) async fn create(
        &self,
        group: &str,
        conversations: &[Conversation],
    ) -> Result<ConversationGroupId, UpdateError> {
        let items: Vec<_> = conversations.iter().cloned().map(Ok).collect();
        let created = self
            .run_on(conversations, |ctx, draft| rules::create_conversation_group(ctx, draft, &name(group), &items))
            .await?;
        created.results.into_iter().collect::<Result<(), _>>()?;
        Ok(created.id)
    }

    pub(crate) async fn rename(&self, old: &str, new: &str) -> Result<ConversationGroupId, UpdateError> {
        let fingerprint = Fingerprint([1; 32]);
        self.run(Scope::Head, |ctx, draft| {
            rules::rename_conversation_group(ctx, draft, fingerprint, &name(old), &name(new))
        })
        .await
    }

    pub(crate) async fn delete_conversation_group(&self, group: &str) -> Result<ConversationGroupId, UpdateError> {
        let fingerprint = Fingerprint([2; 32]);
        self.run(Scope::All, |ctx, draft| rules::delete_conversation_group(ctx, draft, fingerprint, &name(group))).await
    }

    pub(crate) async fn pin(&self, pin: bool, conversation: Conversation) -> Result<(), UpdateError> {
        let operation = if pin { PinOperation::Pin } else { PinOperation::Unpin };
        let pinned = [conversation];
        self.run(Scope::Head, |ctx, draft| rules::pin(ctx, draft, operation, &pinned)).await
    }

    pub(crate) async fn order_groups(&self, first: &[&str]) -> Result<(), UpdateError> {
        let first: Vec<_> = first.iter().map(|group| name(group)).collect();
        self.run(Scope::Head, |ctx, draft| rules::order_groups(ctx, draft, &first).map(drop)).await
    }

    pub(crate) async fn order_pins(&self, first: &[Conversation]) -> Result<(), UpdateError> {
        self.run(Scope::Head, |ctx, draft| rules::order_pins(ctx, draft, first).map(drop)).await
    }

    pub(crate) async fn set_group_data(&self, group: &str, data: &str) -> Result<(), UpdateError> {
        let data = GroupData::stored(data);
        self.run(Scope::Head, |ctx, draft| rules::set_group_data(ctx, draft, &name(group), data.as_ref()).map(drop))
            .await
    }

    pub(crate) async fn delete_account(&self) -> Result<(), UpdateError> {
        self.run(Scope::All, |ctx, draft| rules::delete_account(draft, ctx.account)).await
    }
}
