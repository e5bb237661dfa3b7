//! Metrics of webhooks.

use std::time::Duration;

use pinfold_core::AppId;
use prometheus::{Histogram, IntCounter, IntGauge};

use super::Meters;
use super::counted::Counted;
use crate::webhooks::DeliveryError;

/// The outcome of a request that was taken.
const SENT: &str = "sent";

/// The metrics of the webhook of one app. Its series are looked up once, so that those of an app whose webhook is gone do
/// not come back by what was on its way.
pub(crate) struct WebhookMeter {
    waiting: IntGauge,
    oldest: IntGauge,
    sent: IntCounter,
    failed: Vec<(&'static str, IntCounter)>,
    seconds: Histogram,
    given_up: IntCounter,
    paused: IntGauge,
    receiver_down: IntGauge,
    shares: IntGauge,
}

impl Meters {
    /// The metrics of an app's webhook, which begin at 0.
    pub(crate) fn webhook(&self, app: AppId) -> WebhookMeter {
        let label = app.0.to_string();
        let labels = &[label.as_str()];
        let counted = &self.counted;
        let requests = |outcome| counted.webhook_requests.with_label_values(&[label.as_str(), outcome]);
        WebhookMeter {
            waiting: counted.webhook_waiting.with_label_values(labels),
            oldest: counted.webhook_oldest.with_label_values(labels),
            sent: requests(SENT),
            failed: DeliveryError::LABELS.map(|outcome| (outcome, requests(outcome))).into(),
            seconds: counted.webhook_seconds.clone(),
            given_up: counted.webhook_given_up.clone(),
            paused: counted.webhook_paused.with_label_values(labels),
            receiver_down: counted.webhook_receiver_down.with_label_values(labels),
            shares: counted.webhook_shares.with_label_values(labels),
        }
    }

    /// The app has no webhook any more: nothing is told of it.
    pub(crate) fn webhook_ends(&self, app: AppId) {
        let label = app.0.to_string();
        let Counted { webhook_waiting, webhook_oldest, webhook_requests, .. } = &self.counted;
        let Counted { webhook_paused, webhook_receiver_down, webhook_shares, .. } = &self.counted;
        for gauge in [webhook_waiting, webhook_oldest, webhook_paused, webhook_receiver_down, webhook_shares] {
            // It fails where the label is not there.
            let _ = gauge.remove_label_values(&[&label]);
        }
        for outcome in DeliveryError::LABELS.into_iter().chain([SENT]) {
            let _ = webhook_requests.remove_label_values(&[&label, outcome]);
        }
    }

    /// So many changes are not sent any more.
    pub(crate) fn webhook_given_up(&self, changes: u64) {
        self.counted.webhook_given_up.inc_by(changes);
    }
}

impl WebhookMeter {
    /// So much waits.
    pub(crate) fn waiting(&self, changes: u64, oldest: Duration) {
        self.waiting.set(i64::try_from(changes).unwrap_or(i64::MAX));
        self.oldest.set(i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX));
    }

    /// A request ended after this time: it was taken, or failed with this label.
    pub(crate) fn request(&self, failure: Option<&'static str>, took: Duration) {
        match failure {
            None => self.sent.inc(),
            Some(label) => self.failed.iter().filter(|(of, _)| *of == label).for_each(|(_, count)| count.inc()),
        }
        self.seconds.observe(took.as_secs_f64());
    }

    /// A change is not sent, as its content is not there.
    pub(crate) fn gives_up_one(&self) {
        self.given_up.inc();
    }

    pub(crate) fn paused(&self, is_paused: bool) {
        self.paused.set(is_paused.into());
    }

    pub(crate) fn receiver_down(&self, is_down: bool) {
        self.receiver_down.set(is_down.into());
    }

    /// Of so many shares this server sends the changes.
    pub(crate) fn shares(&self, count: usize) {
        self.shares.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}
