//! Admission of connections: allowed addresses, the limit for each address, and the caller that a proxy names.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::HeaderMap;
use ipnet::IpNet;

use super::forwarded;
use crate::config::Config;
use crate::net::networks::{self, Network};
use crate::net::rejections::{RejectionCounters, count};

/// Decides which connections are admitted.
pub(crate) struct Admission {
    allow_from: Vec<IpNet>,
    trusted_proxies: Vec<IpNet>,
    open: Arc<Open>,
    per_address_max: u32,
    rejections: Arc<RejectionCounters>,
}

/// The holder of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    calls_for: CallsFor,
}

/// On whose behalf a peer sends its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallsFor {
    /// Its own. What it says of others is not believed.
    Itself,
    /// A trusted proxy; each request names its caller in `X-Forwarded-For`.
    Others,
    /// A trusted proxy that passes a connection on and cannot say whose it is. The requests in it are not its own, and
    /// neither is their `X-Forwarded-For`.
    Unknown,
}

/// The caller, as its address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Known by its address.
    At(IpAddr),
    /// The trusted proxy `by` forwards the call and does not say with an address for whom. Never allowed: the proxy's
    /// own address may be trusted more than the caller is.
    Unnamed { by: IpAddr },
}

impl Caller {
    /// The nearest address that is known, for the log.
    pub(crate) fn nearest(self) -> IpAddr {
        match self {
            Self::At(address) | Self::Unnamed { by: address } => address,
        }
    }
}

/// A connection that was admitted; it counts for its caller until this is dropped.
pub(crate) struct Admitted {
    pub(crate) peer: Peer,
    _counted: Option<Counted>,
}

/// Open connections by caller. A caller without any takes no place here, so there are never more than connections.
#[derive(Default)]
struct Open(Mutex<HashMap<Network, u32>>);

struct Counted {
    open: Arc<Open>,
    caller: Network,
}

impl Admission {
    pub(crate) fn new(config: &Config, rejections: Arc<RejectionCounters>) -> Self {
        Self {
            allow_from: config.allow_from.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            open: Arc::default(),
            per_address_max: config.connections_per_address_max,
            rejections,
        }
    }

    /// Admits a connection from this address, or rejects it. A trusted proxy is always admitted.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Admitted> {
        let address = address.to_canonical();
        let is_proxy = self.trusts(address);
        let peer = Peer { address, calls_for: if is_proxy { CallsFor::Others } else { CallsFor::Itself } };
        if is_proxy {
            return Some(Admitted { peer, _counted: None });
        }
        if !self.allows(address) {
            count(&self.rejections.not_allowed);
            return None;
        }
        if self.per_address_max == 0 {
            return Some(Admitted { peer, _counted: None });
        }
        let counted = self.open.admit(address.into(), self.per_address_max);
        if counted.is_none() {
            count(&self.rejections.per_address);
        }
        counted.map(|counted| Admitted { peer, _counted: Some(counted) })
    }

    /// Whether calls may come from this address, whatever the app.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        self.allow_from.is_empty() || networks::contain(&self.allow_from, address)
    }

    /// Whether this address is one of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        networks::contain(&self.trusted_proxies, address)
    }

    /// The caller of a request over the connection of this peer.
    pub(crate) fn caller(&self, peer: Peer, headers: &HeaderMap) -> Caller {
        let Peer { address, calls_for } = peer;
        match calls_for {
            CallsFor::Itself => Caller::At(address),
            CallsFor::Unknown => Caller::Unnamed { by: address },
            CallsFor::Others => match forwarded::caller(headers, |address| self.trusts(address)) {
                Ok(named) => Caller::At(named.unwrap_or(address)),
                Err(forwarded::NotAnAddress) => Caller::Unnamed { by: address },
            },
        }
    }
}

impl Peer {
    /// The proxy as a caller of its own, for a connection that it does not forward.
    pub(crate) fn itself(self) -> Self {
        Self { calls_for: CallsFor::Itself, ..self }
    }

    /// The proxy on behalf of a caller that it cannot name.
    pub(crate) fn of_unknown(self) -> Self {
        Self { calls_for: CallsFor::Unknown, ..self }
    }
}

