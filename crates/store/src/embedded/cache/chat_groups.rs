//! A cache of chat groups. Every change of a conversation with a chat group asks for it, and most chat groups are not
//! registered.

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use quick_cache::sync::Cache;

use super::read_through;
use crate::StoreError;
use crate::embedded::engine::Engine;

/// About 4 MiB.
const KEPT_MAX: usize = 16_384;

/// The chat groups asked for last; `None` for one that is not registered. Never stale: the writer publishes each
/// change.
pub(crate) struct ChatGroups(Cache<(AppId, ChatGroupId), Option<ChatGroup>>);

impl ChatGroups {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// All of them in this order; `None` if the cache does not know one.
    pub(crate) fn known(&self, app: AppId, ids: &[ChatGroupId]) -> Option<Vec<Option<ChatGroup>>> {
        ids.iter().map(|id| self.0.get(&(app, id.clone()))).collect()
    }

    /// One chat group, read from the disk if necessary. A change published meanwhile is kept.
    pub(crate) fn read(&self, engine: &Engine, app: AppId, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        read_through(&self.0, &(app, id.clone()), || engine.chat_group(app, id))
    }

    /// Removes all entries.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// Stores that the chat group was removed.
    pub(crate) fn forget(&self, app: AppId, id: ChatGroupId) {
        self.0.insert((app, id), None);
    }

    /// Stores a change that is durable.
    pub(crate) fn publish(&self, app: AppId, id: ChatGroupId, chat_group: ChatGroup) {
        self.0.insert((app, id), Some(chat_group));
    }
}
