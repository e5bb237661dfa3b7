//! Parses the values of arguments.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use pinfold_core::AccountId;
use pinfold_server::config;

/// A day in seconds.
pub(crate) const DAY_SECONDS: u64 = 24 * 60 * 60;
const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 60 * 60), ('d', DAY_SECONDS)];

/// A length of time in seconds: a number of them, or a number with a unit.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let with_unit = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
    let (number, unit) = with_unit.unwrap_or((text, 1));
    // `parse` alone would take a sign.
    let digits = Some(number).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.and_then(|digits| digits.parse::<u64>().ok()?.checked_mul(unit));
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
        "allowed is a number of seconds from 1, or a number with a unit, such as 30s, 15m, 12h or 7d".to_owned()
    })
}

/// An account id.
pub(crate) fn identifier(text: &str) -> Result<String, String> {
    AccountId::parse(text).map(|id| id.as_str().to_owned()).map_err(|problem| format!("an account id {problem}"))
}

/// An address with a port. A port alone, or with `localhost`, is one of loopback: nothing else is reached by accident.
pub(crate) fn listen(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").or(text.strip_prefix(':')).unwrap_or(text);
    match (text.parse(), port.parse::<u16>()) {
        (Ok(address), _) => Ok(address),
        (Err(_), Ok(port)) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        (Err(_), Err(_)) => {
            Err("allowed is an IP address with a port, such as 127.0.0.1:8081, or a port of this machine".to_owned())
        }
    }
}

/// The path of a directory that may be made.
pub(crate) fn new_directory(path: OsString) -> Result<PathBuf, &'static str> {
    config::unexpanded(&path.to_string_lossy()).map_or_else(|| Ok(path.into()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_of_seconds_or_has_a_unit() {
        for (text, expected) in [("60", 60), ("30s", 30), ("15m", 900), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "0h", "h", "1w", "1.5h", "-1", "+5", "+5s", "1h30m", "300000000000000d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_port_alone_is_one_of_loopback() {
        for (text, expected) in [
            (":0", "127.0.0.1:0"),
            ("8081", "127.0.0.1:8081"),
            ("localhost:8081", "127.0.0.1:8081"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(listen(text), Ok(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "here", "here:80", "127.0.0.1", "localhost", "65536", "::1"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_identifier_is_an_account_id() {
        assert_eq!(identifier("al ice").as_deref(), Ok("al ice"));
        assert_eq!(identifier(""), Err("an account id must not be empty".to_owned()));
        assert!(identifier(&"a".repeat(33)).is_err());
    }
}
