//! A snapshot: everything a store keeps, as it was at one instant, item by item.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pinfold_core::{AccountState, AppId, ChatGroupId, HistoryChange, RecentEntry, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{AccountKey, ListedChatGroup, RegisterCounts, StoreError};

/// Items that were found and not read yet. Bounds the memory of a snapshot of the largest accounts.
const WAITING_MAX: usize = 32;
/// A snapshot that is not read keeps old data on the disk, or a transaction open. It ends after this time, unless
/// [`Snapshot::idle_for`] sets another.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// What a snapshot does at something that the store cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDamage {
    /// It ends with the error.
    Stop,
    /// It reports the damage and continues with the next thing that can be read.
    Skip,
}

/// An item of a snapshot. Accounts come first, then their entries of recent conversations, then their history, then what
/// is kept of chat groups, those of an app in the order of their serial numbers, and the times of the last messages in
/// them.
#[derive(Clone, Debug)]
pub enum SnapshotItem {
    /// An account that could be read. Whether its parts fit together is for [`AccountState::check`] to say.
    Account(AccountKey, Arc<AccountState>),
    /// An entry of an account; of accounts before those that were asked for too.
    Entry(AccountKey, RecentEntry),
    /// A change that is kept; as entries, of all accounts. Those of one account stand together and ascend without a gap
    /// to its last one, unless history is lost.
    Change(AccountKey, Arc<HistoryChange>),
    /// Changes of the account are missing or damaged: those that came before this lead to its last one no more.
    LostHistory(AccountKey, Damage),
    /// A chat group of the register.
    ChatGroup(AppId, ListedChatGroup),
    /// The last message in a chat group, registered or not.
    ChatGroupTime(AppId, ChatGroupId, Timestamp),
    /// What the register says of the number of an app's chat groups, before or after them.
    Counts(AppId, RegisterCounts),
    /// Something that is not as it was written.
    Damage(Damage),
}

/// Something that is damaged, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The account, chat group or file.
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Damage {
    pub(crate) fn new(what: impl Into<String>, problem: &impl ToString) -> Self {
        Self { what: what.into(), problem: problem.to_string() }
    }
}

type Sent = Result<Option<SnapshotItem>, StoreError>;

/// A snapshot that is being read. It ends early when it is dropped, or is not read for a minute.
pub struct Snapshot {
    items: Receiver<Sent>,
    idle_ms_max: Arc<AtomicU64>,
    of_one_instant: bool,
}

