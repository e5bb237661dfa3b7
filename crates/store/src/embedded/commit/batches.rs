//! The writer's loop: gathers waiting jobs into a batch, writes it, and checks for trouble between batches.

use std::sync::Arc;
use std::time::Duration;

use super::accounts;
use super::jobs::{AccountJob, Done, Job, RowsJob, TimesJob, answer};
use super::recent_writes::Times;
use super::times;
use super::trouble::{Alive, LOOK};
use super::writer::Writer;
use crate::Commit;
use crate::embedded::format::rows::Writes;
use crate::sync::mpsc::{Receiver, RecvTimeoutError};
use crate::sync::{Instant, thread};

/// The most jobs in a batch; with more, the first ones only wait longer.
const BATCH_MAX: usize = 1024;
/// The pause between two looks at the queue while a batch waits for more jobs. A wake-up for each job would cost more.
const LOOK_PAUSE: Duration = Duration::from_micros(100);

/// The jobs that share a sync.
#[derive(Default)]
struct Batch {
    accounts: Vec<AccountJob>,
    times: Vec<TimesJob>,
    rows: Vec<RowsJob>,
}

impl Writer {
    /// Works until all senders are dropped; returns the number of the last commit.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) -> u64 {
        let _alive = Alive(Arc::clone(&self.health));
        loop {
            match jobs.recv_timeout(self.healing.wait_max(LOOK)) {
                Ok(first) => self.write(self.gather(first, jobs)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.last_commit,
            }
            self.hold_memtables();
            self.look_for_trouble();
            self.heal();
        }
    }

    /// Takes the waiting jobs, up to a batch, and those that the group commit policy waits for.
    fn gather(&self, first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
        self.meters.taken();
        // Other jobs do not share a sync.
        let shares = matches!(first, Job::Account(_) | Job::Times(_) | Job::Rows(_));
        let (mut batch, began) = (vec![first], Instant::now());
        loop {
            let more = jobs.try_iter().take(BATCH_MAX - batch.len());
            batch.extend(more.inspect(|_| self.meters.taken()));
            if !shares || !self.group_commit.waits(batch.len(), began.elapsed()) {
                return batch;
            }
            thread::sleep(LOOK_PAUSE);
        }
    }

    /// Writes all changes of accounts, of times, and of the history as one batch, and each job of chat groups alone.
    fn write(&mut self, jobs: Vec<Job>) {
        let (mut batch, mut settling) = (Batch::default(), Vec::new());
        for job in jobs {
            match job {
                Job::Account(job) => batch.accounts.push(job),
                Job::Times(job) => batch.times.push(job),
                Job::Rows(job) => batch.rows.push(job),
                Job::ChatGroup(job) => self.write_chat_group(job),
                Job::NewChatGroups(job) => self.write_new_chat_groups(job),
                Job::ForgetChatGroups(job) => {
                    let forgotten = self.forget_chat_groups(job.app, job.count_max);
                    answer(job.done, forgotten);
                }
                // All jobs before it are durable.
                Job::WaitDurable(done) if batch.accounts.is_empty() => self.settle(done),
                Job::WaitDurable(done) => settling.push(done),
            }
        }
        self.write_batch(batch);
        settling.into_iter().for_each(|done| self.settle(done));
    }

    fn write_batch(&mut self, Batch { accounts, times, mut rows }: Batch) {
        let (mut writes, mut written) = (Writes::new(), Times::default());
        let accounts = self.accept_accounts(accounts, &mut writes, &mut written);
        let touches = self.accept_times(times, &mut written);
        writes.extend(times::rows(&written));
        add_rows(&mut rows, &mut writes);
        // Where nothing is to be written all that was found is durable.
        let result = if writes.is_empty() {
            self.health.check()
        } else {
            self.lists.write_begins(written.keys());
            let committed = self.commit(writes, accounts.jobs.len() + touches.len() + rows.len());
            self.lists.write_ended();
            committed
        };
        if result.is_ok() {
            self.recent_writes.add(self.last_commit, written);
        }
        self.end_accounts(accounts, &result);
        for (job, changed) in touches {
            self.end_times(job, result.clone().map(|()| changed));
        }
        for job in rows {
            self.in_flight.release(job.bytes);
            answer(job.done, result.clone());
        }
    }

