//! Who is calling: signatures, verified at each call, and those of administrators remembered.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pinfold_core::AppId;
use pinfold_store::stats::{CacheMeter, CacheStats, Evictions};
use pinfold_wire::user_sig::{Claims, SigProblem, UserSig};
use quick_cache::{DefaultHashBuilder, Equivalent, Weighter, sync::Cache};

use crate::config::Secret;
use crate::rest::apps::App;

/// Memory of all signatures that are remembered, 8 MiB.
const REMEMBERED_BYTES_MAX: u64 = 8 << 20;
/// What a usual signature takes. The cache makes itself ready for as many of these as fit.
const USUAL_BYTES: u64 = 512;

/// Verified signatures of administrators by their text. Each hit is checked against the clock again, and counts for
/// nothing once the app's keys are others.
///
/// A signature has any number of texts: unknown keys in its JSON are not signed, and it can be packed in many ways. An
/// account that holds its own signature can make all of them, so signatures of accounts other than administrators are
/// not remembered: they would push out those of administrators. Verifying one takes a few microseconds.
pub(crate) struct Signatures {
    verified: Cache<SignatureKey, Arc<Verified>, Bytes, DefaultHashBuilder, Evictions>,
    meter: CacheMeter,
}

/// Weighs a remembered signature by the memory it takes.
#[derive(Clone)]
struct Bytes;

impl Weighter<SignatureKey, Arc<Verified>> for Bytes {
    fn weight(&self, key: &SignatureKey, verified: &Arc<Verified>) -> u64 {
        /// The entry, what it points to, and the places of both in the cache.
        const ENTRY: usize = 2 * size_of::<SignatureKey>() + size_of::<Verified>() + 128;
        (ENTRY + key.text.len() + verified.claims.identifier.len()) as u64
    }
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
        let (hasher, usual_count) = (DefaultHashBuilder::default(), REMEMBERED_BYTES_MAX / USUAL_BYTES);
        let verified = Cache::with(usual_count as usize, REMEMBERED_BYTES_MAX, Bytes, hasher, meter.evictions());
        Self { verified, meter }
    }

    /// Checks that `identifier` signed for this app and that the signature is valid at `now` (unix seconds).
    pub(crate) fn check(&self, app: &App, identifier: &str, text: &str, now: u64) -> Result<(), SigProblem> {
        if app.policy.administrators.contains(identifier) {
            self.check_administrator(app.id, &app.keys, identifier, text, now)
        } else {
            verify(app.id, &app.keys, identifier, text, now).map(drop)
        }
    }

    /// The same for an administrator, whose signature is remembered.
    pub(crate) fn check_administrator(
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
        // What the app signed beside the claims is proven now, and not asked for again.
        let claims = Claims { userbuf: None, ..verify(app, keys, identifier, text, now)? };
        let verified = Verified { claims, keys: Arc::clone(keys) };
        self.verified.insert(SignatureKey { app, text: text.into() }, Arc::new(verified));
        Ok(())
    }

    /// How the remembering does.
    pub(crate) fn stats(&self) -> CacheStats {
        self.meter.read(self.verified.len(), self.verified.weight(), self.verified.capacity())
    }
}

