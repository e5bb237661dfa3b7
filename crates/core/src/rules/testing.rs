//! A small world to try the rules in: one account, an app, a clock.

use std::collections::HashMap;

use super::*;
use crate::{
    ChatGroupId, Conversation, ConversationGroupId, Fingerprint, GroupName, PeerStatus, StandardMarks, Timestamp,
    decide,
};

pub(super) struct World {
    pub(super) policy: AppPolicy,
    pub(super) account: AccountId,
    pub(super) state: AccountState,
    pub(super) now: u32,
    /// Stands for the bytes of a request that may be repeated.
    pub(super) request: u8,
    statuses: HashMap<Conversation, PeerStatus>,
}

pub(super) fn one(account: &str) -> Conversation {
    Conversation::OneToOne(AccountId::parse(account).unwrap())
}

pub(super) fn chat_group(id: &str) -> Conversation {
    Conversation::ChatGroup(ChatGroupId::parse(id).unwrap())
}

fn name(text: &str) -> GroupName {
    GroupName::stored(text)
}

impl World {
    /// An imported account "alice"; peers are known unless a test says otherwise.
    pub(super) fn new() -> Self {
        let mut state = AccountState::default();
        state.head.imported = true;
        let mut statuses: HashMap<_, _> =
            ["amy", "bob", "carol", "dave", "zoe"].map(|peer| (one(peer), PeerStatus::Registered)).into();
        statuses.insert(chat_group("gone"), PeerStatus::Destroyed);
        let account = AccountId::parse("alice").unwrap();
        Self { policy: AppPolicy::default(), account, state, now: 1_750_000_000, request: 1, statuses }
    }

    pub(super) fn unknown(&mut self, peer: Conversation) {
        self.statuses.insert(peer, PeerStatus::Unregistered);
    }

    fn run<T>(&mut self, rule: impl FnOnce(&Call<'_>, &mut Draft<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let peers = Peers::new(&self.policy, self.statuses.clone());
        let call = Call { policy: &self.policy, account: &self.account, peers: &peers };
        let (answer, changes) = decide(&self.state, Timestamp(self.now), |draft| rule(&call, draft))?;
        if let Some(changes) = changes {
            self.state.apply(&changes);
        }
        Ok(answer)
    }

    pub(super) fn create(&mut self, group: &str, items: &[Conversation]) -> Result<CreatedConversationGroup, Refusal> {
        let items: Vec<_> = items.iter().cloned().map(Ok).collect();
        self.run(|call, draft| create_conversation_group(call, draft, &name(group), &items))
    }

    pub(super) fn update(
        &mut self,
        group: &str,
        items: &[(MemberOperation, Conversation)],
    ) -> Result<ItemResults, Refusal> {
        let change = |(operation, conversation): &(MemberOperation, Conversation)| {
            Ok(MemberChange { operation: *operation, conversation: conversation.clone() })
        };
        let items: Vec<_> = items.iter().map(change).collect();
        self.run(|call, draft| update_members(call, draft, &name(group), &items)).map(|(_, results)| results)
    }

    pub(super) fn rename(&mut self, old: &str, new: &str) -> Result<ConversationGroupId, Refusal> {
        let fingerprint = Fingerprint([self.request; 32]);
        self.run(|call, draft| rename_conversation_group(call, draft, fingerprint, &name(old), &name(new)))
    }

    pub(super) fn delete(&mut self, group: &str) -> Result<ConversationGroupId, Refusal> {
        let fingerprint = Fingerprint([self.request; 32]);
        self.run(|call, draft| delete_conversation_group(call, draft, fingerprint, &name(group)))
    }

    pub(super) fn mark(&mut self, items: &[Result<MarkChange, Refusal>]) -> Result<ItemResults, Refusal> {
        self.run(|call, draft| mark(call, draft, items))
    }

    pub(super) fn set_marks(&mut self, conversation: Conversation, set: u64) -> Result<ItemResults, Refusal> {
        let standard = Some(StandardChange { clear: StandardMarks(0), set: StandardMarks(set) });
        self.mark(&[Ok(MarkChange { conversation, standard, custom: None })])
    }

    pub(super) fn pin(&mut self, conversations: &[Conversation]) -> Result<(), Refusal> {
        self.pins(PinOperation::Pin, conversations)
    }

    pub(super) fn pins(&mut self, operation: PinOperation, conversations: &[Conversation]) -> Result<(), Refusal> {
        self.run(|call, draft| pin(call, draft, operation, conversations))
    }
}