impl Snapshot {
    /// How long it may be left alone, instead of a minute.
    pub(crate) fn idle_for(&self, max: Duration) {
        self.idle_ms_max.store(u64::try_from(max.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The next item; `None` after the last one.
    ///
    /// # Errors
    /// The store's error, which is the last item.
    pub async fn next(&mut self) -> Result<Option<SnapshotItem>, StoreError> {
        // The sender reports the end; if it went away without a report, the snapshot is incomplete.
        let ended = || {
            StoreError::Failed(
                "the snapshot of the store ended early: nothing was taken from it for too long, the store was \
                 reopened, or it failed"
                    .into(),
            )
        };
        self.items.recv().await.unwrap_or_else(|| Err(ended()))
    }

    /// Whether everything is of one instant. If not, each account and each chat group still is.
    pub fn is_of_one_instant(&self) -> bool {
        self.of_one_instant
    }

    /// The same over several shards, each of which has an instant of its own.
    pub(crate) fn over_shards(self) -> Self {
        Self { of_one_instant: false, ..self }
    }

    /// A snapshot read by a thread that may wait for the disk. It ends when `closing` turns true.
    pub(crate) fn blocking(
        closing: watch::Receiver<bool>,
        walk: impl FnOnce(&SnapshotSender) -> Result<(), Stop> + Send + 'static,
    ) -> Self {
        let (sender, snapshot) = Self::begin(Some(closing));
        tokio::task::spawn_blocking(move || {
            if let Some(last) = last(walk(&sender)) {
                let _ = Handle::current().block_on(sender.tell(last));
            }
        });
        snapshot
    }

    /// A snapshot read by a task, which waits for a server's answers.
    pub(crate) fn spawned<F>(walk: impl FnOnce(SnapshotSender) -> F) -> Self
    where
        F: Future<Output = Result<(), Stop>> + Send + 'static,
    {
        let (sender, snapshot) = Self::begin(None);
        let walk = walk(sender.clone());
        tokio::spawn(async move {
            if let Some(last) = last(walk.await) {
                let _ = sender.tell(last).await;
            }
        });
        snapshot
    }

    fn begin(closing: Option<watch::Receiver<bool>>) -> (SnapshotSender, Self) {
        let (sender, items) = channel(WAITING_MAX);
        let idle_ms_max = Arc::new(AtomicU64::new(IDLE_MAX.as_millis() as u64));
        let sender = SnapshotSender { sender, idle_ms_max: Arc::clone(&idle_ms_max), closing };
        (sender, Self { items, idle_ms_max, of_one_instant: true })
    }
}

fn last(ended: Result<(), Stop>) -> Option<Sent> {
    match ended {
        Ok(()) => Some(Ok(None)),
        Err(Stop::Failed(error)) => Some(Err(error)),
        Err(Stop::Left) => None,
    }
}

/// Why a snapshot ends early.
pub(crate) enum Stop {
    /// The reader is gone, or the store closes.
    Left,
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Tells what is found, and waits while too much of it was not taken.
#[derive(Clone)]
pub(crate) struct SnapshotSender {
    sender: Sender<Sent>,
    idle_ms_max: Arc<AtomicU64>,
    closing: Option<watch::Receiver<bool>>,
}

impl SnapshotSender {
    pub(crate) async fn found(&self, found: SnapshotItem) -> Result<(), Stop> {
        self.tell(Ok(Some(found))).await
    }

    /// On a thread that may wait.
    pub(crate) fn found_blocking(&self, found: SnapshotItem) -> Result<(), Stop> {
        Handle::current().block_on(self.found(found))
    }

    async fn tell(&self, item: Sent) -> Result<(), Stop> {
        let idle_max = Duration::from_millis(self.idle_ms_max.load(Ordering::Relaxed));
        tokio::select! {
            biased;
            () = self.closed() => Err(Stop::Left),
            sent = timeout(idle_max, self.sender.send(item)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(Stop::Left),
            },
        }
    }

    /// Returns when the snapshot has to end.
    async fn closed(&self) {
        match &self.closing {
            Some(closing) => drop(closing.clone().wait_for(|closing| *closing).await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(app: u32) -> SnapshotItem {
        SnapshotItem::Counts(AppId(app), RegisterCounts::default())
    }

    #[tokio::test(start_paused = true)]
    async fn a_snapshot_that_is_not_read_ends_with_an_error() {
        let mut snapshot = Snapshot::spawned(async |sender: SnapshotSender| {
            for app in 1.. {
                sender.found(count(app)).await?;
            }
            Ok(())
        });
        tokio::time::sleep(IDLE_MAX * 2).await;
        let mut found = 0;
        let error = loop {
            match snapshot.next().await {
                Ok(next) => found += u32::from(next.is_some()),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("ended early"), "{error}");
        assert_eq!(found, WAITING_MAX as u32);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_snapshot_whose_reading_panics_ends_with_an_error() {
        let (_open, closing) = watch::channel(false);
        let mut snapshot = Snapshot::blocking(closing, |sender| {
            sender.found_blocking(count(1))?;
            panic!("of the test");
        });
        assert!(snapshot.next().await.unwrap().is_some());
        assert!(snapshot.next().await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_snapshot_ends_when_its_store_closes_even_if_it_is_not_read() {
        let (open, closing) = watch::channel(false);
        let (ended, end) = tokio::sync::oneshot::channel();
        let mut snapshot = Snapshot::blocking(closing, move |sender| {
            let walked = (1..).try_for_each(|app| sender.found_blocking(count(app)));
            let _ = ended.send(());
            walked
        });
        assert!(snapshot.next().await.unwrap().is_some());
        open.send_replace(true);
        end.await.unwrap();
        let error = loop {
            if let Err(error) = snapshot.next().await {
                break error;
            }
        };
        assert!(error.to_string().contains("reopened"), "{error}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn items_come_in_the_order_they_were_found_and_then_the_end() {
        let (_open, closing) = watch::channel(false);
        let mut snapshot =
            Snapshot::blocking(closing, |sender| (1..200).try_for_each(|app| sender.found_blocking(count(app))));
        for app in 1..200 {
            assert!(matches!(snapshot.next().await, Ok(Some(SnapshotItem::Counts(AppId(found), _))) if found == app));
        }
        assert!(matches!(snapshot.next().await, Ok(None)));
    }
}
