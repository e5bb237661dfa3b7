//! A cache of the register of chat groups: every change of a conversation with one asks for it, most often
//! for one that nobody registered.

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use quick_cache::sync::Cache;

use crate::StoreError;
use crate::embedded::engine::Engine;

/// About 4 MiB.
const KEPT_MAX: usize = 16_384;

/// What the disk says of the chat groups asked for last. Coherent, since the writer puts in what it wrote.
pub(crate) struct ChatGroups(Cache<(AppId, ChatGroupId), Option<ChatGroup>>);

impl ChatGroups {
    pub(crate) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// All of them in their order, if all are known without the disk.
    pub(crate) fn known(&self, app: AppId, ids: &[ChatGroupId]) -> Option<Vec<Option<ChatGroup>>> {
        ids.iter().map(|id| self.0.get(&(app, id.clone()))).collect()
    }

    /// One of them, from the disk if it is not known. What the writer puts in meanwhile stays.
    pub(crate) fn read(&self, engine: &Engine, app: AppId, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        self.0.get_or_insert_with(&(app, id.clone()), || engine.chat_group(app, id))
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    /// It is not there any more.
    pub(crate) fn forget(&self, app: AppId, id: ChatGroupId) {
        self.0.insert((app, id), None);
    }

    /// What is durable from now on.
    pub(crate) fn publish(&self, app: AppId, id: ChatGroupId, chat_group: ChatGroup) {
        self.0.insert((app, id), Some(chat_group));
    }
}
