//! Makes signatures and keeps the last one while it is young.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use pinfold_wire::user_sig::{self, Claims, Unreadable};

use crate::{Settings, address::escape};

/// Signs for one account of one app. The clock is an argument: unix seconds.
pub(crate) struct Signer {
    key: String,
    claims: Claims,
    latest: Mutex<Signed>,
}

/// The part of the query that says who calls, and when its signature was made.
struct Signed {
    query: Arc<str>,
    made_at: u64,
}

impl Signer {
    /// Makes the first signature, so that an identifier that cannot be signed is found now.
    pub(crate) fn new(settings: &Settings, now: u64) -> Result<Signer, Unreadable> {
        let claims = Claims {
            sdkappid: settings.sdkappid,
            identifier: settings.identifier.clone(),
            time: now,
            expire: settings.signature_seconds,
            userbuf: None,
        };
        let latest = Mutex::new(sign(&settings.key, &claims)?);
        Ok(Signer { key: settings.key.clone(), claims, latest })
    }

    /// `sdkappid=…&identifier=…&usersig=…`, signed less than half of its life ago.
    pub(crate) fn query(&self, now: u64) -> Result<Arc<str>, Unreadable> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_young(&latest, now) {
            *latest = sign(&self.key, &Claims { time: now, ..self.claims.clone() })?;
        }
        Ok(Arc::clone(&latest.query))
    }

    /// After a clock was set back the age is not known, so that counts as old.
    fn is_young(&self, signed: &Signed, now: u64) -> bool {
        now.checked_sub(signed.made_at).is_some_and(|age| age <= self.claims.expire / 2)
    }
}

fn sign(key: &str, claims: &Claims) -> Result<Signed, Unreadable> {
    let usersig = user_sig::make(key, claims)?;
    let query =
        format!("sdkappid={}&identifier={}&usersig={}", claims.sdkappid, escape(&claims.identifier), escape(&usersig));
    Ok(Signed { query: query.into(), made_at: claims.time })
}

/// Shows neither the key nor the signature.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("claims", &self.claims).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use pinfold_wire::user_sig::UserSig;

    use super::*;

    fn signer(made_at: u64) -> Signer {
        let settings = Settings { signature_seconds: 100, ..Settings::new("http://x", 7, "al ice", "key") };
        Signer::new(&settings, made_at).unwrap()
    }

    fn valid_until(query: &str) -> u64 {
        let usersig = query.split_once("&usersig=").unwrap().1.replace("%2A", "*");
        let sig = UserSig::decode(&usersig).unwrap();
        assert_eq!(sig.check(7, "al ice", sig.claims().time, &["key"]), Ok(()));
        sig.claims().valid_until()
    }

    #[test]
    fn a_query_names_the_app_and_the_account() {
        assert!(signer(1000).query(1000).unwrap().starts_with("sdkappid=7&identifier=al%20ice&usersig="));
    }

    #[test]
    fn a_signature_is_kept_for_half_of_its_life() {
        let signer = signer(1000);
        assert_eq!(valid_until(&signer.query(1050).unwrap()), 1100);
    }

    #[test]
    fn a_signature_is_renewed_after_half_of_its_life() {
        let signer = signer(1000);
        assert_eq!(valid_until(&signer.query(1051).unwrap()), 1151);
        assert_eq!(valid_until(&signer.query(1060).unwrap()), 1151);
    }

    #[test]
    fn a_clock_that_was_set_back_renews_the_signature() {
        let signer = signer(1000);
        assert_eq!(valid_until(&signer.query(10).unwrap()), 110);
    }

    #[test]
    fn an_identifier_that_cannot_be_signed_is_found_at_once() {
        assert!(Signer::new(&Settings::new("http://x", 7, "a\nb", "key"), 0).is_err());
    }
}
