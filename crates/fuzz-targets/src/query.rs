//! Query strings, read by the server and by a second reader that is as simple as can be.

use pinfold_server::fuzzing::{callback_query, query as read};
use pinfold_wire::callback::{REQUEST_TIME_OFF_S_MAX, check_sign, sign};

const TOKEN: &str = "a-token-of-callbacks";
const NOW: u64 = 1_750_000_000;

/// The target; true if each of the three parameters has a value.
pub fn query(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let found = read(&text);
    let [sdkappid, identifier, usersig] = &found;
    let simple = ["sdkappid", "identifier", "usersig"].map(|name| first(&text, name));
    assert_eq!(found, simple);
    of_a_callback(&text);
    let escaped = |value: &str| value.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let (sdkappid, identifier, usersig) = (escaped(sdkappid), escaped(identifier), escaped(usersig));
    let written = format!("random=1&&usersig={usersig}&=&%69dentifier={identifier}&sdkappid={sdkappid}&sdkappid=7&x");
    assert_eq!(read(&written), found, "written as {written:?}");
    found.iter().all(|value| !value.is_empty())
}

/// The parameters of a callback are read alike, and only the token signs, for some minutes.
fn of_a_callback(text: &str) {
    let found = callback_query(text);
    assert_eq!(found, ["SdkAppid", "CallbackCommand", "Sign", "RequestTime"].map(|name| first(text, name)));
    let [_, _, given, time] = &found;
    assert!(check_sign(TOKEN, time, given, NOW).is_err() || *given == sign(TOKEN, time));
    // `parse` alone would take a sign.
    let seconds = time.bytes().all(|byte| byte.is_ascii_digit()).then(|| time.parse::<u64>().ok()).flatten();
    let is_near = seconds.is_some_and(|seconds| seconds.abs_diff(NOW) <= REQUEST_TIME_OFF_S_MAX);
    assert_eq!(check_sign(TOKEN, time, &sign(TOKEN, time), NOW).is_ok(), is_near, "{time:?}");
}

/// The value of the first parameter of this name.
fn first(query: &str, name: &str) -> String {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut named = pairs.filter(|(found, _)| decoded(found) == name);
    named.next().map(|(_, value)| decoded(value)).unwrap_or_default()
}

fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        bytes.extend_from_slice(if byte.is_some() { &piece.as_bytes()[2..] } else { piece.as_bytes() });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
