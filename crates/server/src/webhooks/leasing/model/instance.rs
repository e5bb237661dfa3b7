//! An instance of the model: it looks at the leases, puts what is due, and begins requests for what it holds.

use std::num::NonZeroU64;
use std::time::Duration;

use pinfold_core::AppId;
use pinfold_store::{Lease, SHARES, Shares};
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::super::{LeaseTimes, Leasing, Moment, Put};

pub(super) const STEP_MS: u64 = 100;
const LOOK_MS: u64 = 2000;
/// When an instance waits no longer for the answer to a call.
const CALL_MAX_MS: u64 = 3000;

pub(super) struct Instance {
    pub(super) leasing: Leasing,
    began: Instant,
    /// What its clocks show.
    pub(super) mono_ms: u64,
    pub(super) wall_ms: u64,
    pub(super) stopped_until: u64,
    pub(super) is_suspended: bool,
    /// The end of the request that is on its way for each share.
    pub(super) requests: [Option<u64>; SHARES as usize],
    doing: Doing,
    next_look: u64,
    pub(super) is_ending: bool,
}

enum Doing {
    Nothing,
    /// Waits for the answer to the call with this number, until a time.
    Call {
        number: u64,
        asked: Moment,
        until: u64,
        then: Vec<Put>,
        new: Option<Lease>,
    },
}

/// What an instance asks of the store.
pub(super) enum Ask {
    Look,
    Put(Put),
}

/// What it is answered.
pub(super) enum Answer {
    Leases(Vec<Lease>),
    Did(bool),
}

impl Instance {
    pub(super) fn new(me: u64, began: Instant, random: &mut StdRng) -> Self {
        let me = NonZeroU64::new(me).expect("instances count from 1");
        Self {
            leasing: Leasing::new(me, AppId(1), LeaseTimes::default()),
            began,
            mono_ms: random.random_range(0..1_000_000),
            wall_ms: random.random_range(1_000_000_000..2_000_000_000),
            stopped_until: 0,
            is_suspended: false,
            requests: [None; SHARES as usize],
            doing: Doing::Nothing,
            next_look: 0,
            is_ending: false,
        }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { mono: self.began + Duration::from_millis(self.mono_ms), wall_ms: self.wall_ms }
    }

    pub(super) fn held(&self) -> Shares {
        self.leasing.terms().held(&LeaseTimes::default(), self.moment())
    }

    pub(super) fn end(&mut self) {
        self.is_ending = true;
        self.leasing.end();
    }

    /// The number of the call whose answer it waits for.
    pub(super) fn awaits(&self) -> Option<u64> {
        match self.doing {
            Doing::Nothing => None,
            Doing::Call { number, .. } => Some(number),
        }
    }

    /// What it does at this time, with the answer to its call if there is one; perhaps it asks for something, by the next
    /// number.
    pub(super) fn step(&mut self, now: u64, answer: Option<Answer>, number: u64, random: &mut StdRng) -> Option<Ask> {
        self.send(now, random);
        let puts = match (std::mem::replace(&mut self.doing, Doing::Nothing), answer) {
            (Doing::Nothing, _) if now < self.next_look => return None,
            (Doing::Nothing, _) => {
                self.next_look = now + LOOK_MS;
                self.call(now, number, Vec::new(), None);
                return Some(Ask::Look);
            }
            (Doing::Call { .. }, Some(Answer::Leases(leases))) => {
                let now = self.moment().mono;
                self.leasing.seen(&leases, now);
                self.leasing.puts(now)
            }
            (Doing::Call { asked, then, new: Some(new), .. }, Some(Answer::Did(did))) => {
                self.leasing.put_answered(asked, new, did);
                then
            }
            (Doing::Call { until, then, .. }, None) if now >= until => then,
            (call @ Doing::Call { .. }, _) => {
                self.doing = call;
                return None;
            }
        };
        let (first, then) = puts.split_first()?;
        self.call(now, number, then.to_vec(), Some(first.1));
        Some(Ask::Put(*first))
    }

    fn call(&mut self, now: u64, number: u64, then: Vec<Put>, new: Option<Lease>) {
        self.doing = Doing::Call { number, asked: self.moment(), until: now + CALL_MAX_MS, then, new };
    }

    /// One request at a time for each share, of any length that is allowed.
    fn send(&mut self, now: u64, random: &mut StdRng) {
        let (held, to_release) = (self.held(), self.leasing.to_release());
        for (share, request) in (0..SHARES).zip(&mut self.requests) {
            *request = request.filter(|end| *end > now);
            if request.is_none() && held.contains(share) {
                *request = Some(now + random.random_range(1..=5000));
            }
            if request.is_none() && to_release.contains(share) {
                self.leasing.stopped(share);
            }
        }
    }
}

impl Instance {
    /// Stops it until a time, with its machine or alone. What becomes of a request that is on its way is not looked at:
    /// nothing here could end it.
    pub(super) fn stop(&mut self, until: u64, is_suspended: bool) {
        (self.stopped_until, self.is_suspended) = (until, is_suspended);
        self.requests = Default::default();
    }
}
