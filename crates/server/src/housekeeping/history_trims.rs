//! Which accounts may have more changes in their history than they may keep. Nothing counts what is kept: after each
//! change the account waits to be looked at with a probability that grows with the change, so that on average a fifth
//! too much is kept.

use pinfold_core::Limits;
use pinfold_store::AccountKey;

use super::account_queue::AccountQueue;

/// An account is looked at so many times, on average, while it makes as much as it may keep.
const LOOKS: usize = 5;

/// Accounts whose history is to be trimmed.
pub(crate) struct HistoryTrims(AccountQueue);

impl HistoryTrims {
    pub(crate) fn new() -> Self {
        Self(AccountQueue::new())
    }

    /// A change of this account was kept, of so many bytes. `random` draws a number below the one it is given.
    pub(crate) fn note_change(
        &self,
        account: &AccountKey,
        bytes: usize,
        limits: &Limits,
        mut random: impl FnMut(usize) -> usize,
    ) {
        let is_drawn_by_count = random(limits.history_changes_max) < LOOKS;
        let mut is_drawn_by_bytes = || random(limits.history_bytes_max) < LOOKS.saturating_mul(bytes);
        if is_drawn_by_count || is_drawn_by_bytes() {
            self.0.push(account.clone());
        }
    }

    /// This account may have more changes than it may keep.
    pub(crate) fn look_at(&self, account: AccountKey) {
        self.0.push(account);
    }

    /// The next account; waits for one.
    pub(super) async fn next(&self) -> AccountKey {
        self.0.next().await
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;
    use crate::housekeeping::account_queue::tests::waiting;

    /// Of each change.
    const BYTES: usize = 94;

    fn account() -> AccountKey {
        AccountKey { app: AppId(1), account: AccountId::parse("alice").unwrap() }
    }

    /// How often the account waits after as many changes as the first of two draws has outcomes; `drawn` makes a draw
    /// of the number of the change and the bound.
    fn looks(limits: &Limits, changes: usize, drawn: impl Fn(usize, usize) -> usize) -> usize {
        let queue = HistoryTrims::new();
        for number in 0..changes {
            queue.note_change(&account(), BYTES, limits, |below| drawn(number, below));
        }
        waiting(&queue.0).len()
    }

    #[test]
    fn an_account_is_looked_at_five_times_while_it_makes_as_many_changes_as_it_may_keep() {
        let limits = Limits { history_changes_max: 100, history_bytes_max: usize::MAX, ..Limits::default() };
        assert_eq!(looks(&limits, 100, |number, below| if below == 100 { number } else { below - 1 }), 5);
    }

    #[test]
    fn an_account_is_looked_at_five_times_while_it_makes_as_many_bytes_as_it_may_keep() {
        let bytes_max = 100 * BYTES;
        let limits = Limits { history_changes_max: usize::MAX, history_bytes_max: bytes_max, ..Limits::default() };
        let drawn = |number: usize, below| if below == bytes_max { number * BYTES } else { below - 1 };
        assert_eq!(looks(&limits, 100, drawn), 5);
    }

    #[test]
    fn an_account_that_may_keep_few_changes_is_looked_at_after_each() {
        let limits = Limits { history_changes_max: 1, ..Limits::default() };
        assert_eq!(looks(&limits, 7, |_, below| below - 1), 7);
    }
}
