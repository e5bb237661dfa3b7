//! pinfold over its embedded store as a queue: callers, processors, one writer and its disk. Every time is fixed, so the
//! same question has the same answer.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::costs::{BATCH_MAX, Call, SYNC_CPU_US, WAIT_SHARE, WAIT_US_MIN, WAKE_US, WRITER_US};

/// Simulated time, of which the first tenth is not counted.
const SECONDS: f64 = 1.0;

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Setup {
    /// Each sends one call after the other.
    pub(super) connections: usize,
    pub(super) processors: usize,
    /// How much longer everything takes on these processors than on those of the costs.
    pub(super) slowness: f64,
    pub(super) sync_us: f64,
    /// Processor time of the load generator for a call; 0 if it has a machine of its own.
    pub(super) generator_us: f64,
}

/// Changes a second.
pub(super) fn changes_per_second(setup: Setup, call: Call) -> f64 {
    let mut queue = Queue::new(setup, call);
    (0..setup.connections).for_each(|_| queue.run(Work::Before));
    let end = nanoseconds(SECONDS * 1e6);
    let mut counted_from = 0;
    while let Some(Reverse((at, _, event))) = queue.events.pop().filter(|Reverse((at, ..))| *at < end) {
        queue.now = at;
        if at < end / 10 {
            counted_from = queue.answered;
        }
        queue.take(event);
    }
    (queue.answered - counted_from) as f64 / (SECONDS * 0.9)
}

/// What a processor does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// A call until its commit waits for the writer.
    Before,
    /// The writer's work on a batch, until it syncs.
    Batch,
    /// A call from its commit to its answer.
    After,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Worked(Work),
    WriterBegins,
    Synced,
}

struct Queue {
    setup: Setup,
    call: Call,
    now: u64,
    /// By time, then in the order in which they were made.
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    made: u64,
    idle_processors: usize,
    ready: VecDeque<Work>,
    waiting: usize,
    in_batch: usize,
    writer_is_idle: bool,
    answered: u64,
}

impl Queue {
    fn new(setup: Setup, call: Call) -> Self {
        Self {
            setup,
            call,
            now: 0,
            events: BinaryHeap::new(),
            made: 0,
            idle_processors: setup.processors,
            ready: VecDeque::new(),
            waiting: 0,
            in_batch: 0,
            writer_is_idle: true,
            answered: 0,
        }
    }

    fn after(&mut self, us: f64, event: Event) {
        self.made += 1;
        self.events.push(Reverse((self.now + nanoseconds(us), self.made, event)));
    }

    /// Does work as soon as a processor is idle, which then must wake.
    fn run(&mut self, work: Work) {
        if self.idle_processors == 0 {
            self.ready.push_back(work);
        } else {
            self.idle_processors -= 1;
            self.begin(work, WAKE_US);
        }
    }

    fn begin(&mut self, work: Work, wake_us: f64) {
        let us = match work {
            Work::Before | Work::After => (self.call.embedded_us - WRITER_US + self.setup.generator_us) / 2.0,
            Work::Batch => SYNC_CPU_US + WRITER_US * self.in_batch as f64,
        };
        self.after((us + wake_us) * self.setup.slowness, Event::Worked(work));
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Worked(work) => {
                match self.ready.pop_front() {
                    Some(next) => self.begin(next, 0.0),
                    None => self.idle_processors += 1,
                }
                self.worked(work);
            }
            Event::WriterBegins => {
                self.in_batch = self.waiting.min(BATCH_MAX);
                self.waiting -= self.in_batch;
                self.run(Work::Batch);
            }
            Event::Synced => {
                (0..self.in_batch).for_each(|_| self.run(Work::After));
                self.go_on_writing();
            }
        }
    }

    fn worked(&mut self, work: Work) {
        match work {
            Work::Before => {
                self.waiting += 1;
                if std::mem::take(&mut self.writer_is_idle) {
                    self.take(Event::WriterBegins);
                }
            }
            Work::Batch => self.after(self.setup.sync_us, Event::Synced),
            Work::After => {
                self.answered += 1;
                self.run(Work::Before);
            }
        }
    }

    /// The next batch waits a little if fewer are there than were just answered.
    fn go_on_writing(&mut self) {
        if self.waiting == 0 {
            self.writer_is_idle = true;
        } else if self.waiting < self.in_batch {
            self.after((self.setup.sync_us * WAIT_SHARE).max(WAIT_US_MIN), Event::WriterBegins);
        } else {
            self.take(Event::WriterBegins);
        }
    }
}

fn nanoseconds(us: f64) -> u64 {
    (us * 1000.0) as u64
}
