//! Begins work on accounts, as many at once as there may be, and ends when all work has ended that was begun.

use std::collections::HashMap;
use std::sync::Arc;

use pinfold_core::AccountId;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::courier::Courier;
use super::queue::Ended;
use super::receiver::Failure;
use super::worker;

/// Begins work until the courier is to stop, then waits for what was begun.
pub(super) async fn run(courier: &Arc<Courier>) {
    let mut workers = Workers { courier, tasks: JoinSet::new(), accounts: HashMap::new() };
    while !courier.stop.is_cancelled() {
        workers.begin();
        let wake_at = courier.wake_at();
        tokio::select! {
            () = courier.stop.cancelled() => {}
            () = courier.inbox.wake.notified() => {}
            () = workers.one_ended(), if !workers.tasks.is_empty() => {}
            () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
        }
    }
    while !workers.tasks.is_empty() {
        workers.one_ended().await;
    }
}

struct Workers<'a> {
    courier: &'a Arc<Courier>,
    tasks: JoinSet<Ended>,
    accounts: HashMap<Id, AccountId>,
}

impl Workers<'_> {
    /// Takes in what commits told, and begins what may begin.
    fn begin(&mut self) {
        self.courier.take_notices();
        while let Some((account, within)) = self.courier.next() {
            let (courier, of_task) = (Arc::clone(self.courier), account.clone());
            let task = self.tasks.spawn(async move { worker::work(&courier, &of_task, within).await });
            self.accounts.insert(task.id(), account);
        }
    }

    async fn one_ended(&mut self) {
        let Some(joined) = self.tasks.join_next_with_id().await else { return };
        let (id, ended) = joined.unwrap_or_else(|error| (error.id(), panicked(&error)));
        if let Some(account) = self.accounts.remove(&id) {
            self.courier.ended(account, ended);
        }
    }
}

/// What a task that did not end by itself is: the account is tried again later.
fn panicked(error: &JoinError) -> Ended {
    let failure = Failure { is_unreachable: false, reason: error.to_string() };
    Ended::Failed { within: None, failure }
}

impl Courier {
    fn take_notices(&self) {
        let accounts = self.inbox.take();
        let mut queue = self.queue();
        let left_out = accounts.into_iter().filter(|account| !queue.add(account.clone())).count();
        drop(queue);
        if left_out > 0 {
            self.inbox.overflow();
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        if self.is_idle() { None } else { self.queue().wake_at(Instant::now()) }
    }
}
