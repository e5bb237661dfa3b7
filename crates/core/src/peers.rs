//! What the registers say about the conversations of a call.

use std::collections::HashMap;

use crate::{AppPolicy, Conversation, Refusal, Registration};

/// What a register says of one account or chat group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerStatus {
    /// It is registered.
    Registered,
    /// It was never registered, or the account was deleted.
    Unregistered,
    /// The chat group was destroyed.
    Destroyed,
}

/// What the registers say of each conversation that a call names.
#[derive(Clone, Debug)]
pub struct Peers<'a> {
    policy: &'a AppPolicy,
    statuses: HashMap<Conversation, PeerStatus>,
}

impl<'a> Peers<'a> {
    /// What was read from the registers. A conversation not named counts as unregistered.
    pub fn new(policy: &'a AppPolicy, statuses: HashMap<Conversation, PeerStatus>) -> Self {
        Self { policy, statuses }
    }

    /// Whether the register has to be asked about this conversation at all.
    pub fn matter(policy: &AppPolicy, conversation: &Conversation) -> bool {
        match conversation {
            Conversation::OneToOne(account) => !policy.knows_account(account, false),
            Conversation::ChatGroup(_) => true,
        }
    }

    /// Refuses a conversation with somebody the app does not know.
    ///
    /// # Errors
    /// [`Refusal::PeerNotImported`], [`Refusal::ChatGroupUnknown`].
    pub fn check(&self, conversation: &Conversation) -> Result<(), Refusal> {
        let status = self.statuses.get(conversation).copied().unwrap_or(PeerStatus::Unregistered);
        match conversation {
            Conversation::OneToOne(account) => {
                let known = self.policy.knows_account(account, status == PeerStatus::Registered);
                if known { Ok(()) } else { Err(Refusal::PeerNotImported(account.clone())) }
            }
            Conversation::ChatGroup(chat_group) => match (status, self.policy.chat_groups) {
                (PeerStatus::Registered, _) | (PeerStatus::Unregistered, Registration::Any) => Ok(()),
                (PeerStatus::Unregistered, Registration::Imported) | (PeerStatus::Destroyed, _) => {
                    Err(Refusal::ChatGroupUnknown(chat_group.clone()))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, ChatGroupId};

    fn check(accounts: Registration, chat_groups: Registration, peer: &Conversation, status: PeerStatus) -> bool {
        let policy = AppPolicy { accounts, chat_groups, ..AppPolicy::default() };
        Peers::new(&policy, [(peer.clone(), status)].into()).check(peer).is_ok()
    }

    #[test]
    fn unregistered_peers_are_known_only_where_any_id_is_accepted() {
        let account = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        let chat_group = Conversation::ChatGroup(ChatGroupId::parse("g").unwrap());
        for peer in [account, chat_group] {
            assert!(check(Registration::Any, Registration::Any, &peer, PeerStatus::Unregistered));
            assert!(!check(Registration::Imported, Registration::Imported, &peer, PeerStatus::Unregistered));
            assert!(check(Registration::Imported, Registration::Imported, &peer, PeerStatus::Registered));
        }
    }

    #[test]
    fn a_destroyed_chat_group_is_unknown_in_both_modes() {
        let chat_group = Conversation::ChatGroup(ChatGroupId::parse("g").unwrap());
        for mode in [Registration::Any, Registration::Imported] {
            assert!(!check(Registration::Any, mode, &chat_group, PeerStatus::Destroyed));
        }
    }
}
