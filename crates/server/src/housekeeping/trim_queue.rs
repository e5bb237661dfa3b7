//! Which accounts have more recent conversations than are shown.
//!
//! Nothing counts the entries of an account. One that is read tells how many it has; one that is only written is looked
//! at now and then, by chance: on average after a fifth of the entries that are shown have come.

use pinfold_core::{AccountId, AppId, Limits};
use pinfold_store::AccountKey;

use super::account_queue::AccountQueue;

/// An account may keep this part more than is shown, so that not each new entry costs a reading of all of them.
const SPARE_PART: usize = 5;

/// Accounts that are to be trimmed.
pub(crate) struct TrimQueue(AccountQueue);

impl TrimQueue {
    pub(crate) fn new() -> Self {
        Self(AccountQueue::new())
    }

    /// An account was read, and has so many entries and pins. Entries that are pinned are never trimmed, so there may be as
    /// many more as there are pins.
    pub(crate) fn note_read(&self, account: &AccountKey, entries: usize, pins: usize, limits: &Limits) {
        let shown_max = limits.recent_conversations_max;
        if entries > shown_max + shown_max / SPARE_PART + pins {
            self.0.push(account.clone());
        }
    }

    /// These accounts may have an entry more. `random` gives a number below the one it is given.
    pub(crate) fn have_grown(
        &self,
        app: AppId,
        accounts: Vec<AccountId>,
        limits: &Limits,
        mut random: impl FnMut(usize) -> usize,
    ) {
        for account in accounts {
            if random(limits.recent_conversations_max) < SPARE_PART {
                self.0.push(AccountKey { app, account });
            }
        }
    }

    /// The next account; waits for one.
    pub(super) async fn next(&self) -> AccountKey {
        self.0.next().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::housekeeping::account_queue::tests::waiting;

    const APP: AppId = AppId(1);

    fn account(name: &str) -> AccountId {
        AccountId::parse(name).unwrap()
    }

    fn limits(recent_conversations_max: usize) -> Limits {
        Limits { recent_conversations_max, ..Limits::default() }
    }

    #[test]
    fn an_account_that_was_read_waits_if_it_has_more_than_a_fifth_too_many_besides_its_pins() {
        let queue = TrimQueue::new();
        for (name, entries, pins) in [("amy", 10, 0), ("bob", 12, 0), ("carol", 13, 0), ("dave", 17, 5), ("eve", 18, 5)]
        {
            queue.note_read(&AccountKey { app: APP, account: account(name) }, entries, pins, &limits(10));
        }
        assert_eq!(waiting(&queue.0), ["carol", "eve"]);
    }

    #[test]
    fn of_the_accounts_that_have_grown_chance_chooses_five_of_as_many_as_are_shown() {
        let queue = TrimQueue::new();
        let mut drawn = 0..;
        let accounts: Vec<_> = (0..500).map(|number| account(&format!("u{number}"))).collect();
        queue.have_grown(APP, accounts.clone(), &limits(500), |below| drawn.next().unwrap() % below);
        assert_eq!(waiting(&queue.0), ["u0", "u1", "u2", "u3", "u4"]);
        queue.have_grown(APP, accounts[..7].to_vec(), &limits(3), |below| below - 1);
        assert_eq!(waiting(&queue.0).len(), 7, "where few are shown each is looked at");
    }
}
