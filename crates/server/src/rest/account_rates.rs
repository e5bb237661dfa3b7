//! The call rate of accounts that call for themselves, a bucket for each, in bounded memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use pinfold_store::AccountKey;
use quick_cache::sync::Cache;

/// Buckets that are kept at a time, of all apps together, in about 10 MiB.
const BUCKETS_MAX: usize = 65_536;
const SECOND_NS: u64 = 1_000_000_000;

/// Buckets of calls by account, with a burst of one second ("generic cell rate algorithm").
///
/// Of each account the time is kept at which its bucket is full again, so a bucket knows no rate: a reload may change that.
/// A bucket that is pushed out is full when its account calls again, which is worth the calls of one second. It takes
/// tens of thousands of other accounts, each with a signature that was verified, to push one out.
pub(crate) struct AccountRates {
    full_at_ns: Cache<AccountKey, Arc<AtomicU64>>,
    began: Instant,
}

impl AccountRates {
    pub(crate) fn new() -> Self {
        Self { full_at_ns: Cache::new(BUCKETS_MAX), began: Instant::now() }
    }

    /// Takes one call out of the account's bucket, which holds the calls of one second; whether there was one. A rate of 0
    /// is no limit.
    pub(crate) fn may_call(&self, account: &AccountKey, per_second_max: u32) -> bool {
        let now_ns = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.may_call_at(account, per_second_max, now_ns)
    }

    /// Buckets that are kept.
    pub(crate) fn buckets(&self) -> u64 {
        self.full_at_ns.len() as u64
    }

    fn may_call_at(&self, account: &AccountKey, per_second_max: u32, now_ns: u64) -> bool {
        let Some(call_ns) = SECOND_NS.checked_div(per_second_max.into()) else { return true };
        let full = || Ok::<_, Infallible>(Arc::default());
        let Ok(full_at_ns) = self.full_at_ns.get_or_insert_with(account, full);
        let take = |full_at_ns: u64| {
            let after = full_at_ns.max(now_ns).saturating_add(call_ns);
            (after <= now_ns.saturating_add(SECOND_NS)).then_some(after)
        };
        full_at_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    /// How many of 100 calls at this time are let in.
    fn burst(rates: &AccountRates, account: &AccountKey, per_second_max: u32, now_ns: u64) -> usize {
        (0..100).filter(|_| rates.may_call_at(account, per_second_max, now_ns)).count()
    }

    #[test]
    fn a_burst_is_one_second_of_calls_and_the_bucket_fills_again_with_time() {
        let (rates, alice) = (AccountRates::new(), account(1, "alice"));
        assert_eq!(burst(&rates, &alice, 20, 0), 20);
        assert_eq!(burst(&rates, &alice, 20, SECOND_NS / 20 - 1), 0);
        assert_eq!(burst(&rates, &alice, 20, SECOND_NS / 2), 10);
        assert_eq!(burst(&rates, &alice, 20, 100 * SECOND_NS), 20);
    }

    #[test]
    fn each_account_of_each_app_has_a_bucket_of_its_own() {
        let rates = AccountRates::new();
        for account in [account(1, "alice"), account(1, "bob"), account(2, "alice")] {
            assert_eq!(burst(&rates, &account, 1, 0), 1);
        }
        assert_eq!(rates.buckets(), 3);
    }

    #[test]
    fn a_rate_of_0_is_no_limit_and_keeps_no_bucket() {
        let rates = AccountRates::new();
        assert_eq!(burst(&rates, &account(1, "alice"), 0, 0), 100);
        assert_eq!(rates.buckets(), 0);
    }

    #[test]
    fn a_new_rate_holds_at_once_for_a_bucket_that_is_kept() {
        let (rates, alice) = (AccountRates::new(), account(1, "alice"));
        assert_eq!(burst(&rates, &alice, 2, 0), 2);
        assert_eq!(burst(&rates, &alice, 50, SECOND_NS / 2), 25);
    }

    #[test]
    fn calls_of_a_hundred_thousand_accounts_keep_no_more_buckets_than_there_may_be() {
        let rates = AccountRates::new();
        for number in 0..100_000 {
            assert!(rates.may_call_at(&account(1, &format!("account-with-a-long-name-{number}")), 20, 0));
        }
        /// The counter and a long id on the heap, and the places in the cache.
        const BESIDES: usize = 32 + 48 + 32;
        let buckets = rates.buckets() as usize;
        assert!((BUCKETS_MAX / 2..=BUCKETS_MAX).contains(&buckets), "{buckets}");
        assert!(BUCKETS_MAX * (size_of::<AccountKey>() + size_of::<Arc<AtomicU64>>() + BESIDES) <= 10 << 20);
    }
}
