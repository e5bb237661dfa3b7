//! What a connection sends for a time: its prepared requests in turns, renewed each time.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::accounts::Accounts;
use crate::load::Source;
use crate::request::Request;
use crate::scenario::{PREPARED, Scenario};

/// The requests of one connection.
pub(crate) struct Turns {
    requests: Vec<Request>,
    next: usize,
    random: SmallRng,
    accounts: Accounts,
    account: u32,
    time: Duration,
}

impl Turns {
    /// Sources for these many connections. The same `seed` gives the same requests to every server; another round
    /// needs another seed, or it meets what the first one brought into the cache.
    pub(crate) fn of(
        scenario: Scenario,
        accounts: Accounts,
        connections: usize,
        time: Duration,
        seed: u64,
    ) -> Vec<Self> {
        let make = |place, turn, random: &mut SmallRng| scenario.request(place, turn, random);
        Self::with(make, accounts, connections, time, seed)
    }

    /// The same for requests that are not a scenario's; `make` is told connection and turn.
    pub(crate) fn with(
        make: impl Fn(usize, u32, &mut SmallRng) -> Request,
        accounts: Accounts,
        connections: usize,
        time: Duration,
        seed: u64,
    ) -> Vec<Self> {
        (0..connections).map(|place| Self::new(&make, accounts, place, time, seed)).collect()
    }

    fn new(
        make: impl Fn(usize, u32, &mut SmallRng) -> Request,
        accounts: Accounts,
        place: usize,
        time: Duration,
        seed: u64,
    ) -> Self {
        let mut random = SmallRng::seed_from_u64((seed << 16) + place as u64);
        let requests: Vec<_> = (0..PREPARED).map(|turn| make(place, turn, &mut random)).collect();
        // Connections begin at different places, but not in the middle of requests that belong together.
        let mut next = place % requests.len();
        while requests[next].follows() {
            next -= 1;
        }
        Self { requests, next, random, accounts, account: 0, time }
    }

    /// The number of the account of the last request.
    pub(crate) fn account(&self) -> u32 {
        self.account
    }
}

impl Source for Turns {
    fn next(&mut self, elapsed: Duration) -> Option<&Request> {
        let request = &mut self.requests[self.next];
        if elapsed >= self.time && !request.follows() {
            return None;
        }
        request.renew(&mut self.random, &self.accounts, &mut self.account);
        self.next = (self.next + 1) % PREPARED as usize;
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Size;

    #[test]
    fn a_connection_ends_after_the_last_page_and_not_in_the_middle_of_an_account() {
        let accounts = Scenario::Get1000.accounts(Size { stored: 1, touched: 1 });
        let (time, late) = (Duration::from_secs(1), Duration::from_secs(2));
        for mut turns in Turns::of(Scenario::Get1000, accounts, 30, time, 7) {
            assert!(turns.next(Duration::ZERO).is_some());
            let account = turns.account;
            for page in 2..=10 {
                assert!(turns.next(late).is_some(), "page {page}");
                assert_eq!(turns.account, account);
            }
            assert!(turns.next(late).is_none());
        }
    }
}
