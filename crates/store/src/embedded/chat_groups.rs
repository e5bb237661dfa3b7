//! A cache of the register of chat groups: every change of a conversation with one asks for it, most often
//! for one that nobody registered.

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use quick_cache::sync::Cache;

use super::engine::Engine;
use super::{keys, values};
use crate::{Serial, StoreError};

/// About 4 MiB.
const KEPT_MAX: usize = 16_384;

/// What the disk says of the chat groups asked for last. Coherent, since the writer puts in what it wrote.
pub(super) struct ChatGroups(Cache<(AppId, ChatGroupId), Option<ChatGroup>>);

impl ChatGroups {
    pub(super) fn new() -> Self {
        Self(Cache::new(KEPT_MAX))
    }

    /// All of them in their order, if all are known without the disk.
    pub(super) fn known(&self, app: AppId, ids: &[ChatGroupId]) -> Option<Vec<Option<ChatGroup>>> {
        ids.iter().map(|id| self.0.get(&(app, id.clone()))).collect()
    }

    /// One of them, from the disk if it is not known. What the writer puts in meanwhile stays.
    pub(super) fn read(&self, engine: &Engine, app: AppId, id: &ChatGroupId) -> Result<Option<ChatGroup>, StoreError> {
        self.0.get_or_insert_with(&(app, id.clone()), || engine.chat_group(app, id))
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.clear();
    }

    /// What is durable from now on.
    pub(super) fn publish(&self, app: AppId, id: ChatGroupId, chat_group: ChatGroup) {
        self.0.insert((app, id), Some(chat_group));
    }
}

/// A chat group by its row in the list of serial numbers.
pub(super) fn listed(engine: &Engine, app: AppId, id: &[u8]) -> Result<(Serial, ChatGroupId, ChatGroup), StoreError> {
    let id = values::decode_chat_group_id(id)?;
    let row = engine.get(&keys::chat_group(app, &id))?;
    let row = row.ok_or_else(|| StoreError::Damaged(format!("chat group {id} is listed but not kept")))?;
    let (serial, chat_group) = values::decode_chat_group(&row)?;
    Ok((serial, id, chat_group))
}
