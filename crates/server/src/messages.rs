//! What a message comes to, sent by a call or told of by a callback: who takes part is looked up, and its time is kept.

use std::slice;

use pinfold_core::{AccountId, ChatGroup, ChatGroupId, Conversation, PeerStatuses, Timestamp, Touches};
use pinfold_store::{Store, StoreError, UpdateError};

use crate::metrics::Meters;
use crate::rest::apps::App;

/// What the register says of accounts, where that decides anything.
pub(crate) async fn account_statuses<'a>(
    store: &Store,
    app: &App,
    accounts: impl Iterator<Item = &'a AccountId>,
) -> Result<PeerStatuses, StoreError> {
    let accounts: Vec<_> = accounts.cloned().map(Conversation::OneToOne).collect();
    let needed = PeerStatuses::needed(&app.policy, &accounts);
    if needed.is_empty() {
        return Ok(PeerStatuses::default());
    }
    store.backend().peer_statuses(app.id, &needed).await
}

/// What the register has of a chat group.
pub(crate) async fn chat_group(store: &Store, app: &App, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
    Ok(store.backend().chat_groups(app.id, slice::from_ref(id)).await?.pop().flatten())
}

/// Keeps the times of messages; returns when they are durable.
pub(crate) async fn touch(
    store: &Store,
    meters: &Meters,
    app: &App,
    touches: &Touches,
    now: Timestamp,
) -> Result<(), UpdateError> {
    let count = touches.entries.len() + touches.chat_groups.len();
    if count > 0 {
        store.touch(app.id, touches, now).await?;
        meters.touched(&app.meters, count);
    }
    Ok(())
}