impl Open {
    fn admit(self: &Arc<Self>, caller: Network, max: u32) -> Option<Counted> {
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

    fn admission(change: impl FnOnce(&mut Config)) -> Admission {
        let mut config = Config::default();
        change(&mut config);
        Admission::new(&config, Arc::default())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn rejected(admission: &Admission) -> Vec<(&'static str, u64)> {
        admission.rejections.by_reason().into_iter().filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn a_caller_has_no_more_connections_than_allowed_and_a_closed_one_makes_room() {
        let admission = admission(|config| config.connections_per_address_max = 2);
        let (first, _second) = (admission.admit(address("192.0.2.1")), admission.admit(address("::ffff:192.0.2.1")));
        assert!(first.is_some() && admission.admit(address("192.0.2.1")).is_none());
        let _of_another = admission.admit(address("192.0.2.2")).unwrap();
        drop(first);
        let again = admission.admit(address("192.0.2.1"));
        assert!(again.is_some() && admission.admit(address("192.0.2.1")).is_none());
        assert_eq!(rejected(&admission), [("per_address", 2)]);
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_caller() {
        let admission = admission(|config| config.connections_per_address_max = 1);
        let _first = admission.admit(address("2001:db8::1")).unwrap();
        assert!(admission.admit(address("2001:db8::2")).is_none());
        assert!(admission.admit(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn zero_is_no_limit_and_trusted_proxies_have_none() {
        let unlimited = admission(|config| config.connections_per_address_max = 0);
        let admitted: Vec<_> = (0..2000).map_while(|_| unlimited.admit(address("192.0.2.1"))).collect();
        assert_eq!(admitted.len(), 2000);
        let behind = admission(|config| {
            config.connections_per_address_max = 1;
            config.trusted_proxies = networks(&["10.0.0.0/8"]);
            config.allow_from = networks(&["192.0.2.0/24"]);
        });
        let admitted: Vec<_> = (0..10).map_while(|_| behind.admit(address("10.0.0.1"))).collect();
        assert_eq!(admitted.len(), 10);
    }

    #[test]
    fn callers_that_left_take_no_memory() {
        let admission = admission(|_| ());
        for number in 0..100_000_u32 {
            let _entry = admission.admit(IpAddr::from(number.to_be_bytes())).unwrap();
            assert_eq!(admission.open.lock().len(), 1);
        }
        assert!(admission.open.lock().is_empty() && admission.open.lock().capacity() < 100);
    }

    #[test]
    fn only_addresses_of_the_list_come_in() {
        let admission = admission(|config| config.allow_from = networks(&["192.0.2.0/24"]));
        assert!(admission.admit(address("192.0.2.1")).is_some());
        assert!(admission.admit(address("192.0.3.1")).is_none() && admission.admit(address("::1")).is_none());
        assert_eq!(rejected(&admission), [("not_allowed", 2)]);
    }

    /// Who is calling with this header over a connection from 10.0.0.1, where these are proxies.
    fn caller(trusted: &[&str], header: Option<&str>, peer: impl FnOnce(Peer) -> Peer) -> Caller {
        let admission = admission(|config| config.trusted_proxies = networks(trusted));
        let headers = header.map(|value| ("x-forwarded-for".parse().unwrap(), value.parse().unwrap()));
        let admitted = admission.admit(address("10.0.0.1")).unwrap();
        admission.caller(peer(admitted.peer), &headers.into_iter().collect())
    }

    fn at(text: &str) -> Caller {
        Caller::At(address(text))
    }

    const UNNAMED: Caller = Caller::Unnamed { by: IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)) };

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let same = |peer| peer;
        assert_eq!(caller(&[], Some("203.0.113.7"), same), at("10.0.0.1"));
        assert_eq!(caller(&["10.0.0.2/32"], Some("203.0.113.7"), same), at("10.0.0.1"));
        assert_eq!(caller(&["10.0.0.1/32"], Some("203.0.113.7"), same), at("203.0.113.7"));
        assert_eq!(caller(&["10.0.0.1/32"], Some("unknown"), same), UNNAMED);
        assert_eq!(caller(&["10.0.0.1/32"], None, same), at("10.0.0.1"));
    }

    #[test]
    fn a_proxy_that_calls_for_itself_or_for_somebody_unknown_is_not_believed() {
        for header in [Some("203.0.113.7"), None] {
            assert_eq!(caller(&["10.0.0.1/32"], header, Peer::itself), at("10.0.0.1"));
            assert_eq!(caller(&["10.0.0.1/32"], header, Peer::of_unknown), UNNAMED);
        }
    }
}
