//! Subscriptions by account.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pinfold_core::{AppId, HistoryChange, Limits};
use pinfold_store::{AccountKey, CommitSink, Position};
use tokio::sync::broadcast;

use super::known::Known;
use super::told::{LiveChange, Told};

/// Locks, so that commits and streams of different accounts hardly ever wait for each other.
const SHARDS: usize = 64;
/// What is kept of an account for streams that are at work; one that is slower reads the history.
const TOLD_MAX: usize = 8;

/// A change of more bytes is read out of the history, if it is kept: what is told stays until the slowest stream heard it.
const TOLD_BYTES_MAX: usize = 4 << 10;

/// The accounts that are watched.
pub(crate) struct Hub {
    shards: [Mutex<HashMap<AccountKey, Slot>>; SHARDS],
    hasher: RandomState,
    /// Streams of each app.
    watchers: Mutex<HashMap<AppId, usize>>,
}

/// An account that is watched.
struct Slot {
    sender: broadcast::Sender<Told>,
    watchers: usize,
    known: Known,
}

/// There are as many streams as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    /// Of the app.
    #[error("the app has {0} watchers, and more are not allowed (app.limits.watchers_max)")]
    App(usize),
    /// Of the account.
    #[error("the account has {0} watchers, and more are not allowed (app.limits.watchers_per_account_max)")]
    Account(usize),
}

/// The place of a stream, free again when this is dropped.
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    account: AccountKey,
    told: broadcast::Receiver<Told>,
}

impl Hub {
    pub(crate) fn new() -> Arc<Self> {
        let shards = std::array::from_fn(|_| Mutex::default());
        Arc::new(Self { shards, hasher: RandomState::new(), watchers: Mutex::default() })
    }

    /// Takes a place for a stream. It is told of every commit that becomes durable from now on.
    pub(crate) fn subscribe(self: &Arc<Self>, account: &AccountKey, limits: &Limits) -> Result<Subscription, Full> {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        let of_app = watchers.get(&account.app).copied().unwrap_or_default();
        if of_app >= limits.watchers_max {
            return Err(Full::App(of_app));
        }
        let told = self.take_place(account, limits.watchers_per_account_max)?;
        watchers.insert(account.app, of_app + 1);
        Ok(Subscription { hub: Arc::clone(self), account: account.clone(), told })
    }

    fn take_place(&self, account: &AccountKey, watchers_max: usize) -> Result<broadcast::Receiver<Told>, Full> {
        let mut shard = self.shard(account);
        if let Some(slot) = shard.get_mut(account) {
            if slot.watchers >= watchers_max {
                return Err(Full::Account(slot.watchers));
            }
            slot.watchers += 1;
            slot.known = Known::Nothing;
            return Ok(slot.sender.subscribe());
        }
        let (sender, told) = broadcast::channel(TOLD_MAX);
        shard.insert(account.clone(), Slot { sender, watchers: 1, known: Known::Nothing });
        Ok(told)
    }

    fn leave(&self, account: &AccountKey) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        count_down(&mut watchers, &account.app, |count| count);
        count_down(&mut self.shard(account), account, |slot| &mut slot.watchers);
    }

    fn shard(&self, account: &AccountKey) -> MutexGuard<'_, HashMap<AccountKey, Slot>> {
        let shard = self.hasher.hash_one(account) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The accounts that are watched, about which the store is asked now.
    pub(super) fn ask_for_all(&self) -> Vec<AccountKey> {
        let mut accounts = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.values_mut().for_each(|slot| slot.known.ask());
            accounts.extend(shard.keys().cloned());
        }
        accounts
    }

    /// The store said where an account stands.
    pub(super) fn answered(&self, account: &AccountKey, position: Option<Position>) {
        if let Some(slot) = self.shard(account).get_mut(account)
            && let Some(told) = slot.known.answer(position)
        {
            let _ = slot.sender.send(told);
        }
    }

    fn tell(&self, account: &AccountKey, told: Told) {
        if let Some(slot) = self.shard(account).get(account) {
            // It fails where no stream is left, which frees the place soon.
            let _ = slot.sender.send(told);
        }
    }
}

/// Takes one off a count; the last one removes it.
fn count_down<K: std::hash::Hash + Eq, V>(counts: &mut HashMap<K, V>, key: &K, count: fn(&mut V) -> &mut usize) {
    let Some(value) = counts.get_mut(key) else { return };
    let left = count(value);
    *left -= 1;
    if *left == 0 {
        counts.remove(key);
    }
}

/// A commit is told after it can be read, and a stream reads where its account stands after it has its place. Both take
/// the account's lock in between, so a commit that is not told to a stream is seen by its read.
impl CommitSink for Hub {
    fn listens(&self, account: &AccountKey) -> bool {
        self.shard(account).contains_key(account)
    }

