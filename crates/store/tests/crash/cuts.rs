//! When the power goes, and what was found after each cut.

use std::collections::HashMap;
use std::path::Path;
use std::{env, fmt};

use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::check::Model;
use super::disk::{Directories, Disk};
use super::power_cut::{Survival, write_state};
use super::recording::Event;
use super::scenario::store_in;

const STATES: &str = "PINFOLD_CRASH_STATES";
const SEED: &str = "PINFOLD_CRASH_SEED";
/// Cuts of all tests together, if the environment does not say otherwise.
const STATES_USUAL: usize = 400;
const FAILURES_SHOWN: usize = 5;

/// Where cuts are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Places {
    /// All over, mostly around changes of directories, syncs, and answers.
    Anywhere,
    /// Around the making and removing of journals.
    Journals,
}

/// A series of power cuts.
pub(crate) struct Cuts<'a> {
    pub(crate) name: &'static str,
    pub(crate) events: &'a [Event],
    pub(crate) directories: Directories,
    pub(crate) places: Places,
    /// What may survive a cut; drawn for each.
    pub(crate) survivals: &'a [Survival],
    /// How many, unless the environment asks for more or less.
    pub(crate) usual: usize,
}

impl<'a> Cuts<'a> {
    /// Cuts all over, after which anything may survive.
    pub(crate) fn anywhere(name: &'static str, events: &'a [Event], directories: Directories, usual: usize) -> Self {
        Self { name, events, directories, places: Places::Anywhere, survivals: &Survival::ALL, usual }
    }

    /// Makes the cuts, each in a recording that begins with the content of `disk` and with these acknowledged commits.
    /// The result says what went wrong, in words.
    pub(crate) fn make(&self, disk: &Path, acknowledged: &HashMap<u64, u64>, seed: u64) -> Failures {
        let mut random = StdRng::seed_from_u64(seed);
        let model = Model::new(self.last_commit(acknowledged));
        let scratch = disk.parent().unwrap();
        let (mut disk, mut acknowledged) = (Disk::holding(disk, self.directories), acknowledged.clone());
        let points = self.points(&mut random);
        let (mut done, mut tails_cut, mut failures) = (0, 0, Vec::new());
        for (index, point) in points.iter().enumerate() {
            for event in &self.events[done..*point] {
                disk.apply(event);
                event.note_acknowledged(&mut acknowledged);
            }
            done = *point;
            let survival = *self.survivals.choose(&mut random).unwrap();
            let state = tempfile::tempdir_in(scratch).unwrap();
            write_state(&disk, survival, &mut random, state.path());
            if let Err(problem) = model.check(&store_in(state.path()), &acknowledged, index % 4 == 0) {
                let (before, next) = (point.checked_sub(1).map(|last| &self.events[last]), self.events.get(*point));
                failures.push(format!("{survival:?} of what lay between {before:?} and {next:?}: {problem}"));
            }
            tails_cut += usize::from(store_in(state.path()).join("data/torn").exists());
        }
        let (states, events) = (points.len(), self.events.len());
        println!(
            "{}: {states} power cuts in {events} events, {tails_cut} with a torn end cut, {} failures, {SEED}={seed}",
            self.name,
            failures.len()
        );
        Failures { seed, texts: failures }
    }

    fn last_commit(&self, acknowledged: &HashMap<u64, u64>) -> u64 {
        let mut acknowledged = acknowledged.clone();
        self.events.iter().for_each(|event| event.note_acknowledged(&mut acknowledged));
        acknowledged.values().copied().max().unwrap_or(0)
    }

    fn points(&self, random: &mut StdRng) -> Vec<usize> {
        let wanted = env::var(STATES).map_or(STATES_USUAL, |states| states.parse().unwrap());
        let states = (self.usual * wanted).div_ceil(STATES_USUAL);
        let mut points: Vec<usize> = (0..states).map(|_| self.point(random)).collect();
        points.sort_unstable();
        points
    }

    fn point(&self, random: &mut StdRng) -> usize {
        if self.places == Places::Journals {
            let place = self.near(random, Event::changes_journals);
            return (place + random.random_range(0..12)).min(self.events.len());
        }
        match random.random_range(0..10) {
            0..=3 => self.near(random, Event::changes_directories),
            4 => self.near(random, |event| matches!(event, Event::Sync { .. })),
            5..=7 => self.before(random, |event| matches!(event, Event::Sync { data_only: true, .. })),
            8 => self.near(random, |event| matches!(event, Event::Acknowledged { .. })),
            _ => random.random_range(0..=self.events.len()),
        }
    }

    /// A point just before or after an event of some kind.
    fn near(&self, random: &mut StdRng, wanted: impl Fn(&Event) -> bool) -> usize {
        (self.before(random, wanted) + random.random_range(0..2)).min(self.events.len())
    }

    /// A point just before an event of some kind; the end if there is none.
    fn before(&self, random: &mut StdRng, wanted: impl Fn(&Event) -> bool) -> usize {
        let places: Vec<usize> = (0..self.events.len()).filter(|place| wanted(&self.events[*place])).collect();
        places.choose(random).copied().unwrap_or(self.events.len())
    }
}

/// A number that decides everything a test draws by lot.
pub(crate) fn seed() -> u64 {
    env::var(SEED).map_or_else(|_| rand::random(), |seed| seed.parse().unwrap())
}

/// The failures of a series.
pub(crate) struct Failures {
    seed: u64,
    pub(crate) texts: Vec<String>,
}

impl Failures {
    pub(crate) fn assert_none(&self) {
        assert!(self.texts.is_empty(), "{self}");
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.texts[..self.texts.len().min(FAILURES_SHOWN)];
        write!(f, "{} failures with {SEED}={}, of them:\n{}", self.texts.len(), self.seed, shown.join("\n"))
    }
}
