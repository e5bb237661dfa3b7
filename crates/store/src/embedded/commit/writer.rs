//! The writer: one thread that puts all waiting commits into one batch, syncs once, then publishes.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use pinfold_core::{AppId, ChatGroup, ChatGroupId};
use quick_cache::DefaultHashBuilder;
use tokio::sync::oneshot;

use super::group_commit::GroupCommitPolicy;
use super::healing::Healing;
use super::health::WriterHealth;
use super::in_flight::InFlightCommits;
use super::trouble::{Alive, LOOK};
use crate::embedded::cache::accounts::{self, Accounts, Cached};
use crate::embedded::cache::chat_groups::{self, ChatGroups};
use crate::embedded::cache::imported_cache::ImportedCache;
use crate::embedded::engine::{Engine, numbered};
use crate::embedded::format::rows::Writes;
use crate::embedded::format::{keys, values};
use crate::embedded::meters::Meters;
use crate::embedded::open::acknowledged::Acknowledged;
use crate::embedded::open::directory_watch::DirectoryWatch;
use crate::embedded::shortage::EngineLog;
use crate::embedded::slot::Slot;
use crate::{AccountKey, ChatGroupSeq, Commit, StoreError, Version};

/// Commits in one batch at most; more only makes the first ones wait longer.
const BATCH_MAX: usize = 1024;
/// Between two looks at who came to a batch that waits. A wake for each would cost more.
const LOOK_PAUSE: Duration = Duration::from_micros(100);

/// Something to be written.
pub(crate) enum Job {
    Account(AccountJob),
    ChatGroup(ChatGroupJob),
    NewChatGroups(NewChatGroupsJob),
    ForgetChatGroups(ForgetJob),
    /// Answered when everything that was queued before is durable.
    WaitDurable(Done),
}

/// A change of one account, encoded, with the state to publish once it is durable.
pub(crate) struct AccountJob {
    pub(crate) account: AccountKey,
    pub(crate) base: Option<Version>,
    pub(crate) writes: Writes,
    pub(crate) published: Arc<Cached>,
    /// Whether the account is imported from then on, if that changes.
    pub(crate) registered: Option<bool>,
    pub(crate) done: Done,
}

/// A change of the register of chat groups.
pub(crate) struct ChatGroupJob {
    pub(crate) app: AppId,
    pub(crate) id: ChatGroupId,
    pub(crate) expected: Option<ChatGroup>,
    pub(crate) new: ChatGroup,
    pub(crate) done: Done,
}

/// Chat groups that are to be registered for the first time, all or none.
pub(crate) struct NewChatGroupsJob {
    pub(crate) app: AppId,
    pub(crate) new: Vec<(ChatGroupId, ChatGroup)>,
    pub(crate) done: Done,
}

/// The first chat groups of an app, to be removed for good; answered with how many there were.
pub(crate) struct ForgetJob {
    pub(crate) app: AppId,
    pub(crate) count_max: usize,
    pub(crate) done: Done<u64>,
}

pub(crate) type Done<T = Commit> = oneshot::Sender<Result<T, StoreError>>;

/// What the accounts of a batch have come to so far.
type Versions = HashMap<AccountKey, Option<Version>, DefaultHashBuilder>;

/// The writer's own state.
pub(crate) struct Writer {
    pub(crate) directory: PathBuf,
    /// None while it is being opened anew.
    pub(crate) engine: Option<Engine>,
    /// What others read from.
    pub(crate) slot: Arc<Slot>,
    pub(crate) watch: DirectoryWatch,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) healing: Healing,
    /// What the engine had logged when it was opened.
    pub(crate) log: EngineLog,
    /// When the writer looked at the directory last, when at the journal, and when at the engine.
    pub(crate) checked: Instant,
    pub(crate) looked: Instant,
    pub(crate) asked: Instant,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) imported_cache: Arc<ImportedCache>,
    pub(crate) chat_groups: Arc<ChatGroups>,
    pub(crate) in_flight: Arc<InFlightCommits>,
    pub(crate) health: Arc<WriterHealth>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) last_commit: u64,
    pub(crate) group_commit: GroupCommitPolicy,
}

impl Writer {
    /// Works until all senders are gone; gives back the number of the last commit.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) -> u64 {
        let _alive = Alive(Arc::clone(&self.health));
        loop {
            match jobs.recv_timeout(self.healing.wait_max(LOOK)) {
                Ok(first) => self.write(self.gather(first, jobs)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.last_commit,
            }
            self.look_for_trouble();
            self.heal();
        }
    }

