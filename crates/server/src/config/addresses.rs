//! Addresses that are listened on: mistakes in writing one, and addresses that exclude each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::keys::KeyPath;
use super::settings::Settings;
use super::{Config, ConfigError, Origin};

const LISTEN: KeyPath = KeyPath { app: None, name: "listen" };
const ADMIN_LISTEN: KeyPath = KeyPath { app: None, name: "admin_listen" };

/// The likely meaning of a text that is not an address with a port.
pub(super) fn mistake(text: &str) -> Option<String> {
    if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(format!("it has no port; write {}", SocketAddr::new(ip, 8080)));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port: u16 = port.parse().ok()?;
    let (everywhere, here) = (at(Ipv4Addr::UNSPECIFIED, port), at(Ipv4Addr::LOCALHOST, port));
    match host {
        "" | "*" => Some(format!("it names no address; write {everywhere} for all of this machine, or {here}")),
        "localhost" => Some(format!("names are not looked up; write {here}")),
        host if host.contains(':') => Some(format!("an IPv6 address stands in brackets; write [{host}]:{port}")),
        _ => Some(format!("names are not looked up; write an IP address, or {everywhere} for all of this machine")),
    }
}

fn at(ip: impl Into<IpAddr>, port: u16) -> SocketAddr {
    SocketAddr::new(ip.into(), port)
}

/// Whether `[::]` stands for IPv6 alone: it takes IPv4 too unless an IPv4 address with its port is listed beside it.
pub(crate) fn is_ipv6_alone(address: SocketAddr, listen: &[SocketAddr]) -> bool {
    let takes_both = address.ip() == IpAddr::from(Ipv6Addr::UNSPECIFIED) && address.port() != 0;
    takes_both && listen.iter().any(|other| other.is_ipv4() && other.port() == address.port())
}

/// Rejects two listeners on one port of one address: the system would refuse the second and blame another process.
pub(super) fn check(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    let listen = &config.listen;
    let is_alone = |address| is_ipv6_alone(address, listen);
    for (index, address) in listen.iter().enumerate() {
        if let Some(first) = listen[..index].iter().position(|other| overlap(*address, *other, is_alone)) {
            let sentence = format!(
                "listen[{index}] = {address} and listen[{first}] = {} take the same port; remove one",
                listen[first]
            );
            return Err(ConfigError::new(sentence).at(settings.origin(LISTEN)));
        }
    }
    let Some(admin) = config.admin_listen else { return Ok(()) };
    // `[::]` of the admin plane always takes both families.
    let is_alone = |address| address != admin && is_ipv6_alone(address, listen);
    let Some(first) = listen.iter().position(|other| overlap(admin, *other, is_alone)) else { return Ok(()) };
    let sentence = format!(
        "admin_listen = {admin} and listen[{first}] = {} take the same port; give one of them another",
        listen[first]
    );
    let set = [ADMIN_LISTEN, LISTEN].map(|path| settings.origin(path)).into_iter().find(|at| **at != Origin::Default);
    Err(ConfigError::new(sentence).at(set.unwrap_or(&Origin::Default)))
}

/// Whether a connection could be meant for either of two listeners.
fn overlap(one: SocketAddr, other: SocketAddr, is_alone: impl Fn(SocketAddr) -> bool) -> bool {
    let covers = |wide: SocketAddr, narrow: SocketAddr| {
        // An IPv4 address mapped into IPv6 is an IPv4 address to the system too.
        let (wide, narrow) = (canonical(wide), canonical(narrow));
        let has_family = wide.is_ipv4() == narrow.is_ipv4() || (wide.is_ipv6() && !is_alone(wide));
        wide.ip() == narrow.ip() || (wide.ip().is_unspecified() && has_family)
    };
    one.port() == other.port() && one.port() != 0 && (covers(one, other) || covers(other, one))
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_text_that_is_no_address_is_told_what_it_lacks() {
        for (text, expected) in [
            ("8081", "it names no address; write 0.0.0.0:8081 for all of this machine, or 127.0.0.1:8081"),
            (":0", "it names no address; write 0.0.0.0:0 for all of this machine, or 127.0.0.1:0"),
            ("localhost:8081", "names are not looked up; write 127.0.0.1:8081"),
            (
                "pinfold.example:81",
                "names are not looked up; write an IP address, or 0.0.0.0:81 for all of this machine",
            ),
            ("127.0.0.1", "it has no port; write 127.0.0.1:8080"),
            ("::1", "it has no port; write [::1]:8080"),
            ("[::]", "it has no port; write [::]:8080"),
            ("fe80::x:8080", "an IPv6 address stands in brackets; write [fe80::x]:8080"),
        ] {
            assert_eq!(mistake(text).as_deref(), Some(expected));
        }
        assert_eq!(mistake("here"), None);
    }

    #[test]
    fn all_of_ipv6_has_ipv4_too_unless_that_is_listed_for_the_same_port() {
        let both = addresses(&["0.0.0.0:80", "[::]:80", "[::]:81"]);
        assert!(is_ipv6_alone(both[1], &both));
        assert!(!is_ipv6_alone(both[2], &both) && !is_ipv6_alone(both[0], &both));
        assert!(is_ipv6_alone(both[1], &addresses(&["[::]:80", "127.0.0.1:80"])));
        assert!(!is_ipv6_alone("[::]:0".parse().unwrap(), &addresses(&["0.0.0.0:0", "[::]:0"])));
    }

    #[test]
    fn listeners_overlap_where_one_connection_could_be_for_either() {
        for (one, other, expected) in [
            ("0.0.0.0:80", "0.0.0.0:80", true),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("[::]:80", "[::1]:80", true),
            ("[::]:80", "127.0.0.1:80", false),
            ("0.0.0.0:80", "[::1]:80", false),
            ("127.0.0.1:80", "192.0.2.1:80", false),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true),
            ("[::ffff:0.0.0.0]:80", "127.0.0.1:80", true),
        ] {
            let both = addresses(&[one, other]);
            let is_alone = |address| is_ipv6_alone(address, &both);
            assert_eq!(overlap(both[0], both[1], is_alone), expected, "{one} {other}");
            assert_eq!(overlap(both[1], both[0], is_alone), expected, "{other} {one}");
        }
        let both = addresses(&["[::]:80", "127.0.0.1:80"]);
        assert!(overlap(both[1], both[0], |_| false), "`[::]` takes IPv4 where nothing else does");
    }
}