/// What a signature says, proven.
fn verify(app: AppId, keys: &[Secret], identifier: &str, text: &str, now: u64) -> Result<Claims, SigProblem> {
    let signature = UserSig::decode(text)?;
    let keys: Vec<&str> = keys.iter().map(Secret::expose).collect();
    signature.check(app.0, identifier, now, &keys)?;
    Ok(signature.into_claims())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use flate2::Compression;
    use flate2::read::ZlibDecoder;
    use flate2::write::ZlibEncoder;
    use pinfold_wire::user_sig::make;

    use super::*;
    use crate::config::AppConfig;

    const APP: AppId = AppId(1_400_000_001);
    const ADMIN: &str = "administrator";
    const KEY: &str = "a-made-up-key-for-these-tests-only";
    const OTHER_KEY: &str = "another-made-up-key-for-tests-too";

    fn app_of(id: AppId, keys: &[&str]) -> App {
        App::new(&AppConfig::new(id, keys.iter().map(|key| Secret::new(*key).unwrap()).collect()))
    }

    fn app() -> App {
        app_of(APP, &[KEY])
    }

    fn signature(identifier: &str) -> String {
        let claims = Claims { sdkappid: APP.0, identifier: identifier.into(), time: 1000, expire: 100, userbuf: None };
        make(KEY, &claims).unwrap()
    }

    /// A text of the same signature with an unknown key in its JSON, not compressed.
    fn variant(text: &str, unknown: &str) -> String {
        let text = text.replace('*', "+").replace('-', "/").replace('_', "=");
        let mut json = String::new();
        ZlibDecoder::new(&STANDARD.decode(text).unwrap()[..]).read_to_string(&mut json).unwrap();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::none());
        write!(encoder, "{{\"x\":\"{unknown}\",{}", &json[1..]).unwrap();
        let text = STANDARD.encode(encoder.finish().unwrap());
        text.replace('+', "*").replace('/', "-").replace('=', "_")
    }

    #[test]
    fn unknown_keys_in_a_signature_are_accepted() {
        let text = variant(&signature(ADMIN), "unknown");
        assert_eq!(Signatures::new().check(&app(), ADMIN, &text, 1000), Ok(()));
    }

    #[test]
    fn endless_texts_of_an_administrators_signature_stay_within_the_bound() {
        let (signatures, app, signed) = (Signatures::new(), app(), signature(ADMIN));
        let long = "x".repeat(3000);
        let texts = (0..3000).map(|number| variant(&signed, &format!("{number}{long}")));
        let bytes: usize = texts
            .map(|text| {
                signatures.check(&app, ADMIN, &text, 1000).unwrap();
                text.len()
            })
            .sum();
        let CacheStats { entries, weight, weight_max, .. } = signatures.stats();
        assert_eq!(weight_max, REMEMBERED_BYTES_MAX);
        assert!(bytes as u64 > weight_max && weight <= weight_max, "{weight} of {bytes}");
        assert!(entries * 4000 < weight, "{entries} entries of more than 4000 bytes weigh {weight}");
    }

    #[test]
    fn texts_of_other_accounts_are_verified_each_time_and_take_no_place() {
        let (signatures, app, signed) = (Signatures::new(), app(), signature("alice"));
        let admin = signature(ADMIN);
        signatures.check(&app, ADMIN, &admin, 1000).unwrap();
        let alone = signatures.stats();
        for number in 0..100 {
            assert_eq!(signatures.check(&app, "alice", &variant(&signed, &number.to_string()), 1000), Ok(()));
        }
        assert_eq!(signatures.stats(), alone);
        signatures.check(&app, ADMIN, &admin, 1000).unwrap();
        assert_eq!(signatures.stats().hits, alone.hits + 1);
    }

    #[test]
    fn a_remembered_signature_of_an_administrator_is_not_one_of_another_account() {
        let (signatures, app, text) = (Signatures::new(), app(), signature(ADMIN));
        signatures.check(&app, ADMIN, &text, 1000).unwrap();
        let other = signatures.check(&app, "alice", &text, 1000);
        assert!(matches!(other, Err(SigProblem::OtherIdentifier { .. })));
    }

    #[test]
    fn a_remembered_signature_still_expires_and_still_is_of_one_identifier() {
        let signatures = Signatures::new();
        let mut two = AppConfig::new(APP, vec![Secret::new(KEY).unwrap()]);
        two.administrators.extend(pinfold_core::AccountId::parse("bob"));
        let (app, text) = (App::new(&two), signature(ADMIN));
        for _ in 0..2 {
            assert_eq!(signatures.check(&app, ADMIN, &text, 1100), Ok(()));
            let expired = signatures.check(&app, ADMIN, &text, 1101);
            assert!(matches!(expired, Err(SigProblem::Expired { is_signed: true, .. })));
            let other = signatures.check(&app, "bob", &text, 1100);
            assert!(matches!(other, Err(SigProblem::OtherIdentifier { .. })));
        }
    }

    #[test]
    fn a_remembered_signature_is_forgotten_with_its_key() {
        let signatures = Signatures::new();
        let text = signature(ADMIN);
        assert_eq!(signatures.check(&app(), ADMIN, &text, 1000), Ok(()));
        assert_eq!(signatures.check(&app_of(APP, &[OTHER_KEY, KEY]), ADMIN, &text, 1000), Ok(()));
        let refused = signatures.check(&app_of(APP, &[OTHER_KEY]), ADMIN, &text, 1000);
        assert!(matches!(refused, Err(SigProblem::OtherKey { .. })));
    }

    #[test]
    fn a_signature_remembered_for_one_app_says_nothing_for_another() {
        let signatures = Signatures::new();
        let text = signature(ADMIN);
        signatures.check(&app(), ADMIN, &text, 1000).unwrap();
        let other = signatures.check(&app_of(AppId(7), &[KEY]), ADMIN, &text, 1000);
        assert!(matches!(other, Err(SigProblem::OtherApp { .. })));
    }

    #[test]
    fn a_signature_of_another_key_is_not_remembered() {
        let signatures = Signatures::new();
        for _ in 0..2 {
            let refused = signatures.check(&app_of(APP, &[OTHER_KEY]), ADMIN, &signature(ADMIN), 1000);
            assert!(matches!(refused, Err(SigProblem::OtherKey { .. })));
        }
    }
}
