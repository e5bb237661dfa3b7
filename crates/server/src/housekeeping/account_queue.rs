//! A queue of accounts that one task of the background looks at.

use pinfold_store::AccountKey;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Accounts that wait. One that finds no place is looked at another time.
pub(super) const WAITING_MAX: usize = 1024;

/// Accounts in the order in which they came.
pub(super) struct AccountQueue {
    sender: Sender<AccountKey>,
    /// Locked by the one task that takes them out.
    receiver: Mutex<Receiver<AccountKey>>,
}

impl AccountQueue {
    pub(super) fn new() -> Self {
        let (sender, receiver) = channel(WAITING_MAX);
        Self { sender, receiver: Mutex::new(receiver) }
    }

    /// Puts an account at the end, or leaves it out if the queue is full.
    pub(super) fn push(&self, account: AccountKey) {
        if self.sender.try_send(account).is_err() {
            tracing::debug!(waiting_max = WAITING_MAX, "a queue of the housekeeping is full; the account is skipped");
        }
    }

    /// The next account; waits for one.
    pub(super) async fn next(&self) -> AccountKey {
        match self.receiver.lock().await.recv().await {
            Some(account) => account,
            // `sender` lives as long as this.
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use futures_util::FutureExt as _;
    use pinfold_core::{AccountId, AppId};

    use super::*;

    /// The accounts that wait.
    pub(in crate::housekeeping) fn waiting(queue: &AccountQueue) -> Vec<String> {
        let next = || queue.next().now_or_never().map(|key| key.account.as_str().to_owned());
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn an_account_that_finds_no_place_is_left_out() {
        let queue = AccountQueue::new();
        for number in 0..=WAITING_MAX {
            queue.push(AccountKey { app: AppId(1), account: AccountId::parse(&format!("u{number}")).unwrap() });
        }
        assert_eq!(waiting(&queue).len(), WAITING_MAX);
    }
}
