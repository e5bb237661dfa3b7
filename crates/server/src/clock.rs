//! The clock that gives the time of day; tests provide their own.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads the unix time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// A clock that reads milliseconds here.
    pub fn of_ms(read: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Milliseconds since 1970.
    pub fn ms(&self) -> u64 {
        (self.0)()
    }

    /// Whole seconds since 1970.
    pub fn seconds(&self) -> u64 {
        self.ms() / 1000
    }
}

/// The system's clock.
pub fn system_clock() -> Clock {
    let since_1970 = || SystemTime::now().duration_since(UNIX_EPOCH);
    Clock::of_ms(move || since_1970().map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn seconds_are_whole_ones() {
        assert_eq!(Clock::of_ms(|| 1_750_000_000_999).seconds(), 1_750_000_000);
    }

    #[test]
    fn the_clock_of_the_system_counts_milliseconds() {
        let before = SystemTime::now();
        let read = UNIX_EPOCH + Duration::from_millis(system_clock().ms() + 1);
        assert!(read >= before && read <= SystemTime::now() + Duration::from_secs(60));
    }
}
