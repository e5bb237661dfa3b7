//! The two signatures of a webhook request: `Sign` in its URL, and the headers of *Standard Webhooks*.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::COMMAND_PREFIX;
use crate::callback::sign;

/// Carries the [`MessageId`](super::MessageId).
pub const ID_HEADER: &str = "webhook-id";
/// Carries the time of the attempt, unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Carries `v1,` and the signature of identifier, time and body.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// The URL of an attempt at the unix second `now`: `base`, which has no fragment, and the parameters of a callback.
///
/// `command` is the short name. `ClientIP` is empty: the address of a caller is not kept. The result holds a signature,
/// so it may be in no log.
pub fn url(base: &str, app: u32, command: &str, token: &str, now: u64) -> String {
    let joint = match base.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let sign = sign(token, &now.to_string());
    format!(
        "{base}{joint}SdkAppid={app}&CallbackCommand={COMMAND_PREFIX}{command}&contenttype=json&ClientIP=\
         &OptPlatform=RESTAPI&Sign={sign}&RequestTime={now}"
    )
}

/// The headers of an attempt at the unix second `now`, by name. The key is the bytes of the token.
pub fn headers(token: &str, id: &str, body: &[u8], now: u64) -> [(&'static str, String); 3] {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{now}.").as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    [(ID_HEADER, id.to_owned()), (TIMESTAMP_HEADER, now.to_string()), (SIGNATURE_HEADER, format!("v1,{signature}"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::check_sign;

    const TOKEN: &str = "a-token-for-tests-only";
    const NOW: u64 = 1_750_000_000;

    #[test]
    fn the_url_names_app_command_and_time_and_is_signed_like_a_callback() {
        let expected = "https://chat.example.com/hook?SdkAppid=7&CallbackCommand=RecentContact.CallbackAfterContactMark\
                        &contenttype=json&ClientIP=&OptPlatform=RESTAPI\
                        &Sign=0577086f48826e93e08998f1629b18dc1da38db1eaf77e0e274d20f6f56a73fb&RequestTime=1750000000";
        assert_eq!(url("https://chat.example.com/hook", 7, "ContactMark", TOKEN, NOW), expected);
        let (_, sign) = expected.split_once("Sign=").unwrap();
        assert_eq!(check_sign(TOKEN, "1750000000", &sign[..64], NOW), Ok(()));
    }

    #[test]
    fn the_parameters_follow_those_that_the_url_has_already() {
        let joined = |base: &str| url(base, 7, "ContactTop", TOKEN, NOW).split_once("SdkAppid").unwrap().0.to_owned();
        for (base, expected) in [
            ("http://h", "http://h?"),
            ("http://h/", "http://h/?"),
            ("http://h/a?", "http://h/a?"),
            ("http://h/a?b=c", "http://h/a?b=c&"),
            ("http://h/a?b=c&", "http://h/a?b=c&"),
            ("http://h/a?b=?", "http://h/a?b=?&"),
        ] {
            assert_eq!(joined(base), expected);
        }
    }

    #[test]
    fn a_sample_was_signed_by_another_program() {
        // printf 'msg-1.1750000000.{"Revision":1}' | openssl dgst -sha256 -hmac a-token-for-tests-only -binary | base64
        let [id, timestamp, signature] = headers(TOKEN, "msg-1", br#"{"Revision":1}"#, NOW);
        assert_eq!((id.1.as_str(), timestamp.1.as_str()), ("msg-1", "1750000000"));
        assert_eq!(signature.1, "v1,ABMdBq0BRpIdTRSIIqdyxXiCCj6BD7GuMsn6r6cc0+o=");
    }
}
