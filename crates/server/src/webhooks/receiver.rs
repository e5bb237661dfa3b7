//! Whether the receiver of a webhook takes anything at all. That is a state of the receiver and not of each account that
//! waits: while it is down only a probe is sent now and then, whatever waits.

use std::mem;

use pinfold_core::AccountId;
use tokio::time::Instant;

use super::pace::Pace;

/// The receiver, as far as the last requests tell.
pub(super) struct Receiver {
    state: State,
    /// Different accounts that failed one after the other, without a success between them.
    row: Vec<AccountId>,
}

enum State {
    /// Requests are sent for so many accounts at once.
    Up {
        workers_max: usize,
    },
    Down(Down),
}

/// A receiver that takes nothing.
pub(super) struct Down {
    pub(super) since: Instant,
    /// Of the last failure.
    pub(super) reason: String,
    /// When the next probe may begin.
    pub(super) next: Instant,
    /// Failed attempts one after the other.
    attempts: u32,
}

/// Why a request was not taken.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// Nothing was sent, so the account cannot be the cause.
    pub(super) is_unreachable: bool,
    pub(super) reason: String,
}

/// What a failure means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The account's own.
    Account,
    /// The receiver's, which is down already.
    Receiver,
    /// The receiver's, which goes down now. So were the failures of these accounts.
    GoesDown(Vec<AccountId>),
}

impl Receiver {
    /// A receiver that takes everything.
    pub(super) fn up(pace: &Pace) -> Self {
        Self { state: State::Up { workers_max: pace.workers_max }, row: Vec::new() }
    }

    pub(super) fn down(&self) -> Option<&Down> {
        match &self.state {
            State::Up { .. } => None,
            State::Down(down) => Some(down),
        }
    }

    /// Accounts that may be worked on at once; `None` while only probes may be sent.
    pub(super) fn workers_max(&self) -> Option<usize> {
        match self.state {
            State::Up { workers_max } => Some(workers_max),
            State::Down(_) => None,
        }
    }

    /// A request was taken. A receiver that was down takes one more at first, then twice as many with each success.
    /// Returns what it was if it was down.
    pub(super) fn took_one(&mut self, pace: &Pace) -> Option<Down> {
        self.row.clear();
        let workers_max = match self.state {
            State::Up { workers_max } if 2 * workers_max < pace.requests_max => 2 * workers_max,
            State::Up { .. } => pace.workers_max,
            State::Down(_) => 1,
        };
        match mem::replace(&mut self.state, State::Up { workers_max }) {
            State::Up { .. } => None,
            State::Down(down) => Some(down),
        }
    }

    /// A request of this account was not taken.
    pub(super) fn refused(
        &mut self,
        account: &AccountId,
        failure: &Failure,
        pace: &Pace,
        now: Instant,
        jitter: f64,
    ) -> Blame {
        if let State::Down(down) = &mut self.state {
            down.reason.clone_from(&failure.reason);
            return Blame::Receiver;
        }
        if !self.row.contains(account) {
            self.row.push(account.clone());
        }
        if !failure.is_unreachable && self.row.len() < pace.row_max {
            return Blame::Account;
        }
        let next = now + pace.probes.after(1, jitter);
        self.state = State::Down(Down { since: now, reason: failure.reason.clone(), next, attempts: 1 });
        Blame::GoesDown(mem::take(&mut self.row))
    }

    /// A probe failed: the next one comes later.
    pub(super) fn probe_failed(&mut self, pace: &Pace, now: Instant, jitter: f64) {
        if let State::Down(down) = &mut self.state {
            down.attempts = down.attempts.saturating_add(1);
            down.next = now + pace.probes.after(down.attempts, jitter);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const JITTER: f64 = 0.5;

    fn account(number: usize) -> AccountId {
        AccountId::parse(&format!("u{number}")).unwrap()
    }

    fn failure(is_unreachable: bool) -> Failure {
        Failure { is_unreachable, reason: "it answered 500".to_owned() }
    }

    /// Has requests of these accounts fail one after the other; what the last failure means.
    fn refuse(receiver: &mut Receiver, accounts: impl IntoIterator<Item = usize>) -> Option<Blame> {
        let (pace, now) = (Pace::default(), Instant::now());
        let refused = |number| receiver.refused(&account(number), &failure(false), &pace, now, JITTER);
        accounts.into_iter().map(refused).last()
    }

    #[test]
    fn a_receiver_that_cannot_be_reached_is_down_at_once() {
        let (pace, now) = (Pace::default(), Instant::now());
        let mut receiver = Receiver::up(&pace);
        let blame = receiver.refused(&account(1), &failure(true), &pace, now, JITTER);
        assert_eq!(blame, Blame::GoesDown(vec![account(1)]));
        assert_eq!(receiver.down().unwrap().next, now + Duration::from_secs(1));
    }

    #[test]
    fn one_account_that_fails_again_and_again_does_not_make_the_receiver_down() {
        let mut receiver = Receiver::up(&Pace::default());
        assert_eq!(refuse(&mut receiver, (0..99).map(|at| at % 15)), Some(Blame::Account));
    }

    #[test]
    fn sixteen_different_accounts_in_a_row_make_it_down_and_their_failures_are_its_own() {
        let mut receiver = Receiver::up(&Pace::default());
        assert_eq!(refuse(&mut receiver, 0..15), Some(Blame::Account));
        assert_eq!(refuse(&mut receiver, [15]), Some(Blame::GoesDown((0..16).map(account).collect())));
        assert_eq!(refuse(&mut receiver, [16]), Some(Blame::Receiver));
    }

    #[test]
    fn a_success_begins_the_row_anew() {
        let mut receiver = Receiver::up(&Pace::default());
        for _ in 0..9 {
            assert_eq!(refuse(&mut receiver, 0..15), Some(Blame::Account));
            receiver.took_one(&Pace::default());
        }
    }

    #[test]
    fn probes_come_less_often_up_to_one_in_half_a_minute() {
        let (pace, now) = (Pace::default(), Instant::now());
        let mut receiver = Receiver::up(&pace);
        receiver.refused(&account(1), &failure(true), &pace, now, JITTER);
        let mut next = || {
            let seconds = receiver.down().unwrap().next.duration_since(now).as_secs();
            receiver.probe_failed(&pace, now, JITTER);
            seconds
        };
        assert_eq!([(); 8].map(|()| next()), [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_receiver_that_is_back_is_given_more_with_each_success() {
        let pace = Pace::default();
        let mut receiver = Receiver::up(&pace);
        receiver.refused(&account(1), &failure(true), &pace, Instant::now(), JITTER);
        assert_eq!(receiver.workers_max(), None);
        assert!(receiver.took_one(&pace).is_some());
        let mut workers = || {
            let workers_max = receiver.workers_max();
            assert!(receiver.took_one(&pace).is_none());
            workers_max.unwrap()
        };
        assert_eq!([(); 7].map(|()| workers()), [1, 2, 4, 8, 16, 128, 128]);
    }
}
