//! What the registers say about the conversations of a call.

use std::collections::HashMap;

use crate::{AppPolicy, ChatGroup, Conversation, Refusal, Registration};

/// What a register says of one account or chat group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeerStatus {
    /// It is registered.
    Registered,
    /// It was never registered, or the account was deleted.
    #[default]
    Unregistered,
    /// The chat group was destroyed.
    Destroyed,
}

impl PeerStatus {
    /// The status of an account.
    pub fn of_account(is_imported: bool) -> Self {
        if is_imported { Self::Registered } else { Self::Unregistered }
    }

    /// The status of a chat group of which the register has this.
    pub fn of_chat_group(found: Option<&ChatGroup>) -> Self {
        match found {
            Some(chat_group) if chat_group.destroyed => Self::Destroyed,
            Some(_) => Self::Registered,
            None => Self::Unregistered,
        }
    }
}

/// What the registers say of each conversation that was asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerStatuses(HashMap<Conversation, PeerStatus>);

impl FromIterator<(Conversation, PeerStatus)> for PeerStatuses {
    fn from_iter<I: IntoIterator<Item = (Conversation, PeerStatus)>>(statuses: I) -> Self {
        Self(statuses.into_iter().collect())
    }
}

impl PeerStatuses {
    /// The status of a conversation; one that was not asked about counts as unregistered.
    pub fn of(&self, conversation: &Conversation) -> PeerStatus {
        self.0.get(conversation).copied().unwrap_or_default()
    }

    /// Those of the conversations whose status decides anything under this policy.
    pub fn needed(policy: &AppPolicy, conversations: &[Conversation]) -> Vec<Conversation> {
        let is_needed = |conversation: &&Conversation| match conversation {
            Conversation::OneToOne(account) => !policy.knows_account(account, false),
            Conversation::ChatGroup(_) => true,
        };
        conversations.iter().filter(is_needed).cloned().collect()
    }

    /// Refuses a conversation with an account or chat group that the app does not know.
    ///
    /// # Errors
    /// [`Refusal::PeerNotImported`], [`Refusal::ChatGroupUnknown`].
    pub(crate) fn check(&self, policy: &AppPolicy, conversation: &Conversation) -> Result<(), Refusal> {
        let status = self.of(conversation);
        match conversation {
            Conversation::OneToOne(account) => {
                let known = policy.knows_account(account, status == PeerStatus::Registered);
                if known { Ok(()) } else { Err(Refusal::PeerNotImported(account.clone())) }
            }
            Conversation::ChatGroup(chat_group) => match (status, policy.chat_groups) {
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
        PeerStatuses::from_iter([(peer.clone(), status)]).check(&policy, peer).is_ok()
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

    #[test]
    fn the_status_of_an_account_is_needed_only_where_accounts_must_be_imported() {
        let peers = [
            Conversation::OneToOne(AccountId::parse("bob").unwrap()),
            Conversation::ChatGroup(ChatGroupId::parse("g").unwrap()),
        ];
        let any = AppPolicy { accounts: Registration::Any, ..AppPolicy::default() };
        assert_eq!(PeerStatuses::needed(&any, &peers), peers[1..]);
        assert_eq!(PeerStatuses::needed(&AppPolicy::default(), &peers), peers);
    }
}