    pub(crate) fn engine(&self) -> Result<&Engine, StoreError> {
        self.health.check()?;
        self.engine.as_ref().ok_or(StoreError::Timeout)
    }

    /// What waits, up to a batch, and those who are about to come.
    fn gather(&self, first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
        self.meters.taken();
        // The others have no sync to share.
        let shares = matches!(first, Job::Account(_));
        let (mut batch, began) = (vec![first], Instant::now());
        loop {
            let more = jobs.try_iter().take(BATCH_MAX - batch.len());
            batch.extend(more.inspect(|_| self.meters.taken()));
            if !shares || !self.group_commit.waits(batch.len(), began.elapsed()) {
                return batch;
            }
            std::thread::sleep(LOOK_PAUSE);
        }
    }

    /// Writes a batch of accounts; chat groups are rare and go alone.
    fn write(&mut self, jobs: Vec<Job>) {
        let (mut batch, mut settling) = (Vec::new(), Vec::new());
        for job in jobs {
            match job {
                Job::Account(job) => batch.push(job),
                Job::ChatGroup(job) => self.write_chat_group(job),
                Job::NewChatGroups(job) => self.write_new_chat_groups(job),
                Job::ForgetChatGroups(job) => {
                    let forgotten = self.forget_chat_groups(job.app, job.count_max);
                    answer(job.done, forgotten);
                }
                // All that it waits for is durable.
                Job::WaitDurable(done) if batch.is_empty() => self.settle(done),
                Job::WaitDurable(done) => settling.push(done),
            }
        }
        self.write_accounts(batch);
        settling.into_iter().for_each(|done| self.settle(done));
    }

    fn settle(&self, done: Done) {
        answer(done, self.health.check().map(|()| Commit::Committed));
    }

    fn write_accounts(&mut self, batch: Vec<AccountJob>) {
        let mut writes = Writes::new();
        let accounts = batch.len();
        let mut winners = Vec::with_capacity(batch.len());
        let mut versions = Versions::with_capacity_and_hasher(batch.len(), DefaultHashBuilder::default());
        for mut job in batch {
            match self.is_current(&job, &mut versions) {
                Ok(true) => {
                    writes.append(&mut job.writes);
                    winners.push(job);
                }
                Ok(false) => self.end(job, Ok(Commit::Conflict)),
                Err(error) => self.end(job, Err(error)),
            }
        }
        if winners.is_empty() {
            return;
        }
        if versions.len() < accounts {
            writes = last_of_each(writes);
        }
        let written = self.commit(writes, winners.len());
        for job in winners {
            if let Some(imported) = job.registered.filter(|_| written.is_ok()) {
                self.imported_cache.publish(job.account.clone(), imported);
            }
            // Of several states of one account the last one is published.
            if written.is_ok() && versions.get(&job.account) == Some(&job.published.version) {
                accounts::publish(&self.accounts, job.account.clone(), Arc::clone(&job.published));
            }
            self.end(job, written.clone().map(|()| Commit::Committed));
        }
    }

    /// A job is over; from here on the account's newest state is the durable one, if nothing came after it.
    fn end(&self, job: AccountJob, result: Result<Commit, StoreError>) {
        job.published.durability.decide(matches!(result, Ok(Commit::Committed)));
        self.in_flight.ended(&job.account, &job.published);
        answer(job.done, result);
    }

    /// Whether nobody committed to the account since the job's base was read, this batch included.
    fn is_current(&self, job: &AccountJob, versions: &mut Versions) -> Result<bool, StoreError> {
        let current = match versions.get(&job.account) {
            Some(version) => *version,
            None => self.version(&job.account)?,
        };
        let is_current = current == job.base;
        if is_current {
            versions.insert(job.account.clone(), job.published.version);
        }
        Ok(is_current)
    }

    fn version(&self, account: &AccountKey) -> Result<Option<Version>, StoreError> {
        if let Some(cached) = self.accounts.peek(account) {
            return Ok(cached.version);
        }
        let head = keys::row(&keys::account_prefix(account), &keys::Row::Head);
        self.engine()?.get(&head)?.map(|value| Ok(values::decode_head(&value)?.0)).transpose()
    }

