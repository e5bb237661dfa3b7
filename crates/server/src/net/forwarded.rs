//! `X-Forwarded-For`: the caller's address, as the proxies on its way wrote it down.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::HeaderName;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An element of the header that is not an address: empty, `unknown`, an obfuscated name, bytes that are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAnAddress;

/// The rightmost address that `is_trusted_proxy` does not hold, over all header lines; the leftmost one where it holds
/// all of them, and `None` without the header. Each proxy appends the address it was called from, so the caller wrote
/// everything to the left of that address, and can write anything: it is not read.
///
/// # Errors
/// [`NotAnAddress`] if an element that must be read is not an address. It never counts as absent: the address to its
/// right is a proxy's, which may be allowed more than the caller.
pub(crate) fn caller(
    headers: &HeaderMap,
    is_trusted_proxy: impl Fn(IpAddr) -> bool,
) -> Result<Option<IpAddr>, NotAnAddress> {
    let mut nearest = None;
    // Bytes, because one byte that is not ASCII would make a text of the whole line impossible.
    let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
    for element in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        let address = address(element.trim_ascii())?;
        nearest = Some(address);
        if !is_trusted_proxy(address) {
            break;
        }
    }
    Ok(nearest)
}

/// Some proxies write brackets around the address, and the port.
fn address(element: &[u8]) -> Result<IpAddr, NotAnAddress> {
    let text = str::from_utf8(element).map_err(|_| NotAnAddress)?;
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical()).map_err(|_| NotAnAddress)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    /// The caller by these header lines, where 10.0.0.0/8 are proxies.
    fn read(lines: &[&[u8]]) -> Result<Option<IpAddr>, NotAnAddress> {
        let lines = lines.iter().map(|line| (FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap()));
        caller(&lines.collect(), |address| address.to_string().starts_with("10."))
    }

    fn is_caller(lines: &[&[u8]], expected: &str) -> bool {
        read(lines) == Ok(Some(expected.parse().unwrap()))
    }

    #[test]
    fn the_rightmost_address_that_is_not_a_trusted_proxy_is_the_caller() {
        assert!(is_caller(&[b"192.0.2.66, 203.0.113.7"], "203.0.113.7"));
        assert!(is_caller(&[b"192.0.2.66,203.0.113.7 , 10.0.0.3,\t10.0.0.2"], "203.0.113.7"));
        assert!(is_caller(&[b"192.0.2.66", b"203.0.113.7", b"10.0.0.2"], "203.0.113.7"));
    }

    #[test]
    fn where_all_are_trusted_proxies_the_leftmost_one_calls_and_without_the_header_none_is_named() {
        assert!(is_caller(&[b"10.0.0.4", b"10.0.0.3, 10.0.0.2"], "10.0.0.4"));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn an_address_may_have_brackets_and_a_port() {
        for (element, expected) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert!(is_caller(&[element.as_bytes()], expected), "{element}");
        }
    }

    const UNREADABLE: [&[u8]; 12] = [
        b"",
        b" ",
        b"\xff",
        b"\xc3\xa4",
        b"unknown",
        b"_obfuscated",
        b"300.1.1.1",
        b"203.0.113.7:",
        b"203.0.113.7:65536",
        b"[203.0.113.7",
        b"203.0.113.7;10.0.0.2",
        b"for=203.0.113.7",
    ];

    #[test]
    fn what_is_there_and_is_not_an_address_never_counts_as_absent() {
        for element in UNREADABLE {
            let shown = String::from_utf8_lossy(element);
            assert_eq!(read(&[element]), Err(NotAnAddress), "{shown}");
            assert_eq!(read(&[b"203.0.113.7", element]), Err(NotAnAddress), "{shown}");
            assert_eq!(read(&[&[element, b", 10.0.0.2"].concat()]), Err(NotAnAddress), "{shown}");
            assert_eq!(read(&[&[b"203.0.113.7,", element].concat(), b"10.0.0.2"]), Err(NotAnAddress), "{shown}");
        }
    }

    #[test]
    fn what_a_caller_wrote_to_the_left_of_its_address_does_not_matter() {
        for element in UNREADABLE {
            let shown = String::from_utf8_lossy(element);
            assert!(is_caller(&[&[element, b", 203.0.113.7"].concat()], "203.0.113.7"), "{shown}");
            assert!(is_caller(&[element, b"203.0.113.7, 10.0.0.2"], "203.0.113.7"), "{shown}");
        }
    }
}
