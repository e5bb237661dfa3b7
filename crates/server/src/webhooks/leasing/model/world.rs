//! The store of the model, the calls that are on their way to it, and faults.

use pinfold_store::{Lease, SHARES, Shares};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::Instant;

use super::instance::{Answer, Ask, Instance, STEP_MS};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Faults {
    None,
    All,
}

pub(super) struct World {
    random: StdRng,
    faults: Faults,
    now: u64,
    began: Instant,
    leases: Vec<Lease>,
    instances: Vec<Option<Instance>>,
    calls: Vec<Call>,
    /// Numbers that calls and instances have.
    last_number: u64,
    requests: u64,
}

struct Call {
    number: u64,
    ask: Ask,
    /// When the store does it; then its answer is there.
    at: u64,
    answer: Option<Answer>,
    answered_at: u64,
    is_lost: bool,
}

impl World {
    pub(super) fn of(instances: usize, seed: u64, faults: Faults) -> Self {
        let mut world = Self {
            random: StdRng::seed_from_u64(seed),
            faults,
            now: 0,
            began: Instant::now(),
            leases: Vec::new(),
            instances: Vec::new(),
            calls: Vec::new(),
            last_number: 0,
            requests: 0,
        };
        world.instances.resize_with(instances, || None);
        (0..instances).for_each(|index| world.start(index));
        world
    }

    pub(super) fn start(&mut self, index: usize) {
        self.last_number += 1;
        self.instances[index] = Some(Instance::new(self.last_number, self.began, &mut self.random));
    }

    /// What it asked for may still be done.
    pub(super) fn kill(&mut self, index: usize) {
        self.instances[index] = None;
    }

    pub(super) fn end(&mut self, index: usize) {
        self.instances[index].as_mut().unwrap().end();
    }

    /// All instances run from now on.
    pub(super) fn end_faults(&mut self) {
        self.faults = Faults::None;
        for index in 0..self.instances.len() {
            match &mut self.instances[index] {
                Some(instance) if !instance.is_ending => instance.stopped_until = self.now,
                _ => self.start(index),
            }
        }
    }

    /// How many shares each instance may send for.
    pub(super) fn counts(&self) -> Vec<usize> {
        let held = |instance: &Option<Instance>| instance.as_ref().map_or(Shares::NONE, Instance::held);
        let count = |held: Shares| (0..SHARES).filter(|share| held.contains(*share)).count();
        self.instances.iter().map(held).map(count).collect()
    }

    pub(super) fn holders(&self) -> Vec<(u8, u64)> {
        let mut holders: Vec<_> = self.leases.iter().map(|lease| (lease.share, lease.holder)).collect();
        holders.sort_unstable();
        holders
    }

    /// Shares of which a request was on its way, once each step.
    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn step(&mut self) {
        self.now += STEP_MS;
        if self.faults == Faults::All {
            self.fail();
        }
        for call in self.calls.iter_mut().filter(|call| call.at <= self.now && call.answer.is_none()) {
            call.answer = Some(done(&mut self.leases, &call.ask));
        }
        for index in 0..self.instances.len() {
            let Some(mut instance) = self.instances[index].take() else { continue };
            self.step_of(&mut instance);
            self.instances[index] = Some(instance);
        }
        self.calls.retain(|call| call.answer.is_none() || !call.is_lost && call.answered_at > self.now);
    }

    fn step_of(&mut self, instance: &mut Instance) {
        instance.wall_ms += STEP_MS;
        instance.mono_ms += if instance.is_suspended { 0 } else { STEP_MS };
        if self.now < instance.stopped_until {
            return;
        }
        instance.is_suspended = false;
        let is_ready = |call: &Call| call.answer.is_some() && !call.is_lost && call.answered_at <= self.now;
        let awaited = self.calls.iter().position(|call| Some(call.number) == instance.awaits() && is_ready(call));
        let answer = awaited.and_then(|index| self.calls.swap_remove(index).answer);
        let number = self.last_number + 1;
        if let Some(ask) = instance.step(self.now, answer, number, &mut self.random) {
            self.last_number = number;
            self.call(number, ask);
        }
    }

    /// Calls take a moment, or seconds; where there are faults an answer may be lost, of one that is done much later or
    /// never.
    fn call(&mut self, number: u64, ask: Ask) {
        let is_bad = self.faults == Faults::All && self.random.random_ratio(1, 20);
        let is_lost = is_bad && self.random.random();
        let longest = if is_bad { 10_000 } else { 50 };
        let at = self.now + self.random.random_range(0..longest);
        let answered_at = at + self.random.random_range(0..longest);
        let is_never_done = is_lost && self.random.random();
        if !is_never_done {
            self.calls.push(Call { number, ask, at, answer: None, answered_at, is_lost });
        }
    }

    /// One instance has its clock set, the next one is suspended, any is stopped, killed or started again.
    fn fail(&mut self) {
        for index in 0..self.instances.len() {
            let fault = self.random.random_range(0..1000);
            let until = self.now + self.random.random_range(0..60_000);
            let Some(instance) = self.instances[index].as_mut().filter(|instance| !instance.is_ending || fault > 10)
            else {
                if fault < 10 {
                    self.start(index);
                }
                continue;
            };
            match fault {
                11 => self.kill(index),
                1 | 2 => instance.stop(until, false),
                // Its clock is not set, so it shows how long the machine was suspended.
                3 | 4 if index % 2 == 1 => instance.stop(until, true),
                5 | 6 if index % 2 == 0 => {
                    let [ahead, back] = [0, 0].map(|from| self.random.random_range(from..7_200_000));
                    instance.wall_ms = (instance.wall_ms + ahead).saturating_sub(back);
                }
                7 => instance.end(),
                _ => {}
            }
        }
    }

    /// No request is on its way for a share of which another instance has one, or may begin one.
    pub(super) fn check_requests(&mut self) {
        let mut at_work = [0; SHARES as usize];
        for instance in self.instances.iter().flatten() {
            let held = instance.held();
            for (share, (count, request)) in (0..).zip(at_work.iter_mut().zip(instance.requests)) {
                *count += u64::from(request.is_some() || held.contains(share));
            }
        }
        assert!(at_work.iter().all(|count| *count <= 1), "at {} ms: {at_work:?}", self.now);
        self.requests += at_work.iter().sum::<u64>();
    }
}

fn done(leases: &mut Vec<Lease>, ask: &Ask) -> Answer {
    let Ask::Put((expected, new)) = ask else { return Answer::Leases(leases.clone()) };
    let compared = |lease: &Lease| (lease.holder, lease.serial);
    let found = leases.iter().position(|lease| lease.share == new.share);
    let did = found.map(|index| compared(&leases[index])) == expected.as_ref().map(compared);
    if did {
        found.map(|index| leases.swap_remove(index));
        leases.push(*new);
    }
    Answer::Did(did)
}