    fn committed(&self, account: &AccountKey, position: Position, change: Option<&Arc<HistoryChange>>) {
        let told = match change {
            Some(change) if position.history_from == 0 || change.weight() <= TOLD_BYTES_MAX => {
                Told::Change(Arc::new(LiveChange::new(position, Arc::clone(change))))
            }
            Some(_) | None => Told::Moved(position),
        };
        self.tell(account, told);
    }

    fn deleted(&self, account: &AccountKey) {
        self.tell(account, Told::Deleted);
    }
}

impl Subscription {
    pub(super) fn account(&self) -> &AccountKey {
        &self.account
    }

    /// What happens next to the account; `None` if so much happened meanwhile that some of it is forgotten.
    pub(super) async fn told(&mut self) -> Option<Told> {
        self.told.recv().await.ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(&self.account);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use pinfold_core::{AccountId, Revision, TimeMs, Via};
    use pinfold_store::Life;

    use super::*;

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    fn limits(watchers_max: usize, watchers_per_account_max: usize) -> Limits {
        Limits { watchers_max, watchers_per_account_max, ..Limits::default() }
    }

    fn position(revision: u32) -> Position {
        Position { life: Life(7), revision: Revision(revision), history_from: 1, imported: true }
    }

    /// The revisions that a stream is told of now; `None` for those that are forgotten.
    fn told(subscription: &mut Subscription) -> Vec<Option<u32>> {
        let revision = |told| match told {
            Told::Moved(position) => position.revision.0,
            Told::Change(_) | Told::Deleted | Told::Unsure => 0,
        };
        std::iter::from_fn(|| subscription.told().now_or_never()).map(|told| told.map(revision)).collect()
    }

    #[test]
    fn a_hub_listens_to_accounts_that_are_watched_until_the_last_stream_leaves() {
        let (hub, alice, limits) = (Hub::new(), account(1, "alice"), limits(9, 9));
        assert!(!hub.listens(&alice));
        let one = hub.subscribe(&alice, &limits).unwrap();
        let two = hub.subscribe(&alice, &limits).unwrap();
        assert!(hub.listens(&alice) && !hub.listens(&account(1, "bob")) && !hub.listens(&account(2, "alice")));
        drop(one);
        assert!(hub.listens(&alice));
        drop(two);
        assert!(!hub.listens(&alice));
    }

    #[test]
    fn every_stream_of_an_account_is_told_what_comes_after_it_subscribed() {
        let (hub, alice, limits) = (Hub::new(), account(1, "alice"), limits(9, 9));
        let mut first = hub.subscribe(&alice, &limits).unwrap();
        hub.committed(&alice, position(1), None);
        let mut second = hub.subscribe(&alice, &limits).unwrap();
        hub.committed(&alice, position(2), None);
        hub.committed(&account(1, "bob"), position(3), None);
        hub.deleted(&alice);
        assert_eq!(told(&mut first), [Some(1), Some(2), Some(0)]);
        assert_eq!(told(&mut second), [Some(2), Some(0)]);
    }

    #[test]
    fn of_too_many_changes_the_oldest_are_forgotten_and_that_is_told() {
        let (hub, alice) = (Hub::new(), account(1, "alice"));
        let mut slow = hub.subscribe(&alice, &limits(9, 9)).unwrap();
        for revision in 1..=10 {
            hub.committed(&alice, position(revision), None);
        }
        let kept = (3..=10).map(Some);
        assert_eq!(told(&mut slow), [None].into_iter().chain(kept).collect::<Vec<_>>());
    }

    #[test]
    fn a_large_change_is_told_without_its_events_where_it_can_be_read() {
        let (hub, alice) = (Hub::new(), account(1, "alice"));
        let mut subscription = hub.subscribe(&alice, &limits(9, 9)).unwrap();
        let mut is_told = |bytes: usize, history_from| {
            let command = "x".repeat(bytes).into();
            let (revision, at, via) = (Revision(1), TimeMs(0), Via::Call);
            let change = HistoryChange { revision, at, caller: None, via, command, events: Vec::new() };
            hub.committed(&alice, Position { history_from, ..position(1) }, Some(&Arc::new(change)));
            matches!(subscription.told().now_or_never().unwrap(), Some(Told::Change(_)))
        };
        assert!(is_told(1000, 1) && !is_told(TOLD_BYTES_MAX, 1) && is_told(TOLD_BYTES_MAX, 0));
    }

    #[test]
    fn places_are_counted_by_account_and_app_and_freed() {
        let hub = Hub::new();
        let subscribe = |app, id| hub.subscribe(&account(app, id), &limits(3, 2));
        let one = subscribe(1, "alice").unwrap();
        let _two = subscribe(1, "alice").unwrap();
        assert_eq!(subscribe(1, "alice").err(), Some(Full::Account(2)));
        let _bob = subscribe(1, "bob").unwrap();
        assert_eq!(subscribe(1, "carol").err(), Some(Full::App(3)));
        let _other_app = subscribe(2, "alice").unwrap();
        drop(one);
        let _carol = subscribe(1, "carol").unwrap();
        assert_eq!(subscribe(1, "alice").err(), Some(Full::App(3)));
    }
}
