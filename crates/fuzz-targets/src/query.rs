//! Query strings, read by the server and by a second reader that is as simple as can be.

use pinfold_server::fuzzing::query as read;

/// The target; true if each of the three parameters has a value.
pub fn query(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let found = read(&text);
    let [sdkappid, identifier, usersig] = &found;
    let simple = ["sdkappid", "identifier", "usersig"].map(|name| first(&text, name));
    assert_eq!(found, simple);
    let escaped = |value: &str| value.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let (sdkappid, identifier, usersig) = (escaped(sdkappid), escaped(identifier), escaped(usersig));
    let written = format!("random=1&&usersig={usersig}&=&%69dentifier={identifier}&sdkappid={sdkappid}&sdkappid=7&x");
    assert_eq!(read(&written), found, "written as {written:?}");
    found.iter().all(|value| !value.is_empty())
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
