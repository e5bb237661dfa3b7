//! What a change begins from besides the account itself.

use std::sync::Arc;

use pinfold_core::{Conversation, Entries, Event, HistoryChange, Revision};

use super::Store;
use crate::{AccountKey, ChangeRange, Life, Loaded, StoreError};

/// What a rule asks for that is kept beside the account.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    Nothing,
    /// The time of one entry.
    Entry(&'a Conversation),
    /// A change, and the entries of the conversations that it deleted or restored.
    Change(Revision),
}

/// What is kept of that.
#[derive(Default)]
pub(super) struct WithBeside {
    pub(super) change: Option<Arc<HistoryChange>>,
    pub(super) entries: Entries,
}

impl Store {
    /// Reads it for a change of the account that begins from `latest`; `None` if that will never be durable.
    pub(super) async fn read_beside(
        &self,
        account: &AccountKey,
        latest: &Loaded,
        beside: Beside<'_>,
    ) -> Result<Option<WithBeside>, StoreError> {
        let Some(version) = latest.version else { return Ok(Some(WithBeside::default())) };
        let life = version.life;
        Ok(Some(match beside {
            Beside::Nothing => WithBeside::default(),
            Beside::Entry(conversation) => {
                WithBeside { change: None, entries: self.entries_of(account, life, &[conversation]).await? }
            }
            // A change is read only when it is durable, and the latest state may be on its way to the disk.
            Beside::Change(_) if !self.backend.wait_durable(account, latest).await? => return Ok(None),
            Beside::Change(revision) => self.change_with_entries(account, latest, life, revision).await?,
        }))
    }

    async fn change_with_entries(
        &self,
        account: &AccountKey,
        latest: &Loaded,
        life: Life,
        revision: Revision,
    ) -> Result<WithBeside, StoreError> {
        let head = &latest.state.head;
        let is_kept = head.history_from > 0 && (head.history_from..=head.revision).contains(&revision.0);
        let change = if is_kept { self.change(account, life, revision).await? } else { None };
        let events = change.as_ref().map_or(&[][..], |change| &change.events);
        let conversations: Vec<_> = events.iter().filter_map(listed).collect();
        let entries = self.entries_of(account, life, &conversations).await?;
        Ok(WithBeside { change, entries })
    }

    pub(super) async fn change(
        &self,
        account: &AccountKey,
        life: Life,
        revision: Revision,
    ) -> Result<Option<Arc<HistoryChange>>, StoreError> {
        let until = Revision(revision.0.saturating_add(1));
        let range = ChangeRange { from: revision, until, descending: false, count_max: 1, bytes_max: usize::MAX };
        Ok(self.backend.changes(account, life, &range).await?.pop())
    }

    async fn entries_of(
        &self,
        account: &AccountKey,
        life: Life,
        conversations: &[&Conversation],
    ) -> Result<Entries, StoreError> {
        let mut entries = Entries::new();
        for conversation in conversations {
            if let Some(at) = self.backend.entry(account, life, conversation).await? {
                entries.insert(Conversation::clone(conversation), at);
            }
        }
        Ok(entries)
    }
}

/// The conversation that an event took out of the list of recent conversations, or put back.
fn listed(event: &Event) -> Option<&Conversation> {
    match event {
        Event::ConversationDeleted { conversation, .. } | Event::ConversationRestored { conversation, .. } => {
            Some(conversation)
        }
        Event::GroupCreated { .. }
        | Event::GroupRenamed { .. }
        | Event::GroupDeleted { .. }
        | Event::GroupDataChanged { .. }
        | Event::GroupsOrdered { .. }
        | Event::ConversationsAdded { .. }
        | Event::ConversationsRemoved { .. }
        | Event::MarkChanged { .. }
        | Event::Pinned { .. }
        | Event::Unpinned { .. }
        | Event::PinsOrdered { .. }
        | Event::AccountImported
        | Event::ProfileChanged
        | Event::AccountRestored
        | Event::Forgotten => None,
    }
}
