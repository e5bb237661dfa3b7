//! Takes a message over, sent by a call or told of by a callback: looks up who takes part, and keeps its time.

use std::slice;

use pinfold_core::{AccountId, ChatGroup, ChatGroupId, Conversation, PeerStatuses, Timestamp, Touches};
use pinfold_store::{Store, StoreError, UpdateError};

use crate::housekeeping::TrimQueue;
use crate::metrics::Meters;
use crate::rest::apps::App;

/// Takes the messages of one app over.
#[derive(Clone, Copy)]
pub(crate) struct MessageTaker<'a> {
    pub(crate) app: &'a App,
    pub(crate) store: &'a Store,
    pub(crate) trims: &'a TrimQueue,
    pub(crate) meters: &'a Meters,
    pub(crate) now: Timestamp,
}

impl MessageTaker<'_> {
    /// What the register says of accounts, where that decides anything.
    pub(crate) async fn account_statuses<'i>(
        &self,
        accounts: impl IntoIterator<Item = &'i AccountId>,
    ) -> Result<PeerStatuses, StoreError> {
        let accounts: Vec<_> = accounts.into_iter().cloned().map(Conversation::OneToOne).collect();
        let needed = PeerStatuses::needed(&self.app.policy, &accounts);
        if needed.is_empty() {
            return Ok(PeerStatuses::default());
        }
        self.store.backend().peer_statuses(self.app.id, &needed).await
    }

    /// What the register has of a chat group.
    pub(crate) async fn chat_group(&self, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        Ok(self.store.backend().chat_groups(self.app.id, slice::from_ref(id)).await?.pop().flatten())
    }

    /// Keeps the times of messages; returns when they are durable.
    pub(crate) async fn touch(&self, touches: &Touches) -> Result<(), UpdateError> {
        let count = touches.entries.len() + touches.chat_groups.len();
        if count == 0 {
            return Ok(());
        }
        let grown = self.store.touch(self.app.id, touches, self.now).await?;
        self.meters.touched(&self.app.meters, count);
        let random = |below| rand::random_range(0..below);
        self.trims.have_grown(self.app.id, grown, &self.app.policy.limits, random);
        Ok(())
    }
}
