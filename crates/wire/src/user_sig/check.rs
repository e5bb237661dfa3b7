//! Comparing a signature with the call it came with and the keys of the app.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::{Claims, SigProblem, UserSig};

/// Length of an HMAC-SHA256.
pub(super) const SIG_BYTES: usize = 32;

impl UserSig {
    /// Says whether the signature allows this call: to the app `sdkappid`, by the account `identifier`, at `now` in unix
    /// seconds. The checks come in the order of docs/protocol.md, section 3, and any one of `keys` may have signed it.
    ///
    /// Every key is tried in constant time also after one fitted, so the time taken tells nothing about keys.
    /// Without keys nothing is allowed. A key must not be the empty text: anybody can sign with that.
    pub fn check(&self, sdkappid: u32, identifier: &str, now: u64, keys: &[impl AsRef<str>]) -> Result<(), SigProblem> {
        match self.claims.check(sdkappid, identifier, now) {
            Ok(()) if self.is_signed_with_one_of(keys) => Ok(()),
            Ok(()) => Err(SigProblem::OtherKey { sdkappid }),
            Err(SigProblem::Expired { at, now, .. }) => {
                Err(SigProblem::Expired { at, now, is_signed: self.is_signed_with_one_of(keys) })
            }
            Err(other) => Err(other),
        }
    }

    fn is_signed_with_one_of(&self, keys: &[impl AsRef<str>]) -> bool {
        let text = signed_text(&self.claims);
        let compare = |key| sign(key, &text).ct_eq(&self.tls_sig);
        keys.iter().map(|key| compare(key.as_ref())).fold(Choice::from(0), |found, fits| found | fits).into()
    }
}

impl Claims {
    /// The part of [`UserSig::check`] that needs no key, in the same order: app, identifier, expiry (`now` in unix
    /// seconds). A server that remembers claims it has proven repeats only this; that a key signed them is taken for
    /// granted.
    pub fn check(&self, sdkappid: u32, identifier: &str, now: u64) -> Result<(), SigProblem> {
        if self.sdkappid != sdkappid {
            return Err(SigProblem::OtherApp { signed: self.sdkappid, asked: sdkappid });
        }
        if self.identifier != identifier {
            return Err(SigProblem::other_identifier(&self.identifier, identifier));
        }
        let at = self.valid_until();
        if now > at { Err(SigProblem::Expired { at, now, is_signed: true }) } else { Ok(()) }
    }
}

/// The text that is signed. Two different claims never have the same one: no identifier holds a line feed, and what
/// follows it begins with a fixed name.
pub(super) fn signed_text(claims: &Claims) -> String {
    let Claims { sdkappid, identifier, time, expire, userbuf } = claims;
    let mut text =
        format!("TLS.identifier:{identifier}\nTLS.sdkappid:{sdkappid}\nTLS.time:{time}\nTLS.expire:{expire}\n");
    if let Some(userbuf) = userbuf {
        text.push_str("TLS.userbuf:");
        text.push_str(userbuf);
        text.push('\n');
    }
    text
}

/// HMAC-SHA256 of a text. The key is taken as its text: the hex digits of a secret, not the bytes they stand for.
pub(super) fn sign(key: &str, text: &str) -> [u8; SIG_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}