    /// After the answers, as it may wait for the engine's lock.
    fn hold_memtables(&mut self) {
        if let Some(engine) = &self.engine {
            self.memtables.hold(engine.active_memtable());
        }
    }

    fn settle(&self, done: Done) {
        answer(done, self.health.check().map(|()| Commit::Committed));
    }
}

/// Adds the rows of these jobs to what a batch writes.
fn add_rows(jobs: &mut [RowsJob], writes: &mut Writes) {
    for job in &mut *jobs {
        writes.append(&mut job.writes);
    }
    // Two jobs may remove the same rows.
    if jobs.len() > 1 {
        *writes = accounts::last_of_each(std::mem::take(writes));
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::Pin;
    use std::sync::{Mutex, OnceLock};
    use std::task::{Context, Wake};

    use pinfold_core::{AccountId, AccountState, AppId, Head, HistoryChange};
    use tokio::sync::oneshot::{self, Receiver};

    use super::super::group_commit::GroupCommitPolicy;
    use super::super::healing::schedule::Healing;
    use super::super::health::WriterHealth;
    use super::super::in_flight::InFlightCommits;
    use super::super::recent_writes::RecentWrites;
    use super::*;
    use crate::embedded::cache::accounts::{self, Accounts, Cached};
    use crate::embedded::cache::chat_groups::ChatGroups;
    use crate::embedded::cache::heads::HeadCache;
    use crate::embedded::cache::lists::ListCache;
    use crate::embedded::engine::Engine;
    use crate::embedded::format::rows::Account;
    use crate::embedded::format::{heads, keys};
    use crate::embedded::memtables::HeldMemtables;
    use crate::embedded::meters::Meters;
    use crate::embedded::open::acknowledged::Acknowledged;
    use crate::embedded::open::directory_watch::DirectoryWatch;
    use crate::embedded::shortage::EngineLog;
    use crate::embedded::slot::Slot;
    use crate::history::SinkSlot;
    use crate::stats::Evictions;
    use crate::sync::mpsc::sync_channel;
    use crate::{AccountKey, CommitSink, Durability, Life, Position, StoreError, Version};

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
            head_cache: Arc::new(HeadCache::new()),
            chat_groups: Arc::new(ChatGroups::new()),
            lists: Arc::new(ListCache::new()),
            in_flight: Arc::new(InFlightCommits::new(1 << 20)),
            sink: SinkSlot::default(),
            undecided: Vec::new(),
            health: Arc::new(WriterHealth::new(Duration::from_secs(10))),
            meters: Arc::new(Meters::new()),
            last_commit: 0,
            published_commit: Arc::default(),
            recent_writes: RecentWrites::new(0),
            group_commit,
            memtables: HeldMemtables::default(),
        }
    }

    fn alice() -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() }
    }

    fn change() -> Job {
        change_to(None, None).0
    }

    fn change_to(base: Option<Version>, version: Option<Version>) -> (Job, Receiver<Result<Commit, StoreError>>) {
        let head = Head { revision: version.map_or(0, |version| version.number as u32), ..Head::default() };
        let state = AccountState { head, ..AccountState::default() };
        let published = Cached::new(Account { version, state, bulk: None }, Durability::pending());
        let (done, answer) = oneshot::channel();
        let job = AccountJob {
            account: alice(),
            base,
            writes: Writes::new(),
            published,
            facts: None,
            removed_entries: Vec::new(),
            restored_entries: Vec::new(),
            change: None,
            change_bytes: 0,
            done,
        };
        (Job::Account(job), answer)
    }

    /// Reads alice's version at the moment of an answer.
    struct Reader(Arc<Accounts>, OnceLock<Option<Version>>);

    impl Wake for Reader {
        fn wake(self: Arc<Self>) {
            self.1.set(self.0.peek(&alice()).and_then(|cached| cached.version)).unwrap();
        }
    }

    #[test]
    fn a_caller_that_is_answered_reads_the_newest_state_of_the_batch() {
        let place = tempfile::tempdir().unwrap();
        let mut writer = writer(place.path(), GroupCommitPolicy::default());
        let [first, second] = [1, 2].map(|number| Some(Version { number, life: Life::default() }));
        let (earlier, mut answer) = change_to(None, first);
        let (later, _answer) = change_to(first, second);
        let reader = Arc::new(Reader(Arc::clone(&writer.accounts), OnceLock::new()));
        assert!(Pin::new(&mut answer).poll(&mut Context::from_waker(&Arc::clone(&reader).into())).is_pending());
        writer.write(vec![earlier, later]);
        assert_eq!(reader.1.get(), Some(&second));
    }

    /// Notes what alice's version is in the cache, and whether a caller was answered, whenever it is told.
    struct Sink {
        accounts: Arc<Accounts>,
        answer: Mutex<Receiver<Result<Commit, StoreError>>>,
        told: Mutex<Vec<(u32, Option<Version>, bool)>>,
    }

    impl CommitSink for Sink {
        fn listens(&self, _: &AccountKey) -> bool {
            true
        }

        fn committed(&self, account: &AccountKey, position: Position, _: Option<&Arc<HistoryChange>>) {
            let published = self.accounts.peek(account).and_then(|cached| cached.version);
            let is_answered = self.answer.lock().unwrap().try_recv().is_ok();
            self.told.lock().unwrap().push((position.revision.0, published, is_answered));
        }

        fn deleted(&self, _: &AccountKey) {
            panic!("nothing is deleted");
        }
    }

    #[test]
    fn commits_are_told_in_order_when_they_can_be_read_and_before_the_first_answer() {
        let place = tempfile::tempdir().unwrap();
        let mut writer = writer(place.path(), GroupCommitPolicy::default());
        let [first, second] = [1, 2].map(|number| Some(Version { number, life: Life::default() }));
        let ((earlier, answer), (later, _answer)) = (change_to(None, first), change_to(first, second));
        let (accounts, answer) = (Arc::clone(&writer.accounts), Mutex::new(answer));
        let sink = Arc::new(Sink { accounts, answer, told: Mutex::default() });
        writer.sink.set(sink.clone());
        let (stale, _conflict) = change_to(None, first);
        writer.write(vec![earlier, later, stale]);
        assert_eq!(*sink.told.lock().unwrap(), [(1, second, false), (2, second, false)]);
    }

    /// A failed batch may turn out to be on the disk, though its callers were told of a failure.
    #[test]
    fn where_the_accounts_of_a_failed_batch_stand_is_told_when_the_store_has_reopened() {
        let place = tempfile::tempdir().unwrap();
        let mut writer = writer(place.path(), GroupCommitPolicy::default());
        let (accounts, answer) = (Arc::clone(&writer.accounts), Mutex::new(change_to(None, None).1));
        let sink = Arc::new(Sink { accounts, answer, told: Mutex::default() });
        writer.sink.set(sink.clone());
        let [first, second] = [1, 2].map(|number| Some(Version { number, life: Life::default() }));
        writer.write(vec![change_to(None, first).0]);
        writer.health.run_short("of the test".into());
        writer.write(vec![change_to(first, second).0]);
        let head = heads::encode_head(&Head { revision: 7, ..Head::default() }, Version::numbered(1));
        let engine = writer.engine.clone().unwrap();
        engine.commit([(keys::head(&alice()).into(), Some(head.into()))].into_iter()).unwrap();
        writer.tell_undecided();
        writer.tell_undecided();
        assert_eq!(*sink.told.lock().unwrap(), [(1, first, false), (7, first, false)]);
    }

    #[test]
    fn what_is_not_durable_is_not_told() {
        let place = tempfile::tempdir().unwrap();
        let mut writer = writer(place.path(), GroupCommitPolicy::default());
        let (accounts, answer) = (Arc::clone(&writer.accounts), Mutex::new(change_to(None, None).1));
        let sink = Arc::new(Sink { accounts, answer, told: Mutex::default() });
        writer.sink.set(sink.clone());
        writer.health.poison("of the test".into());
        writer.write(vec![change()]);
        assert_eq!(*sink.told.lock().unwrap(), []);
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
        assert!(began.elapsed() >= sync / 4, "the batch did not wait for the missing job");
        assert_eq!(writer.meters.waiting(), 1);
    }
}