    fn write_chat_group(&mut self, job: ChatGroupJob) {
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

    fn write_new_chat_groups(&mut self, NewChatGroupsJob { app, new, done }: NewChatGroupsJob) {
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

    fn forget_chat_groups(&mut self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        let (first, are_all) = chat_groups::first(self.engine()?, app, count_max)?;
        let rows = first.iter().flat_map(|(serial, id)| [keys::chat_group(app, id), keys::serial(app, *serial)]);
        let count = are_all.then(|| keys::chat_group_count(app));
        let writes: Writes = rows.chain(count).map(|key| (key.into(), None)).collect();
        // Where none is left the count went with the last one.
        if !first.is_empty() {
            self.commit(writes, first.len())?;
        }
        let forgotten = first.len() as u64;
        first.into_iter().for_each(|(_, id)| self.chat_groups.forget(app, id));
        Ok(forgotten)
    }

    /// One batch, one sync. The first failure is the last write: what became of it is unknown until the
    /// store is opened anew.
    fn commit(&mut self, writes: Writes, changes: usize) -> Result<(), StoreError> {
        let engine = self.engine()?;
        self.health.commit_begins();
        let began = Instant::now();
        let written = engine.commit(numbered(writes, self.last_commit + 1));
        self.health.commit_ended();
        let time = began.elapsed();
        self.meters.committed(changes, time);
        self.group_commit = GroupCommitPolicy::after(changes, self.meters.waiting(), time);
        match written {
            Ok(()) => self.acknowledge(),
            Err(error) => {
                self.fail(&error);
                self.health.check()
            }
        }
    }
}

fn chat_group_rows(app: AppId, id: &ChatGroupId, serial: ChatGroupSeq, new: &ChatGroup) -> Writes {
    vec![
        (keys::chat_group(app, id).into(), Some(values::encode_chat_group(serial, new).into())),
        (keys::serial(app, serial).into(), Some(values::encode_chat_group_id(id).into())),
    ]
}

/// Several changes of one account write the same rows; the last one counts, whatever the engine makes of repeats.
fn last_of_each(writes: Writes) -> Writes {
    writes.into_iter().collect::<HashMap<_, _>>().into_iter().collect()
}

/// A caller that went away meanwhile is no error.
fn answer<T>(done: Done<T>, result: Result<T, StoreError>) {
    let _ = done.send(result);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use pinfold_core::AccountId;

    use super::*;
    use crate::Durability;
    use crate::embedded::format::rows::Account;
    use crate::stats::Evictions;

    fn writer(place: &std::path::Path, group_commit: GroupCommitPolicy) -> Writer {
        let data = place.join("data");
        let engine = Engine::open(&data, true).unwrap();
        let mut watch = DirectoryWatch::new(place, &std::fs::File::create(place.join("lock")).unwrap()).unwrap();
        watch.opened().unwrap();
        Writer {
            directory: place.to_owned(),
            engine: Some(engine.clone()),
            slot: Arc::new(Slot::new(engine)),
            watch,
            acknowledged: Acknowledged::begin(place, 0).unwrap(),
            healing: Healing::new(),
            log: EngineLog::now(),
            checked: Instant::now(),
            looked: Instant::now(),
            asked: Instant::now(),
            accounts: Arc::new(accounts::accounts(1 << 20, Evictions::default())),
            imported_cache: Arc::new(ImportedCache::new()),
            chat_groups: Arc::new(ChatGroups::new()),
            in_flight: Arc::new(InFlightCommits::new(1 << 20)),
            health: Arc::new(WriterHealth::new(Duration::from_secs(10))),
            meters: Arc::new(Meters::new()),
            last_commit: 0,
            group_commit,
        }
    }

    fn change() -> Job {
        let account = AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() };
        let published = Cached::new(Account::default(), Durability::pending());
        let (done, _) = oneshot::channel();
        Job::Account(AccountJob { account, base: None, writes: Writes::new(), published, registered: None, done })
    }

    #[test]
    fn a_change_waits_for_the_others_that_are_expected_and_takes_them_along() {
        let place = tempfile::tempdir().unwrap();
        let sync = Duration::from_millis(8);
        let writer = writer(place.path(), GroupCommitPolicy::after(3, 0, sync));
        let (sender, jobs) = sync_channel(8);
        (0..3).for_each(|_| writer.meters.queued());
        sender.send(change()).unwrap();
        let began = Instant::now();
        assert_eq!(writer.gather(change(), &jobs).len(), 2);
        assert!(began.elapsed() >= sync / 4, "one was missing, and nobody waited for it");
        assert_eq!(writer.meters.waiting(), 1);
    }
}
