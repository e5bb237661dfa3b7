//! The signature of a callback: SHA-256 over a token and the time of the request.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// Most seconds between `RequestTime` and now, in either direction.
pub const REQUEST_TIME_OFF_S_MAX: u64 = 300;

/// Length of a signature: two digits for each byte of SHA-256.
const SIGN_BYTES: usize = 64;

/// Why a callback is not taken as one of the app's. No sentence and no field holds a token or a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignProblem {
    /// A parameter is missing, or cannot be one.
    #[error("{name} in the URL must be {wants}; switch on the authentication of callbacks")]
    Unreadable {
        /// The parameter.
        name: &'static str,
        /// What is allowed, to follow the words "must be".
        wants: &'static str,
    },
    /// It was made too long ago, or by a clock that is ahead.
    #[error("RequestTime is {request_time}, it is {now} now; at most {REQUEST_TIME_OFF_S_MAX} seconds are allowed")]
    TimeOff {
        /// `RequestTime`, unix seconds.
        request_time: u64,
        /// The unix second of the check.
        now: u64,
    },
    /// It was made with another token.
    #[error("Sign was made with another token than callback_token")]
    OtherToken,
}

/// Says whether a callback was signed with `token` within the last or next five minutes; `request_time` and `sign` are
/// the parameters of the URL, `now` is in unix seconds. Signatures are compared in constant time.
///
/// # Errors
/// [`SignProblem`], in the order of its variants.
pub fn check_sign(token: &str, request_time: &str, sign: &str, now: u64) -> Result<(), SignProblem> {
    let time = unix_seconds(request_time)?;
    unless_signature(sign)?;
    if time.abs_diff(now) > REQUEST_TIME_OFF_S_MAX {
        return Err(SignProblem::TimeOff { request_time: time, now });
    }
    let expected = self::sign(token, request_time);
    if expected.as_bytes().ct_eq(sign.as_bytes()).into() { Ok(()) } else { Err(SignProblem::OtherToken) }
}

/// The `Sign` of a request: SHA-256 over the token and `RequestTime`, in lower-case hexadecimal digits.
pub fn sign(token: &str, request_time: &str) -> String {
    hex::encode(Sha256::new().chain_update(token).chain_update(request_time).finalize())
}

fn unix_seconds(request_time: &str) -> Result<u64, SignProblem> {
    let is_decimal = request_time.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if is_decimal { request_time.parse().ok() } else { None };
    parsed.ok_or(SignProblem::Unreadable { name: "RequestTime", wants: "unix seconds" })
}

fn unless_signature(sign: &str) -> Result<(), SignProblem> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if sign.len() == SIGN_BYTES && sign.bytes().all(is_digit) {
        return Ok(());
    }
    Err(SignProblem::Unreadable { name: "Sign", wants: "64 hexadecimal digits in lower case" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "a-token-for-tests-only";
    const TIME: &str = "1750000000";
    const NOW: u64 = 1_750_000_000;

    #[test]
    fn the_documented_sample_is_signed_alike() {
        let sample = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
        assert_eq!(sign("xxxxyyyy", "1669872112"), sample);
        assert_eq!(check_sign("xxxxyyyy", "1669872112", sample, 1_669_872_112), Ok(()));
    }

    #[test]
    fn a_second_sample_was_made_by_another_program() {
        // printf a-token-for-tests-only1750000000 | sha256sum
        assert_eq!(sign(TOKEN, TIME), "0577086f48826e93e08998f1629b18dc1da38db1eaf77e0e274d20f6f56a73fb");
    }

    #[test]
    fn a_request_is_taken_for_five_minutes_in_either_direction() {
        let at = |now| check_sign(TOKEN, TIME, &sign(TOKEN, TIME), now);
        assert_eq!((at(NOW - 300), at(NOW + 300)), (Ok(()), Ok(())));
        let time_off = |now| Err(SignProblem::TimeOff { request_time: NOW, now });
        assert_eq!((at(NOW - 301), at(NOW + 301)), (time_off(NOW - 301), time_off(NOW + 301)));
    }

    #[test]
    fn another_token_time_or_digit_is_another_signature() {
        let good = sign(TOKEN, TIME);
        let changed = good.replace(&good[..1], if good.starts_with('0') { "1" } else { "0" });
        for (token, time, sign) in
            [("another-token", TIME, &good), (TOKEN, "1750000001", &good), (TOKEN, TIME, &changed)]
        {
            assert_eq!(check_sign(token, time, sign, NOW), Err(SignProblem::OtherToken));
        }
    }

    #[test]
    fn a_time_with_a_zero_before_it_is_signed_as_the_text_it_is() {
        assert_eq!(check_sign(TOKEN, "01750000000", &sign(TOKEN, TIME), NOW), Err(SignProblem::OtherToken));
        assert_eq!(check_sign(TOKEN, "01750000000", &sign(TOKEN, "01750000000"), NOW), Ok(()));
    }

    #[test]
    fn a_parameter_that_is_missing_or_malformed_is_named() {
        let good = sign(TOKEN, TIME);
        for time in ["", "now", "-1", "+1750000000", "1750000000.0", "99999999999999999999"] {
            let problem = check_sign(TOKEN, time, &good, NOW).unwrap_err().to_string();
            assert!(problem.starts_with("RequestTime in the URL must be unix seconds"), "{problem}");
        }
        for sign in ["", &good[1..], &good.to_uppercase(), &format!("{good}0"), &"x".repeat(64)] {
            let problem = check_sign(TOKEN, TIME, sign, NOW).unwrap_err().to_string();
            assert!(problem.starts_with("Sign in the URL must be 64 hexadecimal digits"), "{problem}");
        }
    }
}
