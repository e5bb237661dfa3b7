//! Who is calling: signatures, verified once and remembered, and the brake on guessing them.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pinfold_core::AppId;
use pinfold_store::stats::{CacheMeter, CacheStats, Evictions};
use pinfold_wire::user_sig::{Claims, SigProblem, UserSig};
use quick_cache::{DefaultHashBuilder, Equivalent, UnitWeighter, sync::Cache};

use crate::config::Secret;

/// Verified signatures that are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// Addresses whose failures are counted.
const ADDRESSES_MAX: usize = 65_536;

/// Verified signatures by their text. Each hit is checked against the clock again; keys do not change
/// while a server runs.
pub(crate) struct Signatures {
    verified: Cache<SignatureKey, Arc<Claims>, UnitWeighter, DefaultHashBuilder, Evictions>,
    meter: CacheMeter,
}

#[derive(PartialEq, Eq)]
struct SignatureKey {
    app: AppId,
    text: Box<str>,
}

#[derive(PartialEq, Eq)]
struct SignatureRef<'a> {
    app: AppId,
    text: &'a str,
}

impl Hash for SignatureKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        SignatureRef { app: self.app, text: &self.text }.hash(state);
    }
}

impl Hash for SignatureRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.app.hash(state);
        self.text.hash(state);
    }
}

impl Equivalent<SignatureKey> for SignatureRef<'_> {
    fn equivalent(&self, key: &SignatureKey) -> bool {
        self.app == key.app && self.text == &*key.text
    }
}

impl Signatures {
    pub(crate) fn new() -> Self {
        let meter = CacheMeter::default();
        let hasher = DefaultHashBuilder::default();
        let verified = Cache::with(REMEMBERED_MAX, REMEMBERED_MAX as u64, UnitWeighter, hasher, meter.evictions());
        Self { verified, meter }
    }

    /// Checks that `identifier` signed for this app and that the signature is valid at `now` (unix seconds).
    pub(crate) fn check(
        &self,
        app: AppId,
        keys: &[Secret],
        identifier: &str,
        text: &str,
        now: u64,
    ) -> Result<(), SigProblem> {
        let claims = self.verified.get(&SignatureRef { app, text });
        self.meter.asked(claims.is_some());
        if let Some(claims) = claims {
            return claims.check(app.0, identifier, now);
        }
        let signature = UserSig::decode(text)?;
        let keys: Vec<&str> = keys.iter().map(Secret::expose).collect();
        signature.check(app.0, identifier, now, &keys)?;
        self.verified.insert(SignatureKey { app, text: text.into() }, Arc::new(signature.into_claims()));
        Ok(())
    }

    /// How the remembering does.
    pub(crate) fn stats(&self) -> CacheStats {
        self.meter.read(self.verified.len(), self.verified.weight(), self.verified.capacity())
    }
}

/// Counts failed signature checks by address and minute, in bounded memory.
pub(crate) struct Guesses {
    /// Minute in the upper half, failures in the lower.
    counts: Cache<IpAddr, Arc<AtomicU64>>,
    per_minute_max: u32,
}

impl Guesses {
    pub(crate) fn new(per_minute_max: u32) -> Self {
        Self { counts: Cache::new(ADDRESSES_MAX), per_minute_max }
    }

    /// Whether this address failed too often in this minute.
    pub(crate) fn too_many(&self, address: IpAddr, now: u64) -> bool {
        let count = self.counts.get(&network(address)).map_or(0, |count| count.load(Ordering::Relaxed));
        minute(now) == count >> 32 && count & 0xffff_ffff > u64::from(self.per_minute_max)
    }

    /// Counts one more failure.
    pub(crate) fn failed(&self, address: IpAddr, now: u64) {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        let Ok(count) = self.counts.get_or_insert_with(&network(address), fresh);
        let one_more = |count: u64| {
            let same_minute = count >> 32 == minute(now);
            Some(if same_minute { count + 1 } else { minute(now) << 32 | 1 })
        };
        let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }
}

fn minute(now: u64) -> u64 {
    (now / 60) & 0xffff_ffff
}

/// One caller may own a whole IPv6 network of 2⁶⁴ addresses, so they are counted as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinfold_wire::user_sig::make;

    const APP: AppId = AppId(1_400_000_001);

    fn keys() -> Vec<Secret> {
        vec![Secret::new("a-made-up-key-for-these-tests-only").unwrap()]
    }

    fn signature(identifier: &str) -> String {
        let claims = Claims { sdkappid: APP.0, identifier: identifier.into(), time: 1000, expire: 100, userbuf: None };
        make(keys()[0].expose(), &claims).unwrap()
    }

    #[test]
    fn a_remembered_signature_still_expires_and_still_is_of_one_identifier() {
        let signatures = Signatures::new();
        let text = signature("admin");
        for _ in 0..2 {
            assert_eq!(signatures.check(APP, &keys(), "admin", &text, 1100), Ok(()));
            let expired = signatures.check(APP, &keys(), "admin", &text, 1101);
            assert!(matches!(expired, Err(SigProblem::Expired { .. })));
            let other = signatures.check(APP, &keys(), "bob", &text, 1100);
            assert!(matches!(other, Err(SigProblem::OtherIdentifier { .. })));
        }
    }

    #[test]
    fn a_signature_remembered_for_one_app_says_nothing_for_another() {
        let signatures = Signatures::new();
        let text = signature("admin");
        signatures.check(APP, &keys(), "admin", &text, 1000).unwrap();
        let other = signatures.check(AppId(7), &keys(), "admin", &text, 1000);
        assert!(matches!(other, Err(SigProblem::OtherApp { .. })));
    }

    #[test]
    fn a_signature_of_another_key_is_not_remembered() {
        let signatures = Signatures::new();
        let other = vec![Secret::new("another-made-up-key-for-tests-too").unwrap()];
        for _ in 0..2 {
            let refused = signatures.check(APP, &other, "admin", &signature("admin"), 1000);
            assert!(matches!(refused, Err(SigProblem::OtherKey { .. })));
        }
    }

    #[test]
    fn more_than_the_limit_of_failures_in_a_minute_are_too_many_until_the_next_minute() {
        let guesses = Guesses::new(2);
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..2 {
            guesses.failed(address, 60);
        }
        assert!(!guesses.too_many(address, 60));
        guesses.failed(address, 61);
        assert!(guesses.too_many(address, 119) && !guesses.too_many(address, 120));
        assert!(!guesses.too_many(IpAddr::from([192, 0, 2, 2]), 61));
    }

    #[test]
    fn addresses_of_one_ipv6_network_and_mapped_ipv4_addresses_are_counted_as_one() {
        let guesses = Guesses::new(0);
        guesses.failed("2001:db8::1".parse().unwrap(), 0);
        assert!(guesses.too_many("2001:db8::ffff:2".parse().unwrap(), 0));
        assert!(!guesses.too_many("2001:db8:0:1::1".parse().unwrap(), 0));
        guesses.failed("::ffff:192.0.2.1".parse().unwrap(), 0);
        assert!(guesses.too_many("192.0.2.1".parse().unwrap(), 0));
    }
}
