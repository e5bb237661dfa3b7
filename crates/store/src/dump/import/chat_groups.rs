//! Chat groups, one after the other: the store numbers them in the order they come.

use std::collections::VecDeque;

use pinfold_core::{AppId, ChatGroup, ChatGroupId};

use super::{Mode, Put};
use crate::{Backend, Commit, Serial, StoreError};

/// Chat groups of the store that are listed at a time.
const PAGE: usize = 256;

/// Puts chat groups into the store, app by app.
///
/// What is there from an earlier import is the beginning of the same list: the order, and so the numbers, come out as
/// if it had not been interrupted.
pub(super) struct ChatGroups<'b> {
    backend: &'b dyn Backend,
    mode: Mode,
    app: Option<AppId>,
    last_there: Serial,
    there: VecDeque<(ChatGroupId, ChatGroup)>,
}

impl<'b> ChatGroups<'b> {
    pub(super) fn new(backend: &'b dyn Backend, mode: Mode) -> Self {
        Self { backend, mode, app: None, last_there: Serial(0), there: VecDeque::new() }
    }

    /// Puts the next chat group of the dump, or finds it as the next one of the store. The error is the problem.
    pub(super) async fn put(&mut self, app: AppId, id: &ChatGroupId, new: &ChatGroup) -> Result<Put, String> {
        let failed = |error: StoreError| format!("the store: {error}");
        match self.next_there(app).await.map_err(failed)? {
            Some(there) if self.mode == Mode::Resume && there == (id.clone(), new.clone()) => return Ok(Put::There),
            Some((there, _)) => {
                return Err(format!("the store has chat group {:?} in its place", there.as_str()));
            }
            None => {}
        }
        match self.backend.put_chat_group(app, id, None, new).await.map_err(failed)? {
            Commit::Committed => Ok(Put::New),
            Commit::Conflict => {
                Err("the store has it already; it is in the dump twice, or somebody else writes".into())
            }
        }
    }

    /// The next chat group that was there when the import came to this app.
    async fn next_there(&mut self, app: AppId) -> Result<Option<(ChatGroupId, ChatGroup)>, StoreError> {
        let new_app = self.app.replace(app) != Some(app);
        if new_app {
            (self.last_there, self.there) = (Serial(0), VecDeque::new());
        }
        // Once a page was empty, what comes behind is what this import puts there.
        let may_be_more = new_app || self.last_there != Serial(u32::MAX);
        if self.there.is_empty() && may_be_more {
            let page = self.backend.chat_groups_after(app, self.last_there, PAGE).await?;
            self.last_there = page.last().map_or(Serial(u32::MAX), |(last, _, _)| *last);
            self.there = page.into_iter().map(|(_, id, chat_group)| (id, chat_group)).collect();
        }
        Ok(self.there.pop_front())
    }
}
