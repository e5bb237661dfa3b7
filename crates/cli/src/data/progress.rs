//! Reports progress on stderr: one line that is rewritten on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use pinfold_store::dump::Moved;

use crate::logging;

/// Between two lines on a terminal, and elsewhere.
const PAUSE: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(5)];

/// Tells how far something is. Rate and remaining time are those of the whole run.
pub(super) struct Progress {
    doing: &'static str,
    total: Option<u64>,
    shown: bool,
    terminal: bool,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Begins. `total` is in the unit of what [`Progress::tell`] is told first, if it is known. Shown on a terminal, or
    /// if it is `wanted` elsewhere.
    pub(super) fn begin(doing: &'static str, total: Option<u64>, wanted: bool) -> Self {
        let (terminal, now) = (logging::takes_escapes(), Instant::now());
        Self { doing, total, shown: Self::is_shown(wanted), terminal, began: now, told: now }
    }

    /// Whether it is shown: on a terminal, or where it is wanted.
    pub(super) fn is_shown(wanted: bool) -> bool {
        wanted || io::stderr().is_terminal()
    }

    /// Tells how far it is where no accounts are counted.
    pub(super) fn tell_of(&mut self, done: u64, total: u64) {
        self.total = Some(total);
        self.tell(done, 0);
    }

    /// Tells how many accounts were read. The total is that of accounts, so nothing is known of the time for the rest.
    pub(super) fn tell_accounts(&mut self, moved: &Moved) {
        if moved.entries + moved.chat_groups + moved.chat_group_times > 0 {
            self.total = None;
        }
        self.tell(moved.accounts, moved.accounts);
    }

    /// Tells how far it is, if the last time is long enough ago.
    pub(super) fn tell(&mut self, done: u64, accounts: u64) {
        if self.shown && self.told.elapsed() >= PAUSE[usize::from(!self.terminal)] {
            self.told = Instant::now();
            let line = line(self.doing, done, self.total, accounts, self.began.elapsed());
            let mut stderr = io::stderr().lock();
            // If stderr is gone, there is nowhere to report it.
            let _ = if self.terminal { write!(stderr, "\r\x1b[K{line}") } else { writeln!(stderr, "{line}") };
        }
    }

    /// Seconds since it began. Takes the line off the terminal.
    pub(super) fn end(self) -> f64 {
        if self.shown && self.terminal {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
        self.began.elapsed().as_secs_f64()
    }
}

fn line(doing: &str, done: u64, total: Option<u64>, accounts: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = accounts as f64 / seconds;
    let far = match accounts {
        0 => format!("{doing}:"),
        _ => format!("{doing}: {accounts} accounts, {rate:.0}/s,"),
    };
    match total.filter(|_| done > 0) {
        Some(total) => {
            let percent = done.min(total) * 100 / total.max(1);
            let left = seconds * total.saturating_sub(done) as f64 / done as f64;
            format!("{far} {percent} %, {} left", clock(left.ceil() as u64))
        }
        None => far.trim_end_matches([',', ':']).to_owned(),
    }
}

/// Hours, minutes and seconds, without hours if there are none.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_is_as_long_for_the_rest_as_it_was_for_what_is_done() {
        let told = line("importing", 250, Some(1000), 5000, Duration::from_secs(10));
        assert_eq!(told, "importing: 5000 accounts, 500/s, 25 %, 0:30 left");
        let told = line("importing", 1, Some(1000), 5, Duration::from_secs(10));
        assert_eq!(told, "importing: 5 accounts, 0/s, 0 %, 2:46:30 left");
    }

    #[test]
    fn without_a_total_or_a_begin_there_is_no_remaining_time() {
        assert_eq!(line("importing", 250, None, 7, Duration::from_secs(1)), "importing: 7 accounts, 7/s");
        assert_eq!(line("importing", 0, Some(9), 0, Duration::ZERO), "importing");
    }

    #[test]
    fn more_than_was_counted_is_all_of_it() {
        let told = line("exporting", 12, Some(10), 12, Duration::from_secs(1));
        assert_eq!(told, "exporting: 12 accounts, 12/s, 100 %, 0:00 left");
    }
}
