//! The history of one account, held until it is known to be whole, for a dump that leaves out what is damaged, or goes on.

use std::collections::VecDeque;
use std::sync::Arc;

use pinfold_core::HistoryChange;

use crate::AccountKey;

/// Bytes of the changes that are held. Of a longer history the oldest changes are left out.
const BYTES_MAX: usize = 64 << 20;

/// Changes of one account that follow each other without a gap.
#[derive(Default)]
pub(super) struct HeldHistory {
    account: Option<AccountKey>,
    changes: VecDeque<Arc<HistoryChange>>,
    bytes: usize,
}

impl HeldHistory {
    /// Whether a change of this account can be added to what is held.
    pub(super) fn is_of(&self, account: &AccountKey) -> bool {
        self.account.as_ref() == Some(account)
    }

    /// Adds the next change of the account.
    pub(super) fn add(&mut self, account: AccountKey, change: Arc<HistoryChange>) {
        self.account = Some(account);
        self.bytes += change.weight();
        self.changes.push_back(change);
        while self.bytes > BYTES_MAX && self.changes.len() > 1 {
            self.bytes -= self.changes.pop_front().map_or(0, |oldest| oldest.weight());
        }
    }

    /// Leaves out what is held of this account.
    pub(super) fn lose(&mut self, account: &AccountKey) {
        if self.is_of(account) {
            *self = Self::default();
        }
    }

    /// Takes what is held.
    pub(super) fn take(&mut self) -> Option<(AccountKey, VecDeque<Arc<HistoryChange>>)> {
        let Self { account, changes, .. } = std::mem::take(self);
        account.map(|account| (account, changes))
    }
}
