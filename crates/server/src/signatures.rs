//! Who is calling: signatures, verified once and remembered.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pinfold_core::AppId;
use pinfold_store::stats::{CacheMeter, CacheStats, Evictions};
use pinfold_wire::user_sig::{Claims, SigProblem, UserSig};
use quick_cache::{DefaultHashBuilder, Equivalent, UnitWeighter, sync::Cache};

use crate::config::Secret;

/// Verified signatures that are remembered.
const REMEMBERED_MAX: usize = 10_000;

/// Verified signatures by their text. Each hit is checked against the clock again, and counts for nothing once the
/// app's keys are others.
pub(crate) struct Signatures {
    verified: Cache<SignatureKey, Arc<Verified>, UnitWeighter, DefaultHashBuilder, Evictions>,
    meter: CacheMeter,
}

struct Verified {
    claims: Claims,
    /// All keys of the app at that time.
    keys: Arc<[Secret]>,
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
        keys: &Arc<[Secret]>,
        identifier: &str,
        text: &str,
        now: u64,
    ) -> Result<(), SigProblem> {
        // Of the same list, as nearly always, only the address is compared.
        let known = self.verified.get(&SignatureRef { app, text }).filter(|known| known.keys == *keys);
        self.meter.asked(known.is_some());
        if let Some(known) = known {
            return known.claims.check(app.0, identifier, now);
        }
        let signature = UserSig::decode(text)?;
        let texts: Vec<&str> = keys.iter().map(Secret::expose).collect();
        signature.check(app.0, identifier, now, &texts)?;
        let verified = Verified { claims: signature.into_claims(), keys: Arc::clone(keys) };
        self.verified.insert(SignatureKey { app, text: text.into() }, Arc::new(verified));
        Ok(())
    }

    /// How the remembering does.
    pub(crate) fn stats(&self) -> CacheStats {
        self.meter.read(self.verified.len(), self.verified.weight(), self.verified.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinfold_wire::user_sig::make;

    const APP: AppId = AppId(1_400_000_001);

    fn keys() -> Arc<[Secret]> {
        [Secret::new("a-made-up-key-for-these-tests-only").unwrap()].into()
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
    fn a_remembered_signature_is_forgotten_with_its_key() {
        let signatures = Signatures::new();
        let text = signature("admin");
        let other = Secret::new("another-made-up-key-for-tests-too").unwrap();
        let both: Arc<[Secret]> = [other.clone(), keys()[0].clone()].into();
        assert_eq!(signatures.check(APP, &keys(), "admin", &text, 1000), Ok(()));
        assert_eq!(signatures.check(APP, &both, "admin", &text, 1000), Ok(()));
        let refused = signatures.check(APP, &[other].into(), "admin", &text, 1000);
        assert!(matches!(refused, Err(SigProblem::OtherKey { .. })));
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
        let other: Arc<[Secret]> = [Secret::new("another-made-up-key-for-tests-too").unwrap()].into();
        for _ in 0..2 {
            let refused = signatures.check(APP, &other, "admin", &signature("admin"), 1000);
            assert!(matches!(refused, Err(SigProblem::OtherKey { .. })));
        }
    }
}
