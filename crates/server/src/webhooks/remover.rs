//! Removes from the store what was sent, many changes at once.

use std::time::Duration;

use pinfold_store::SentChange;
use tokio::sync::{mpsc, oneshot};

use super::courier::Courier;

/// What a worker hands over.
pub(super) enum Removal {
    /// A change that was sent.
    Sent(SentChange),
    /// To be answered when all that came before is removed.
    Ask(oneshot::Sender<()>),
}

/// The side of one worker.
pub(super) struct Removals<'a> {
    sender: &'a mpsc::Sender<Removal>,
    has_put: bool,
}

impl<'a> Removals<'a> {
    pub(super) fn new(sender: &'a mpsc::Sender<Removal>) -> Self {
        Self { sender, has_put: false }
    }

    /// Hands a change over. Waits while too many are not removed yet.
    pub(super) async fn put(&mut self, sent: SentChange) {
        self.has_put = true;
        // It fails at the end of the drain only.
        let _ = self.sender.send(Removal::Sent(sent)).await;
    }

    /// Waits until what was handed over is removed.
    pub(super) async fn wait(self) {
        let (asks, answered) = oneshot::channel();
        if self.has_put && self.sender.send(Removal::Ask(asks)).await.is_ok() {
            let _ = answered.await;
        }
    }
}

/// Removes until nothing can come any more.
pub(super) async fn run(courier: &Courier, mut removals: mpsc::Receiver<Removal>) {
    let mut taken = Vec::new();
    while removals.recv_many(&mut taken, courier.pace.removals_max).await > 0 {
        let (mut sent, mut asks) = (Vec::new(), Vec::new());
        for removal in taken.drain(..) {
            match removal {
                Removal::Sent(change) => sent.push(change),
                Removal::Ask(ask) => asks.push(ask),
            }
        }
        remove(courier, &sent).await;
        for ask in asks {
            // It fails where the worker was cut off.
            let _ = ask.send(());
        }
    }
}

/// Tries again until the store takes it: what is not removed would be sent again.
async fn remove(courier: &Courier, sent: &[SentChange]) {
    let mut failures = 0;
    while !sent.is_empty() {
        let Err(error) = courier.backend().remove_sent(sent).await else { return };
        failures += 1;
        let pause: Duration = courier.pace.store.after(failures, rand::random());
        let (app, changes) = (courier.app.0, sent.len());
        tracing::warn!(app, changes, cause = %error, "changes that were sent cannot be removed; nothing more is sent");
        tokio::time::sleep(pause).await;
    }
}
