//! A small world to try the rules in: one account, an app, a clock.

use super::*;
use crate::{
    Activities, ChatGroupId, Conversation, ConversationGroupId, CustomMark, Event, Fingerprint, GroupData, GroupName,
    HistoryChange, Origin, PeerStatus, PeerStatuses, RecentEntry, RecentView, Revision, StandardMarks, StateDiff,
    Timestamp, Via, decide,
};

pub(crate) struct World {
    pub(crate) policy: AppPolicy,
    pub(crate) account: AccountId,
    pub(crate) state: AccountState,
    pub(crate) now: u32,
    /// Stands for the bytes of a request that may be repeated.
    pub(crate) request: u8,
    /// Every change that was made, the first at 0.
    pub(crate) history: Vec<HistoryChange>,
    unknown: Vec<Conversation>,
}

pub(crate) fn one(account: &str) -> Conversation {
    Conversation::OneToOne(AccountId::parse(account).unwrap())
}

pub(crate) fn recent_entries(entries: &[(Conversation, u32)]) -> Vec<RecentEntry> {
    let entry = |(conversation, at): &(Conversation, u32)| (conversation.clone(), Timestamp(*at));
    entries.iter().map(entry).map(|(conversation, at)| RecentEntry { conversation, at }).collect()
}

pub(crate) fn chat_group(id: &str) -> Conversation {
    Conversation::ChatGroup(ChatGroupId::parse(id).unwrap())
}

/// An administrator who calls this command.
pub(crate) fn origin(command: &str) -> Origin {
    let caller = AccountId::parse("administrator").unwrap();
    Origin { caller: Some(caller), via: Via::Call, command: command.into() }
}

fn name(text: &str) -> GroupName {
    GroupName::stored(text)
}

impl World {
    /// An imported account "alice"; peers are known unless a test says otherwise.
    pub(crate) fn new() -> Self {
        let mut state = AccountState::default();
        state.head.imported = true;
        let account = AccountId::parse("alice").unwrap();
        let (policy, history, unknown) = (AppPolicy::default(), Vec::new(), Vec::new());
        Self { policy, account, state, now: 1_750_000_000, request: 1, history, unknown }
    }

    pub(crate) fn unknown(&mut self, peer: Conversation) {
        self.unknown.push(peer);
    }

    fn peers(&self) -> PeerStatuses {
        let known = ["amy", "bob", "carol", "dave", "zoe"].map(one).into_iter();
        let known = known.filter(|peer| !self.unknown.contains(peer)).map(|peer| (peer, PeerStatus::Registered));
        known.chain([(chat_group("gone"), PeerStatus::Destroyed)]).collect()
    }

