//! The limit of failed signature checks, by caller and minute, in bounded memory.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use quick_cache::sync::Cache;

use crate::net::networks::Network;

/// Counts that are kept at a time, in about 2 MiB.
const COUNTS_MAX: usize = 16_384;

/// Failed signature checks by caller and minute of the clock.
///
/// Each count belongs to one caller, and at most [`COUNTS_MAX`] are kept. A flood of failures from other addresses
/// * never gets a caller refused: a caller is refused for its own failures only;
/// * takes no more memory than that;
/// * may push out a count, which then begins at 0 again. The cache keeps counts that are used over those that are used
///   once, so this takes thousands of callers that fail more than once each. They get more tries than the limit.
pub(crate) struct FailedSignatureLimiter {
    failures: Cache<CallerMinute, Arc<AtomicU32>>,
    /// The minute of the last failure: in a minute without any, which most are, a call looks nothing up.
    last_minute: AtomicU32,
    per_minute_max: u32,
}

/// A caller, and a minute since 1970.
type CallerMinute = (Network, u32);

impl FailedSignatureLimiter {
    pub(crate) fn new(per_minute_max: u32) -> Self {
        Self::with_counts_max(COUNTS_MAX, per_minute_max)
    }

    fn with_counts_max(counts_max: usize, per_minute_max: u32) -> Self {
        Self { failures: Cache::new(counts_max), last_minute: AtomicU32::new(0), per_minute_max }
    }

    /// Whether this address failed too often in this minute (`now` in unix seconds).
    pub(crate) fn too_many(&self, address: IpAddr, now: u64) -> bool {
        let key @ (_, minute) = caller_minute(address, now);
        if self.last_minute.load(Ordering::Relaxed) != minute {
            return false;
        }
        let failures = self.failures.get(&key);
        failures.is_some_and(|failures| failures.load(Ordering::Relaxed) > self.per_minute_max)
    }

    /// Counts one more failure. `true` for the one that exceeds the limit, and only for that.
    pub(crate) fn failed(&self, address: IpAddr, now: u64) -> bool {
        let begin = || Ok::<_, Infallible>(Arc::default());
        let key @ (_, minute) = caller_minute(address, now);
        self.last_minute.store(minute, Ordering::Relaxed);
        let Ok(failures) = self.failures.get_or_insert_with(&key, begin);
        failures.fetch_add(1, Ordering::Relaxed) == self.per_minute_max
    }
}

fn caller_minute(address: IpAddr, now: u64) -> CallerMinute {
    (address.into(), (now / 60) as u32)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    /// Few, so that they are reached soon.
    const FEW_COUNTS: usize = 512;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// An address of the network with this number.
    fn other(number: usize) -> IpAddr {
        Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | (number as u128) << 64 | 1).into()
    }

    /// Fails once from each of these many other networks.
    fn flood(limiter: &FailedSignatureLimiter, networks: usize) {
        for number in 0..networks {
            limiter.failed(other(number), 0);
        }
    }

    #[test]
    fn more_than_the_limit_of_failures_in_a_minute_are_too_many_until_the_next_minute() {
        let limiter = FailedSignatureLimiter::new(2);
        let caller = address("192.0.2.1");
        assert!(!limiter.failed(caller, 60) && !limiter.failed(caller, 60));
        assert!(!limiter.too_many(caller, 60));
        assert!(limiter.failed(caller, 61) && !limiter.failed(caller, 61), "reported once");
        assert!(limiter.too_many(caller, 119) && !limiter.too_many(caller, 120));
        assert!(!limiter.too_many(address("192.0.2.2"), 61));
    }

    #[test]
    fn addresses_of_one_ipv6_network_and_mapped_ipv4_addresses_are_counted_as_one() {
        let limiter = FailedSignatureLimiter::new(1);
        for (failed, then) in [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:192.0.2.1", "192.0.2.1")] {
            limiter.failed(address(failed), 0);
            limiter.failed(address(failed), 0);
            assert!(limiter.too_many(address(then), 0));
        }
        assert!(!limiter.too_many(address("2001:db8:0:1::1"), 0));
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory_than_the_counts_that_are_kept() {
        /// A counter of its own on the heap, with what the allocator adds.
        const COUNTER_BYTES: usize = 32;
        let limiter = FailedSignatureLimiter::new(600);
        flood(&limiter, COUNTS_MAX * 3);
        let counts = limiter.failures.len();
        assert!((COUNTS_MAX / 2..=COUNTS_MAX).contains(&counts), "{counts}");
        let bytes = limiter.failures.memory_used().total() + counts * COUNTER_BYTES;
        assert!(bytes <= 5 << 19, "{bytes}");
    }

    #[test]
    fn a_flood_that_fails_once_from_each_address_does_not_reset_the_count_of_a_caller() {
        let limiter = FailedSignatureLimiter::with_counts_max(FEW_COUNTS, 20);
        let attacker = address("192.0.2.1");
        assert!((0..21).any(|_| limiter.failed(attacker, 0)));
        flood(&limiter, FEW_COUNTS * 4);
        assert!(limiter.too_many(attacker, 0));
    }

    #[test]
    fn a_caller_that_never_failed_is_not_refused_in_a_flood() {
        let limiter = FailedSignatureLimiter::with_counts_max(FEW_COUNTS, 1);
        flood(&limiter, FEW_COUNTS * 4);
        assert!((0..1000).all(|number| !limiter.too_many(other(FEW_COUNTS * 4 + number), 0)));
    }

    #[test]
    fn a_caller_that_fails_once_in_a_flood_is_not_refused() {
        let limiter = FailedSignatureLimiter::with_counts_max(FEW_COUNTS, 1);
        for _ in 0..3 {
            flood(&limiter, FEW_COUNTS * 4);
        }
        let unlucky = address("192.0.2.1");
        assert!(!limiter.failed(unlucky, 0) && !limiter.too_many(unlucky, 0));
    }
}
