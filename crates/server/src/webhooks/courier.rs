//! Sends the changes of one app.
//!
//! Parts of a courier, each a loop in a file of its own, share it: `dispatch` begins work on accounts, `scan` asks the store
//! which ones wait, `look` whether sending is paused and which shares are held, `backlog` how much waits.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use pinfold_core::{AccountId, AppId};
use pinfold_store::{AccountKey, Backend, share_of};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::leasing::HeldShares;
use super::notices::{AtWork, Inbox};
use super::pace::Pace;
use super::queue::{Ended, Queue, SentWithin, Told};
use super::receiver::Failure;
use super::remover::{Removal, Removals};
use super::targets::Target;
use super::{DeliveryError, Message};
use crate::metrics::WebhookMeter;
use crate::state::State;

/// The courier of an app.
pub(super) struct Courier {
    pub(super) app: AppId,
    pub(super) state: Arc<State>,
    pub(super) pace: Arc<Pace>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) held: Arc<HeldShares>,
    pub(super) meter: WebhookMeter,
    pub(super) counts: Counts,
    /// Cancelled when nothing more may begin.
    pub(super) stop: CancellationToken,
    /// Notified when a scan may be due.
    pub(super) scan: Notify,
    /// Whether the store is to be asked for all accounts.
    pub(super) is_scan_wanted: AtomicBool,
    target: RwLock<Arc<Target>>,
    queue: Mutex<Queue>,
    /// True until the store has said that it is not.
    is_paused: AtomicBool,
    /// Held while the store is asked or told whether sending is paused.
    pub(super) pausing: tokio::sync::Mutex<()>,
    /// Requests that may be on their way.
    requests: Semaphore,
    removals: mpsc::Sender<Removal>,
}

/// What happened since the courier began.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) sent: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) given_up: AtomicU64,
}

impl Courier {
    /// A courier, and the changes that are to be removed because it sent them.
    pub(super) fn new(
        app: AppId,
        state: &Arc<State>,
        target: Arc<Target>,
        held: Arc<HeldShares>,
        stop: CancellationToken,
    ) -> (Arc<Self>, mpsc::Receiver<Removal>) {
        let pace = state.webhooks.pace();
        let (removals, removed) = mpsc::channel(pace.removals_max);
        let courier = Self {
            app,
            state: Arc::clone(state),
            inbox: Arc::new(Inbox::new(pace.held_max, target.commands, Arc::clone(&held))),
            held,
            meter: state.meters.webhook(app),
            counts: Counts::default(),
            stop,
            scan: Notify::new(),
            is_scan_wanted: AtomicBool::new(true),
            target: RwLock::new(target),
            queue: Mutex::new(Queue::new(Arc::clone(&pace))),
            is_paused: AtomicBool::new(true),
            pausing: tokio::sync::Mutex::default(),
            requests: Semaphore::new(pace.requests_max),
            removals,
            pace,
        };
        (Arc::new(courier), removed)
    }

    pub(super) fn backend(&self) -> &dyn Backend {
        self.state.store.backend()
    }

