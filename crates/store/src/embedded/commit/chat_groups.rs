//! Commits of chat groups. They are rare, so that each is a batch of its own.

use std::collections::HashSet;

use pinfold_core::{AppId, ChatGroup, ChatGroupId, ChatGroupSeq};

use super::jobs::{ChatGroupJob, NewChatGroupsJob, answer};
use super::writer::Writer;
use crate::embedded::format::rows::Writes;
use crate::embedded::format::{keys, values};
use crate::embedded::listing;
use crate::{Commit, StoreError};

impl Writer {
    pub(super) fn write_chat_group(&mut self, job: ChatGroupJob) {
        let result = self.put_chat_group(&job);
        if matches!(result, Ok(Commit::Committed)) {
            self.chat_groups.publish(job.app, job.id, job.new);
        }
        answer(job.done, result);
    }

    fn put_chat_group(&mut self, job: &ChatGroupJob) -> Result<Commit, StoreError> {
        let key = keys::chat_group(job.app, &job.id);
        let existing = self.engine()?.get(&key)?.map(|value| values::decode_chat_group(&value)).transpose()?;
        if existing.as_ref().map(|(_, chat_group)| chat_group) != job.expected.as_ref() {
            return Ok(Commit::Conflict);
        }
        let mut count = self.engine()?.chat_group_count(job.app)?;
        let was_live = existing.as_ref().is_some_and(|(_, chat_group)| !chat_group.destroyed);
        count.live = count.live + u64::from(!job.new.destroyed) - u64::from(was_live);
        let serial = existing.map_or(ChatGroupSeq(count.last_serial + 1), |(serial, _)| serial);
        count.last_serial = count.last_serial.max(serial.0);
        let mut writes = chat_group_rows(job.app, &job.id, serial, &job.new);
        writes.push((keys::chat_group_count(job.app).into(), Some(values::encode_chat_group_count(count).into())));
        self.commit(writes, 1)?;
        Ok(Commit::Committed)
    }

    pub(super) fn write_new_chat_groups(&mut self, NewChatGroupsJob { app, new, done }: NewChatGroupsJob) {
        let result = self.put_new_chat_groups(app, &new);
        if matches!(result, Ok(Commit::Committed)) {
            for (id, chat_group) in new {
                self.chat_groups.publish(app, id, chat_group);
            }
        }
        answer(done, result);
    }

    fn put_new_chat_groups(&mut self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        let mut count = self.engine()?.chat_group_count(app)?;
        let (mut writes, mut ids) = (Writes::new(), HashSet::new());
        for (id, chat_group) in new {
            if !ids.insert(id) || self.engine()?.get(&keys::chat_group(app, id))?.is_some() {
                return Ok(Commit::Conflict);
            }
            count.last_serial += 1;
            count.live += u64::from(!chat_group.destroyed);
            writes.extend(chat_group_rows(app, id, ChatGroupSeq(count.last_serial), chat_group));
        }
        writes.push((keys::chat_group_count(app).into(), Some(values::encode_chat_group_count(count).into())));
        self.commit(writes, new.len())?;
        Ok(Commit::Committed)
    }

    pub(super) fn forget_chat_groups(&mut self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        let (first, are_all) = listing::first_chat_groups(self.engine()?, app, count_max)?;
        let rows = first.iter().flat_map(|(serial, id)| [keys::chat_group(app, id), keys::serial(app, *serial)]);
        let count = are_all.then(|| keys::chat_group_count(app));
        let writes: Writes = rows.chain(count).map(|key| (key.into(), None)).collect();
        // If the app has none, its count was removed with the last one.
        if !first.is_empty() {
            self.commit(writes, first.len())?;
        }
        let forgotten = first.len() as u64;
        first.into_iter().for_each(|(_, id)| self.chat_groups.forget(app, id));
        Ok(forgotten)
    }
}

fn chat_group_rows(app: AppId, id: &ChatGroupId, serial: ChatGroupSeq, new: &ChatGroup) -> Writes {
    vec![
        (keys::chat_group(app, id).into(), Some(values::encode_chat_group(serial, new).into())),
        (keys::serial(app, serial).into(), Some(values::encode_chat_group_id(id).into())),
    ]
}
