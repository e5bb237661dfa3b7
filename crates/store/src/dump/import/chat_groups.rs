//! Chat groups, in their order, since the store numbers them as they come: many at a time.

use std::collections::VecDeque;

use pinfold_core::{AppId, ChatGroup, ChatGroupId, ChatGroupSeq};

use super::super::error::LineError;
use super::mode::{Mode, Put};
use crate::{Backend, Commit, StoreError};

/// Chat groups of the store that are listed, or registered, at a time.
const PAGE: usize = 256;

/// A chat group of the dump, and where it stands there.
pub(super) struct Line {
    pub(super) app: AppId,
    pub(super) id: ChatGroupId,
    pub(super) chat_group: ChatGroup,
    pub(super) line: u64,
    pub(super) bytes: u64,
}

impl Line {
    fn error(&self, problem: &str) -> LineError {
        let problem = format!("chat group {:?} of app {}: {problem}", self.id.as_str(), self.app.0);
        LineError { line: self.line, problem }
    }

    fn failed(&self, error: &StoreError) -> LineError {
        self.error(&format!("the store: {error}"))
    }
}

/// Puts chat groups into the store, app by app.
///
/// What is there from an earlier import is the beginning of the same list: the order, and so the numbers, come out as
/// if it had not been interrupted.
pub(super) struct ChatGroups<'b> {
    backend: &'b dyn Backend,
    mode: Mode,
    app: Option<AppId>,
    last_there: ChatGroupSeq,
    there: VecDeque<(ChatGroupId, ChatGroup)>,
    /// Those of one app that are to be registered.
    waiting: Vec<Line>,
}

impl<'b> ChatGroups<'b> {
    pub(super) fn new(backend: &'b dyn Backend, mode: Mode) -> Self {
        Self { backend, mode, app: None, last_there: ChatGroupSeq(0), there: VecDeque::new(), waiting: Vec::new() }
    }

    /// Puts the next chat group of the dump, some time before the end, or finds it as the next one of the store. Tells
    /// how lines ended, with the bytes of the dump up to them.
    pub(super) async fn put(&mut self, new: Line, tell: &mut impl FnMut(Put, u64)) -> Result<(), LineError> {
        if self.app != Some(new.app) {
            self.end(tell).await?;
        }
        match self.next_there(new.app).await.map_err(|error| new.failed(&error))? {
            Some((id, chat_group)) => {
                if self.mode != Mode::Resume || (&id, &chat_group) != (&new.id, &new.chat_group) {
                    return Err(new.error(&format!("the store has chat group {:?} in its place", id.as_str())));
                }
                tell(Put::There, new.bytes);
            }
            None => self.waiting.push(new),
        }
        if self.waiting.len() >= PAGE { self.end(tell).await } else { Ok(()) }
    }

    /// Puts those that wait.
    pub(super) async fn end(&mut self, tell: &mut impl FnMut(Put, u64)) -> Result<(), LineError> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(first) = waiting.first() else { return Ok(()) };
        let new: Vec<_> = waiting.iter().map(|line| (line.id.clone(), line.chat_group.clone())).collect();
        match self.backend.register_chat_groups(first.app, &new).await.map_err(|error| first.failed(&error))? {
            Commit::Committed => waiting.iter().for_each(|line| tell(Put::New, line.bytes)),
            Commit::Conflict => self.one_by_one(&waiting, tell).await?,
        }
        Ok(())
    }

    /// Up to the one that is there already.
    async fn one_by_one(&self, waiting: &[Line], tell: &mut impl FnMut(Put, u64)) -> Result<(), LineError> {
        for line in waiting {
            let put = self.backend.put_chat_group(line.app, &line.id, None, &line.chat_group).await;
            match put.map_err(|error| line.failed(&error))? {
                Commit::Committed => tell(Put::New, line.bytes),
                Commit::Conflict => {
                    let problem = "the store has it already; it is in the dump twice, or another process writes";
                    return Err(line.error(problem));
                }
            }
        }
        Ok(())
    }

    /// The next chat group that was there when the import came to this app.
    async fn next_there(&mut self, app: AppId) -> Result<Option<(ChatGroupId, ChatGroup)>, StoreError> {
        let new_app = self.app.replace(app) != Some(app);
        if new_app {
            (self.last_there, self.there) = (ChatGroupSeq(0), VecDeque::new());
        }
        // Once a page was empty, what comes later was registered by this import.
        let may_be_more = new_app || self.last_there != ChatGroupSeq(u32::MAX);
        if self.there.is_empty() && may_be_more {
            let page = self.backend.list_chat_groups(app, self.last_there, PAGE).await?.page;
            self.last_there = page.last().map_or(ChatGroupSeq(u32::MAX), |last| last.seq);
            self.there = page.into_iter().map(|listed| (listed.id, listed.chat_group)).collect();
        }
        Ok(self.there.pop_front())
    }
}
