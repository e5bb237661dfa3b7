//! Who may connect, how often at the same time, and who is calling when a proxy holds the connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::HeaderMap;
use hyper::header::HeaderName;
use ipnet::IpNet;

use crate::config::Config;
use crate::networks::{self, Network};
use crate::refusals::{Refusals, count};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What decides who comes in.
pub(crate) struct Doors {
    allow_from: Vec<IpNet>,
    trusted_proxies: Vec<IpNet>,
    open: Arc<Open>,
    per_address_max: u32,
    refusals: Arc<Refusals>,
}

/// Who holds a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    /// A trusted proxy: its requests name their callers.
    is_proxy: bool,
}

/// A connection that came in; it counts for its caller until this is dropped.
pub(super) struct Entry {
    pub(super) peer: Peer,
    _counted: Option<Counted>,
}

/// Open connections by caller. A caller without any takes no place here, so there are never more than connections.
#[derive(Default)]
struct Open(Mutex<HashMap<Network, u32>>);

struct Counted {
    open: Arc<Open>,
    caller: Network,
}

impl Doors {
    pub(super) fn new(config: &Config, refusals: Arc<Refusals>) -> Self {
        Self {
            allow_from: config.allow_from.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            open: Arc::default(),
            per_address_max: config.connections_per_address_max,
            refusals,
        }
    }

    /// Lets a connection from this address in, or says no. A trusted proxy comes in always.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Entry> {
        let address = address.to_canonical();
        let is_proxy = self.trusts(address);
        let peer = Peer { address, is_proxy };
        if is_proxy {
            return Some(Entry { peer, _counted: None });
        }
        if !self.allows(address) {
            count(&self.refusals.not_allowed);
            return None;
        }
        if self.per_address_max == 0 {
            return Some(Entry { peer, _counted: None });
        }
        let counted = self.open.enter(address.into(), self.per_address_max);
        if counted.is_none() {
            count(&self.refusals.per_address);
        }
        counted.map(|counted| Entry { peer, _counted: Some(counted) })
    }

    /// Whether calls may come from this address, whatever the app.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        self.allow_from.is_empty() || networks::contain(&self.allow_from, address)
    }

    /// Whether this address is one of a trusted proxy.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        networks::contain(&self.trusted_proxies, address)
    }

    /// Who is calling: the peer, or behind a trusted proxy the rightmost address of `X-Forwarded-For` that is no
    /// trusted proxy itself. What stands to the left of that was written by the caller, and anybody can write anything.
    pub(super) fn caller(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.address;
        if !peer.is_proxy {
            return nearest;
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        for hop in lines.flat_map(|line| line.to_str().unwrap_or("").rsplit(',')) {
            let Some(address) = hop_address(hop.trim()) else { break };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }
}

/// Some proxies write the port too.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

impl Open {
    fn enter(self: &Arc<Self>, caller: Network, max: u32) -> Option<Counted> {
        let mut open = self.lock();
        let count = open.entry(caller).or_insert(0);
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Counted { open: Arc::clone(self), caller })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        match open.get_mut(&self.caller) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.caller)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(change: impl FnOnce(&mut Config)) -> Doors {
        let mut config = Config::default();
        change(&mut config);
        Doors::new(&config, Arc::default())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn refused(doors: &Doors) -> Vec<(&'static str, u64)> {
        doors.refusals.by_reason().into_iter().filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn a_caller_has_no_more_connections_than_allowed_and_a_closed_one_makes_room() {
        let doors = doors(|config| config.connections_per_address_max = 2);
        let (first, _second) = (doors.enter(address("192.0.2.1")), doors.enter(address("::ffff:192.0.2.1")));
        assert!(first.is_some() && doors.enter(address("192.0.2.1")).is_none());
        let _of_another = doors.enter(address("192.0.2.2")).unwrap();
        drop(first);
        let again = doors.enter(address("192.0.2.1"));
        assert!(again.is_some() && doors.enter(address("192.0.2.1")).is_none());
        assert_eq!(refused(&doors), [("per_address", 2)]);
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_caller() {
        let doors = doors(|config| config.connections_per_address_max = 1);
        let _first = doors.enter(address("2001:db8::1")).unwrap();
        assert!(doors.enter(address("2001:db8::2")).is_none());
        assert!(doors.enter(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn zero_is_no_limit_and_trusted_proxies_have_none() {
        let unlimited = doors(|config| config.connections_per_address_max = 0);
        let entries: Vec<_> = (0..2000).map_while(|_| unlimited.enter(address("192.0.2.1"))).collect();
        assert_eq!(entries.len(), 2000);
        let behind = doors(|config| {
            config.connections_per_address_max = 1;
            config.trusted_proxies = networks(&["10.0.0.0/8"]);
            config.allow_from = networks(&["192.0.2.0/24"]);
        });
        let entries: Vec<_> = (0..10).map_while(|_| behind.enter(address("10.0.0.1"))).collect();
        assert_eq!(entries.len(), 10);
    }

    #[test]
    fn callers_that_left_take_no_memory() {
        let doors = doors(|_| ());
        for number in 0..100_000_u32 {
            let _entry = doors.enter(IpAddr::from(number.to_be_bytes())).unwrap();
            assert_eq!(doors.open.lock().len(), 1);
        }
        assert!(doors.open.lock().is_empty() && doors.open.lock().capacity() < 100);
    }

    #[test]
    fn only_addresses_of_the_list_come_in() {
        let doors = doors(|config| config.allow_from = networks(&["192.0.2.0/24"]));
        assert!(doors.enter(address("192.0.2.1")).is_some());
        assert!(doors.enter(address("192.0.3.1")).is_none() && doors.enter(address("::1")).is_none());
        assert_eq!(refused(&doors), [("not_allowed", 2)]);
    }

    /// Who is calling with these header lines over a connection from 10.0.0.1.
    fn caller(trusted: &[&str], lines: &[&str]) -> String {
        let doors = doors(|config| config.trusted_proxies = networks(trusted));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        doors.caller(doors.enter(address("10.0.0.1")).unwrap().peer, &headers).to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_is_believed() {
        assert_eq!(caller(&[], &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(caller(&["10.0.0.2/32"], &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(caller(&["10.0.0.1/32"], &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(caller(&["10.0.0.1/32"], &[]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_address_that_is_no_trusted_proxy_is_the_caller() {
        let trusted = &["10.0.0.0/8"][..];
        assert_eq!(caller(trusted, &["192.0.2.66, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(caller(trusted, &["192.0.2.66,203.0.113.7 , 10.0.0.3,10.0.0.2"]), "203.0.113.7");
        assert_eq!(caller(trusted, &["192.0.2.66", "203.0.113.7", "10.0.0.2"]), "203.0.113.7");
        assert_eq!(caller(trusted, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn an_address_may_have_brackets_and_a_port() {
        for (hop, expected) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(caller(&["10.0.0.0/8"], &[hop]), expected);
        }
    }

    #[test]
    fn what_is_no_address_ends_the_search_at_the_proxy_that_wrote_it() {
        for hop in ["unknown", "", "203.0.113.7, ", "203.0.113.7, _secret", "203.0.113.7, 300.1.1.1, 10.0.0.1"] {
            assert_eq!(caller(&["10.0.0.0/8"], &[hop]), "10.0.0.1", "{hop}");
        }
    }
}
