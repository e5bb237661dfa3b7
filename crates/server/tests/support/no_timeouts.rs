//! Times of tests.

use std::time::Duration;

use pinfold_server::config::{Config, Timeouts};

/// Long enough for everything that should happen at once, and the limit for what should end.
pub const LONG: Duration = Duration::from_secs(20);

/// No time runs out by itself, so that a test sees the one it is about.
pub fn no_timeouts(config: &mut Config) {
    config.timeouts = timeouts();
}

/// The times of [`no_timeouts`].
pub fn timeouts() -> Timeouts {
    Timeouts {
        header: LONG,
        body: LONG,
        idle: LONG,
        send: LONG,
        answer: LONG,
        drain: LONG,
        tls_handshake: LONG,
        backup_stall: LONG,
    }
}

pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
