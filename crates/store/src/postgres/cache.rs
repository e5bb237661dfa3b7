//! Copies of accounts that this instance read or wrote last.
//!
//! Nothing is answered from a copy before the database confirmed it: versions are never used again, so an account that
//! has the copy's version is what the copy is. That spares a read the rows, and a change its load: the commit is
//! guarded by the version anyway.

use std::sync::Arc;

use pinfold_core::{AccountState, StateDiff};
use quick_cache::{Weighter, sync::Cache};

use crate::{AccountKey, Version, weight};

/// Records of an account that is copied. With more, a scan for the one that a call names is cheaper than a copy that
/// another instance makes stale.
const RECORDS_MAX: u32 = 200;

/// What is kept about an account.
#[derive(Clone)]
pub(super) enum Cached {
    /// It has few records. The next load should read all of them.
    Small,
    /// All of it.
    Whole(Whole),
}

/// A copy.
#[derive(Clone)]
pub(super) struct Whole {
    pub(super) version: Version,
    pub(super) state: Arc<AccountState>,
    /// Its approximate size in memory.
    bytes: u64,
    /// Whether the account was the same the last two times it was read, but for our own changes.
    uncontended: bool,
}

/// Copies of accounts, bounded by their weight in memory.
pub(super) struct AccountCache(Cache<AccountKey, Cached, Bytes>);

impl AccountCache {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self(Cache::with_weighter(weight::usual_count(bytes_max), bytes_max, Bytes))
    }

    pub(super) fn get(&self, account: &AccountKey) -> Option<Cached> {
        self.0.get(account)
    }

    /// A copy that is likely to be the newest there is.
    pub(super) fn likely(&self, account: &AccountKey) -> Option<Whole> {
        match self.get(account)? {
            Cached::Whole(copy) if copy.uncontended => Some(copy),
            Cached::Whole(_) | Cached::Small => None,
        }
    }

    /// The database has what the copy has.
    pub(super) fn confirmed(&self, account: &AccountKey, copy: &Whole) {
        let is_current = matches!(self.0.peek(account), Some(Cached::Whole(kept)) if kept.version == copy.version);
        if is_current && !copy.uncontended {
            self.0.insert(account.clone(), Cached::Whole(Whole { uncontended: true, ..copy.clone() }));
        }
    }

    /// The database has this, or has this and more records if it is not the whole.
    pub(super) fn loaded(
        &self,
        account: &AccountKey,
        version: Option<Version>,
        state: &Arc<AccountState>,
        whole: bool,
    ) {
        let kept = version.filter(|_| is_small(state)).map(|version| match whole {
            true => {
                let (state, bytes) = (Arc::clone(state), weight::of_account(state));
                Cached::Whole(Whole { version, state, bytes, uncontended: false })
            }
            false => Cached::Small,
        });
        match kept {
            Some(kept) => self.0.insert(account.clone(), kept),
            None => drop(self.0.remove(account)),
        }
    }

    /// Takes out a copy on which a commit is built; what becomes of it is unknown until that has ended.
    pub(super) fn take(&self, account: &AccountKey, base: Option<Version>) -> Option<Whole> {
        let kept = self.0.remove_if(account, |kept| matches!(kept, Cached::Whole(_)));
        match kept {
            Some((_, Cached::Whole(copy))) if Some(copy.version) == base => Some(copy),
            _ => None,
        }
    }

    /// Keeps what a commit made of the copy.
    pub(super) fn committed(&self, account: &AccountKey, mut copy: Whole, next: Version, changes: &StateDiff) {
        if changes.head.is_none() {
            return;
        }
        let bytes = weight::after(copy.bytes, &copy.state, changes);
        Arc::make_mut(&mut copy.state).apply(changes);
        if is_small(&copy.state) {
            self.0.insert(account.clone(), Cached::Whole(Whole { version: next, bytes, ..copy }));
        }
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

/// Every record is grouped or marked.
fn is_small(state: &AccountState) -> bool {
    state.head.grouped.saturating_add(state.head.marked) <= RECORDS_MAX
}

/// Weighs copies in bytes of memory.
#[derive(Clone)]
struct Bytes;

impl Weighter<AccountKey, Cached> for Bytes {
    fn weight(&self, account: &AccountKey, kept: &Cached) -> u64 {
        const KEPT: usize = 128;
        match kept {
            Cached::Small => (KEPT + account.account.as_str().len()) as u64,
            Cached::Whole(copy) => copy.bytes,
        }
    }
}