    pub(super) fn key(&self, account: &AccountId) -> AccountKey {
        AccountKey { app: self.app, account: account.clone() }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn target(&self) -> Arc<Target> {
        Arc::clone(&self.target.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends there from now on. If it is another place, at once whatever failed before.
    pub(super) fn exchange(&self, target: &Arc<Target>) {
        let mut current = self.target.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, target) {
            return;
        }
        *current = Arc::clone(target);
        drop(current);
        self.inbox.set_commands(target.commands);
        self.begin_anew();
    }

    fn begin_anew(&self) {
        let mut queue = self.queue();
        queue.begin_anew();
        self.meter.receiver_down(false);
        drop(queue);
        self.inbox.wake.notify_one();
        self.scan.notify_one();
    }

    pub(super) fn is_paused(&self) -> bool {
        self.is_paused.load(Ordering::Relaxed)
    }

    /// Pauses or resumes. A resume tries at once whatever failed before.
    pub(super) fn set_paused(&self, is_paused: bool) {
        self.meter.paused(is_paused);
        self.inbox.set_closed(is_paused);
        if self.is_paused.swap(is_paused, Ordering::Relaxed) && !is_paused {
            self.want_scan();
            self.begin_anew();
        }
    }

    /// Has the store be asked for all accounts.
    pub(super) fn want_scan(&self) {
        self.is_scan_wanted.store(true, Ordering::Relaxed);
        self.scan.notify_one();
    }

    /// Whether nothing may begin now.
    pub(super) fn is_idle(&self) -> bool {
        self.is_paused() || self.stop.is_cancelled()
    }

    /// The account to begin with now.
    pub(super) fn next(&self) -> Option<(AccountId, Option<SentWithin>)> {
        if self.is_idle() {
            return None;
        }
        let (mut queue, now) = (self.queue(), Instant::now());
        loop {
            let (account, within) = queue.next(now)?;
            let held = self.held.now();
            if held.contains(share_of(&account)) {
                return Some((account, within));
            }
            // Its lease ran out. When the share is taken again, a scan finds what waits.
            queue.forget(|account| !held.contains(share_of(account)));
            queue.ended(account, Ended::Stopped(within), now, 0.0);
        }
    }

    /// Waits for the turn of a request of this account, and sends it unless that may not be done any more.
    pub(super) async fn send(&self, work: &AtWork, target: &Target, message: &Message) -> Sent {
        let Ok(_permit) = self.requests.acquire().await else { return Sent::Stopped };
        let account = work.account();
        let may_send = !self.is_idle() && !work.is_gone() && self.queue().may_send(account);
        // Looked at last: a lease may run out at any time.
        if !may_send || !self.held.may_send(account) {
            return Sent::Stopped;
        }
        let begin = Instant::now();
        let outcome = target.endpoint.send(message, self.state.clock.seconds()).await;
        self.meter.request(outcome.as_ref().err().map(DeliveryError::label), begin.elapsed());
        match outcome {
            Ok(_) => {
                self.counts.sent.fetch_add(1, Ordering::Relaxed);
                self.took_one();
                Sent::Taken
            }
            Err(error) => {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                Sent::Failed(Failure { is_unreachable: error.is_unreachable(), reason: error.to_string() })
            }
        }
    }

    fn took_one(&self) {
        let mut queue = self.queue();
        let Some(was_down) = queue.took_one() else { return };
        self.meter.receiver_down(false);
        drop(queue);
        let down_for_s = was_down.since.elapsed().as_secs();
        tracing::info!(app = self.app.0, down_for_s, "the receiver of a webhook takes changes again");
        self.inbox.wake.notify_one();
        self.scan.notify_one();
    }

    /// What the worker of an account hands over of what it sent.
    pub(super) fn removals(&self) -> Removals<'_> {
        Removals::new(&self.removals)
    }

    /// The work on an account ended.
    pub(super) fn ended(&self, account: AccountId, ended: Ended) {
        let reason = match &ended {
            Ended::Failed { failure, .. } => failure.reason.clone(),
            Ended::Done | Ended::More | Ended::Stopped(_) | Ended::Store => String::new(),
        };
        let mut queue = self.queue();
        let told = queue.ended(account.clone(), ended, Instant::now(), rand::random());
        self.meter.receiver_down(queue.receiver().down().is_some());
        let has_room = queue.has_room();
        drop(queue);
        match told {
            Told::Nothing => {}
            Told::CaughtUp => self.state.history_trims.look_at(self.key(&account)),
            Told::ReceiverDown => {
                tracing::warn!(app = self.app.0, cause = reason, "the receiver of a webhook does not take changes");
            }
            Told::AccountFails => {
                let account = account.as_str();
                tracing::warn!(app = self.app.0, account, cause = reason, "changes of an account are not taken");
            }
        }
        if has_room {
            self.scan.notify_one();
        }
    }

    /// A change cannot be sent, as it is not in the history.
    pub(super) fn give_up(&self, account: &AccountId, revision: u32) {
        let account = account.as_str();
        tracing::error!(app = self.app.0, account, revision, "a change that waits to be sent is not in the history");
        self.counts.given_up.fetch_add(1, Ordering::Relaxed);
        self.meter.gives_up_one();
    }
}

/// What became of a request.
pub(super) enum Sent {
    Taken,
    /// It was not sent, as nothing may be sent for the account any more.
    Stopped,
    Failed(Failure),
}