    fn run<T>(&mut self, rule: impl FnOnce(&Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.change(rule).map(|(answer, _)| answer)
    }

    /// The answer of a rule, and what it changed.
    fn change<T>(
        &mut self,
        rule: impl FnOnce(&Context<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<(T, Option<StateDiff>), Refusal> {
        let ctx = Context { policy: &self.policy, account: &self.account };
        let (exists, peers, now) = (!self.state.is_empty(), self.peers(), Timestamp(self.now));
        let (answer, diff) = decide(&self.state, exists, &peers, now, |draft| rule(&ctx, draft))?;
        if let Some(diff) = &diff {
            self.history.extend(HistoryChange::of(&self.state, diff, &origin("top")));
            self.state.apply(diff);
        }
        Ok((answer, diff))
    }

    pub(crate) fn create(&mut self, group: &str, items: &[Conversation]) -> Result<CreatedConversationGroup, Refusal> {
        let items: Vec<_> = items.iter().cloned().map(Ok).collect();
        self.run(|ctx, draft| create_conversation_group(ctx, draft, &name(group), &items))
    }

    pub(crate) fn update(
        &mut self,
        group: &str,
        items: &[(MemberOperation, Conversation)],
    ) -> Result<ItemResults, Refusal> {
        let change = |(operation, conversation): &(MemberOperation, Conversation)| {
            Ok(MemberChange { operation: *operation, conversation: conversation.clone() })
        };
        let items: Vec<_> = items.iter().map(change).collect();
        self.run(|ctx, draft| update_members(ctx, draft, &name(group), &items)).map(|(_, results)| results)
    }

    pub(crate) fn rename(&mut self, old: &str, new: &str) -> Result<ConversationGroupId, Refusal> {
        let fingerprint = Fingerprint([self.request; 32]);
        self.run(|ctx, draft| rename_conversation_group(ctx, draft, fingerprint, &name(old), &name(new)))
    }

    pub(crate) fn delete(&mut self, group: &str) -> Result<ConversationGroupId, Refusal> {
        let fingerprint = Fingerprint([self.request; 32]);
        self.run(|ctx, draft| delete_conversation_group(ctx, draft, fingerprint, &name(group)))
    }

    pub(crate) fn mark(&mut self, items: &[Result<MarkChange, Refusal>]) -> Result<ItemResults, Refusal> {
        self.run(|ctx, draft| mark(ctx, draft, items))
    }

    pub(crate) fn set_marks(&mut self, conversation: Conversation, set: u64) -> Result<ItemResults, Refusal> {
        self.change_marks(conversation, 0, set)
    }

    pub(crate) fn change_marks(
        &mut self,
        conversation: Conversation,
        clear: u64,
        set: u64,
    ) -> Result<ItemResults, Refusal> {
        let standard = Some(StandardChange { clear: StandardMarks(clear), set: StandardMarks(set) });
        self.mark(&[Ok(MarkChange { conversation, standard, custom: None })])
    }

    pub(crate) fn set_custom_marks(
        &mut self,
        conversations: &[Conversation],
        text: &str,
    ) -> Result<ItemResults, Refusal> {
        let custom = Some(CustomMark::parse(text, &self.policy.limits)?);
        let change = |conversation: &Conversation| {
            Ok(MarkChange { conversation: conversation.clone(), standard: None, custom: custom.clone() })
        };
        self.mark(&conversations.iter().map(change).collect::<Vec<_>>())
    }

    pub(crate) fn order_groups(&mut self, names: &[&str]) -> Result<Vec<ListedGroup>, Refusal> {
        let names: Vec<_> = names.iter().map(|text| name(text)).collect();
        self.run(|ctx, draft| order_groups(ctx, draft, &names))
    }

    pub(crate) fn order_pins(&mut self, conversations: &[Conversation]) -> Result<Vec<Conversation>, Refusal> {
        self.run(|ctx, draft| order_pins(ctx, draft, conversations))
    }

    pub(crate) fn set_group_data(&mut self, group: &str, data: &str) -> Result<ListedGroup, Refusal> {
        let data = GroupData::parse(data, &self.policy.limits)?;
        self.run(|ctx, draft| set_group_data(ctx, draft, &name(group), data.as_ref()))
    }

    pub(crate) fn delete_conversation(
        &mut self,
        conversation: Conversation,
        entry: Option<u32>,
    ) -> Result<Option<StateDiff>, Refusal> {
        let entry = entry.map(Timestamp);
        self.change(|ctx, draft| delete_conversation(ctx, draft, &conversation, entry)).map(|((), diff)| diff)
    }

    /// Undoes a change, where these entries are there, and tells what that was.
    pub(crate) fn undo_with(&mut self, revision: u32, entries: &[(Conversation, u32)]) -> Result<Vec<Event>, Refusal> {
        let (revision, made) = (Revision(revision), self.history.len());
        let found = self.history.iter().find(|change| change.revision == revision).cloned();
        let entries = entries.iter().map(|(conversation, at)| (conversation.clone(), Timestamp(*at))).collect();
        self.run(|ctx, draft| undo(ctx, draft, revision, found.as_ref(), &entries))?;
        Ok(self.history[made..].iter().flat_map(|change| change.events.clone()).collect())
    }

    pub(crate) fn undo(&mut self, revision: u32) -> Result<Vec<Event>, Refusal> {
        self.undo_with(revision, &[])
    }

    pub(crate) fn recent<'a>(&self, entries: &'a [RecentEntry]) -> RecentView<'a> {
        RecentView::new(&self.policy, &self.state.pins, entries, &Activities::new(), Timestamp(self.now))
    }

    pub(crate) fn pin(&mut self, conversations: &[Conversation]) -> Result<(), Refusal> {
        self.pins(PinOperation::Pin, conversations)
    }

    pub(crate) fn pins(&mut self, operation: PinOperation, conversations: &[Conversation]) -> Result<(), Refusal> {
        self.run(|ctx, draft| pin(ctx, draft, operation, conversations))
    }
}
