//! The brake on guessing signatures: failed checks by caller and minute, in bounded memory.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::net::networks::Network;

/// Callers are spread over these many sets, by a hash nobody outside can foresee.
const SETS: usize = 8192;
/// Callers that are counted in one set.
const CALLERS_PER_SET_MAX: usize = 8;

/// Failed signature checks by caller and minute of the clock.
///
/// No more than `SETS` times `CALLERS_PER_SET_MAX` callers are counted, in about 2 MiB. Where a set is full, a
/// newcomer takes the place of whoever failed the least, and goes on from that count ("space-saving"). So nobody gets
/// rid of a count by failing from many other addresses: it would take as many failures from each of them. And who
/// never failed is never counted, whatever others do.
pub(crate) struct FailedSignatureLimiter {
    sets: Box<[Mutex<Vec<Count>>]>,
    hasher: RandomState,
    /// Of all callers together, as a [`pack`]ed minute and number: while these are few, nobody can have too many.
    all: AtomicU64,
    per_minute_max: u32,
}

#[derive(Clone, Copy)]
struct Count {
    caller: Network,
    minute: u32,
    failures: u32,
}

impl Count {
    fn in_minute(&self, minute: u32) -> u32 {
        if self.minute == minute { self.failures } else { 0 }
    }
}

impl FailedSignatureLimiter {
    pub(crate) fn new(per_minute_max: u32) -> Self {
        Self::with_sets(SETS, per_minute_max)
    }

    fn with_sets(sets: usize, per_minute_max: u32) -> Self {
        let sets = (0..sets).map(|_| Mutex::default()).collect();
        Self { sets, hasher: RandomState::new(), all: AtomicU64::new(0), per_minute_max }
    }

    /// Whether this address failed too often in this minute (`now` in unix seconds).
    pub(crate) fn too_many(&self, address: IpAddr, now: u64) -> bool {
        let minute = minute(now);
        if unpack(self.all.load(Ordering::Relaxed), minute) <= self.per_minute_max {
            return false;
        }
        let caller = address.into();
        let set = self.set(caller);
        let mut counts = set.iter().filter(|count| count.caller == caller);
        counts.any(|count| count.in_minute(minute) > self.per_minute_max)
    }

    /// Counts one more failure; whether it is the one that made them too many.
    pub(crate) fn failed(&self, address: IpAddr, now: u64) -> bool {
        let minute = minute(now);
        let one_more = |all| Some(pack(minute, unpack(all, minute).saturating_add(1)));
        let _ = self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        let caller = address.into();
        let mut set = self.set(caller);
        let count = place(&mut set, caller, minute);
        let failures = count.in_minute(minute).saturating_add(1);
        *count = Count { caller, minute, failures };
        failures.checked_sub(1) == Some(self.per_minute_max)
    }

    fn set(&self, caller: Network) -> MutexGuard<'_, Vec<Count>> {
        let hash = self.hasher.hash_one(caller);
        self.sets[(hash % self.sets.len() as u64) as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The caller's own count, a fresh one, or that of the caller in the set who failed the least.
fn place(set: &mut Vec<Count>, caller: Network, minute: u32) -> &mut Count {
    let own = set.iter().position(|count| count.caller == caller);
    let at = own.unwrap_or_else(|| {
        if set.len() < CALLERS_PER_SET_MAX {
            set.push(Count { caller, minute, failures: 0 });
            return set.len() - 1;
        }
        let least = set.iter().enumerate().min_by_key(|(_, count)| count.in_minute(minute));
        least.map_or(0, |(at, _)| at)
    });
    &mut set[at]
}

/// Minutes since 1970.
fn minute(now: u64) -> u32 {
    (now / 60) as u32
}

fn pack(minute: u32, failures: u32) -> u64 {
    u64::from(minute) << 32 | u64::from(failures)
}

/// The failures, if they are of this minute.
fn unpack(packed: u64, minute: u32) -> u32 {
    if (packed >> 32) as u32 == minute { packed as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    /// Few, so that they are full soon.
    const FEW_SETS: usize = 64;
    const CALLERS_MAX: usize = FEW_SETS * CALLERS_PER_SET_MAX;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// An address of the network with this number.
    fn other(number: usize) -> IpAddr {
        Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | (number as u128) << 64 | 1).into()
    }

    fn counted(limiter: &FailedSignatureLimiter) -> usize {
        limiter.sets.iter().map(|set| set.lock().unwrap().len()).sum()
    }

    #[test]
    fn more_than_the_limit_of_failures_in_a_minute_are_too_many_until_the_next_minute() {
        let limiter = FailedSignatureLimiter::new(2);
        let caller = address("192.0.2.1");
        assert!(!limiter.failed(caller, 60) && !limiter.failed(caller, 60));
        assert!(!limiter.too_many(caller, 60));
        assert!(limiter.failed(caller, 61) && !limiter.failed(caller, 61), "told once");
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
    fn a_flood_of_addresses_takes_no_more_memory_than_there_are_places() {
        let limiter = FailedSignatureLimiter::with_sets(FEW_SETS, 600);
        for number in 0..CALLERS_MAX * 4 {
            limiter.failed(other(number), 0);
        }
        assert!((CALLERS_MAX / 2..=CALLERS_MAX).contains(&counted(&limiter)));
        assert!(limiter.sets.iter().all(|set| set.lock().unwrap().capacity() <= CALLERS_PER_SET_MAX));
        assert!(SETS * (CALLERS_PER_SET_MAX * size_of::<Count>() + size_of::<Mutex<Vec<Count>>>()) <= 9 << 18);
    }

    #[test]
    fn failing_from_many_other_addresses_does_not_reset_ones_own_count() {
        let limiter = FailedSignatureLimiter::with_sets(FEW_SETS, 20);
        let attacker = address("192.0.2.1");
        assert!((0..21).any(|_| limiter.failed(attacker, 0)));
        for number in 0..CALLERS_MAX * 4 {
            limiter.failed(other(number), 0);
        }
        assert!(limiter.too_many(attacker, 0));
    }

    #[test]
    fn who_never_failed_is_never_refused_whatever_others_do() {
        let limiter = FailedSignatureLimiter::with_sets(FEW_SETS, 1);
        for number in 0..CALLERS_MAX * 4 {
            limiter.failed(other(number), 0);
        }
        assert!((0..1000).all(|number| !limiter.too_many(other(CALLERS_MAX * 4 + number), 0)));
    }

    #[test]
    fn a_newcomer_in_a_full_set_goes_on_from_the_smallest_count() {
        let limiter = FailedSignatureLimiter::with_sets(FEW_SETS, 600);
        for number in 0..CALLERS_MAX * 8 {
            limiter.failed(other(number), 0);
        }
        let newcomer = address("192.0.2.1");
        let least = limiter.set(newcomer.into()).iter().map(|count| count.failures).min().unwrap();
        limiter.failed(newcomer, 0);
        let set = limiter.set(newcomer.into());
        let count = set.iter().find(|count| count.caller == newcomer.into()).unwrap();
        assert!(least > 1 && count.failures == least + 1, "{} after {least}", count.failures);
    }

    #[test]
    fn counts_of_an_earlier_minute_make_room_first() {
        let limiter = FailedSignatureLimiter::with_sets(FEW_SETS, 600);
        for number in 0..CALLERS_MAX * 4 {
            limiter.failed(other(number), 0);
        }
        let late = address("192.0.2.1");
        limiter.failed(late, 60);
        let set = limiter.set(late.into());
        assert_eq!(set.iter().find(|count| count.caller == late.into()).unwrap().failures, 1);
    }
}
