//! A cache of the register of chat groups: every change of a conversation with one asks for it, most often
//! for one that nobody registered.

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use quick_cache::sync::Cache;

use crate::embedded::engine::Engine;
use crate::embedded::format::{keys, values};
use crate::{ChatGroupSeq, StoreError};

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

/// The ids of the first chat groups of an app with their serial numbers, and whether those are all.
pub(crate) fn first(
    engine: &Engine,
    app: AppId,
    count_max: usize,
) -> Result<(Vec<(ChatGroupSeq, ChatGroupId)>, bool), StoreError> {
    let mut rows = engine.range(keys::serial(app, ChatGroupSeq(0)), keys::serial(app, ChatGroupSeq(u32::MAX)));
    let listed = |row: Result<(fjall::Slice, fjall::Slice), StoreError>| {
        let (key, id) = row?;
        match keys::parse_other(&key)? {
            keys::Other::ChatGroupSeq(_, serial) => Ok((serial, values::decode_chat_group_id(&id)?)),
            keys::Other::LastCommit | keys::Other::Count(_) | keys::Other::ChatGroup(..) => {
                Err(StoreError::Damaged(format!("{key:?} is among serial numbers")))
            }
        }
    };
    let first = rows.by_ref().take(count_max).map(listed).collect::<Result<_, _>>()?;
    Ok((first, rows.next().is_none()))
}

/// A chat group by its row in the list of serial numbers.
pub(crate) fn listed(
    engine: &Engine,
    app: AppId,
    id: &[u8],
) -> Result<(ChatGroupSeq, ChatGroupId, ChatGroup), StoreError> {
    let id = values::decode_chat_group_id(id)?;
    let row = engine.get(&keys::chat_group(app, &id))?;
    let row = row.ok_or_else(|| StoreError::Damaged(format!("chat group {id} is listed but not kept")))?;
    let (serial, chat_group) = values::decode_chat_group(&row)?;
    Ok((serial, id, chat_group))
}
