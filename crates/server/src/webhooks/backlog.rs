//! Counts what waits, for metrics.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::WAITING_MAX;
use super::courier::Courier;

/// Counts again and again. Never returns.
pub(super) async fn run(courier: &Courier) {
    let mut ticks = interval(courier.pace.backlog_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        match courier.backend().backlog(courier.app, WAITING_MAX).await {
            Ok(backlog) => {
                let now = courier.state.clock.ms();
                let age_ms = backlog.oldest.map_or(0, |oldest| now.saturating_sub(oldest.0));
                courier.meter.waiting(backlog.changes, Duration::from_millis(age_ms));
            }
            Err(error) => {
                tracing::warn!(app = courier.app.0, cause = %error, "changes that wait to be sent cannot be read");
            }
        }
    }
}
