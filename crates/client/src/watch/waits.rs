//! How long to wait before the next attempt.

use std::time::Duration;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait, also if the service asks for a longer one.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Waits {
    next: Duration,
    asked: Option<Duration>,
}

impl Waits {
    pub(super) fn new() -> Self {
        Self { next: FIRST, asked: None }
    }

    /// A stream began: the next failure is a first one.
    pub(super) fn began(&mut self) {
        self.next = FIRST;
    }

    /// The service asks for a wait of so many milliseconds before the next attempt.
    pub(super) fn ask(&mut self, milliseconds: u64) {
        self.asked = Some(Duration::from_millis(milliseconds).min(LONGEST));
    }

    /// The wait before the next attempt; `chance` from 0 to 1 spreads the attempts of clients that failed together.
    pub(super) fn take(&mut self, chance: f64) -> Duration {
        // The service has drawn its time by chance already.
        if let Some(asked) = self.asked.take() {
            return asked;
        }
        let wait = self.next.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        self.next = (self.next * 2).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(waits: &mut Waits, chance: f64, count: usize) -> Vec<f64> {
        (0..count).map(|_| waits.take(chance).as_secs_f64()).collect()
    }

    #[test]
    fn waits_double_up_to_half_a_minute() {
        assert_eq!(seconds(&mut Waits::new(), 1.0, 8), [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
    }

    #[test]
    fn chance_takes_up_to_half_of_a_wait_away() {
        assert_eq!(seconds(&mut Waits::new(), 0.0, 3), [0.25, 0.5, 1.0]);
    }

    #[test]
    fn a_stream_that_began_makes_the_next_wait_a_first_one() {
        let mut waits = Waits::new();
        seconds(&mut waits, 1.0, 5);
        waits.began();
        assert_eq!(seconds(&mut waits, 1.0, 2), [0.5, 1.0]);
    }

    #[test]
    fn a_wait_that_the_service_asks_for_is_taken_once_and_within_bounds() {
        let mut waits = Waits::new();
        waits.ask(2371);
        assert_eq!(seconds(&mut waits, 0.0, 2), [2.371, 0.25]);
        waits.ask(u64::MAX);
        assert_eq!(waits.take(0.0), LONGEST);
    }
}
