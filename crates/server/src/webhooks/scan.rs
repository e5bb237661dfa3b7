//! Asks the store which accounts wait: at the start, after notices were left out, and now and then.

use std::sync::atomic::Ordering;

use pinfold_core::AccountId;
use pinfold_store::StoreError;
use tokio::time::Instant;

use super::courier::Courier;

/// Scans again and again. Never returns.
pub(super) async fn run(courier: &Courier) {
    let mut scan = Scan { courier, after: None, due: Instant::now() };
    let mut failures = 0;
    loop {
        if !scan.is_due() || !scan.may_begin() {
            scan.wait().await;
        } else if let Err(error) = scan.page().await {
            tracing::warn!(app = courier.app.0, cause = %error, "changes that wait to be sent cannot be read");
            courier.queue().store_failed(Instant::now(), rand::random());
            failures += 1;
            tokio::time::sleep(courier.pace.store.after(failures, rand::random())).await;
        } else {
            courier.queue().store_answered();
            failures = 0;
        }
    }
}

struct Scan<'a> {
    courier: &'a Courier,
    /// Where the next page begins; `None` at the beginning.
    after: Option<AccountId>,
    /// When the next scan begins if nothing wants it sooner.
    due: Instant,
}

impl Scan<'_> {
    fn is_due(&self) -> bool {
        let is_wanted = self.courier.is_scan_wanted.load(Ordering::Relaxed) || self.courier.inbox.has_overflowed();
        self.after.is_some() || is_wanted || self.due <= Instant::now()
    }

    /// Whether what is found could be used.
    fn may_begin(&self) -> bool {
        !self.courier.is_idle() && self.courier.queue().wants_accounts()
    }

    /// Waits until a scan is due, or there may be room for what it finds.
    async fn wait(&self) {
        let limit = if self.is_due() { Instant::now() + self.courier.scan_every() } else { self.due };
        // What ended the wait is looked at afterwards.
        let _ = tokio::time::timeout_at(limit, self.courier.scan.notified()).await;
    }

    async fn page(&mut self) -> Result<(), StoreError> {
        let courier = self.courier;
        if self.after.is_none() {
            courier.is_scan_wanted.store(false, Ordering::Relaxed);
            courier.inbox.forget_overflow();
        }
        let (shares, accounts_max) = (courier.held.now(), courier.pace.scan_accounts_max);
        let page = match courier.backend().waiting(courier.app, shares, self.after.as_ref(), accounts_max).await {
            Ok(page) => page,
            Err(error) => {
                courier.want_scan();
                return Err(error);
            }
        };
        self.after = page.last;
        for waiting in page.accounts {
            if !courier.queue().add(waiting.account) {
                courier.inbox.overflow();
                break;
            }
        }
        if self.after.is_none() {
            self.due = Instant::now() + courier.scan_every();
        }
        courier.inbox.wake.notify_one();
        Ok(())
    }
}

impl Courier {
    fn scan_every(&self) -> std::time::Duration {
        if self.backend().is_shared() { self.pace.scan_every_shared } else { self.pace.scan_every }
    }
}
