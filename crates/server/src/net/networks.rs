//! Addresses of callers: whether a list of networks holds one, and what counts as one caller; and where an address of
//! our own is called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Prefix of the IPv6 network that all of IPv4 is mapped into.
const MAPPED_BITS: u8 = 96;

/// Whether one of the networks holds this address. An IPv4 address mapped into IPv6 is an IPv4 address, and so is a
/// network of such addresses one of IPv4.
pub(crate) fn contain(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    let mapped = match address {
        IpAddr::V4(address) => Some(IpAddr::from(address.to_ipv6_mapped())),
        IpAddr::V6(_) => None,
    };
    let is_mapped_in =
        |network: &IpNet| network.prefix_len() >= MAPPED_BITS && mapped.is_some_and(|mapped| network.contains(&mapped));
    networks.iter().any(|network| network.contains(&address) || is_mapped_in(network))
}

/// Where a listener on this address is reached from its own machine. No client can connect to all addresses, so one
/// that stands for them becomes that of loopback.
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, bound.port())
}

/// Where limits by address draw the line between one caller and another: an IPv4 address, or an IPv6 network of
/// 64 bits, because one caller may own all of its 2⁶⁴ addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_interfaces_is_called_on_loopback() {
        for (bound, expected) in
            [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:8443", "[::1]:8443"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(bound.parse().unwrap()), expected.parse().unwrap());
        }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn network(text: &str) -> Network {
        address(text).into()
    }

    #[test]
    fn a_list_of_networks_holds_the_addresses_of_each_and_mapped_ones_too() {
        let networks: Vec<IpNet> = ["10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().unwrap()).into();
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8:1::1"] {
            assert!(contain(&networks, address(inside)), "{inside}");
        }
        for outside in ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "::"] {
            assert!(!contain(&networks, address(outside)), "{outside}");
        }
        assert!(!contain(&[], address("10.1.2.3")));
    }

    #[test]
    fn a_network_of_mapped_addresses_is_one_of_ipv4_and_all_of_ipv6_is_not() {
        let networks = |text: &str| [text.parse::<IpNet>().unwrap()];
        for address in ["10.1.2.3", "::ffff:10.1.2.3"].map(address) {
            assert!(contain(&networks("::ffff:10.0.0.0/104"), address), "{address}");
            assert!(!contain(&networks("::ffff:11.0.0.0/104"), address), "{address}");
            assert!(!contain(&networks("::/0"), address), "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_is_one_caller_however_it_is_written() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_of_64_bits_are_one_caller() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }
}
