//! Failures that are a shortage: the system had no room, no descriptor or no memory, and may have some later.
//!
//! A store heals itself after a shortage and after nothing else. After a failed sync of a journal above all it must not:
//! the page cache may show what the disk does not have, so that a new engine would build on writes that a power cut
//! takes away. The engine's errors do not tell a failed sync from a failed write, nor why a background worker ended;
//! only the lines of its log do. So the program passes those lines on to [`engine_logged`]. No line tells that a table
//! or a list was not synced; `healing` syncs them before it builds on them.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::io::Errno;

/// What a shortage is called by the system. The last two are limits: on threads, and on the size of files.
const SHORTAGES: [Errno; 7] =
    [Errno::NOSPC, Errno::DQUOT, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::FBIG];
/// How the engine's lines about failed syncs of journals begin.
const FAILED_SYNC: &str = "Failed to fsync";
/// How a line holds the number of the system's error.
const CODE: &str = "code: ";
const LINE_BYTES_MAX: usize = 512;

static SHORT: AtomicU64 = AtomicU64::new(0);
static OTHER: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<String> = Mutex::new(String::new());

/// Tells the stores of this process a line that the engine (`fjall`, `lsm_tree`) logged at the level error.
///
/// Without these lines a store that failed never heals itself.
pub fn engine_logged(line: &str) {
    if is_shortage_line(line) { &SHORT } else { &OTHER }.fetch_add(1, Ordering::Release);
    let end = line.floor_char_boundary(LINE_BYTES_MAX);
    line[..end].clone_into(&mut LAST.lock().unwrap_or_else(PoisonError::into_inner));
}

fn is_shortage_line(line: &str) -> bool {
    !line.starts_with(FAILED_SYNC) && code_in(line).is_some_and(is_shortage_code)
}

/// The number of the system's error in the debug text of an error.
fn code_in(line: &str) -> Option<i32> {
    let (_, rest) = line.split_once(CODE)?;
    let digits = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

fn is_shortage_code(code: i32) -> bool {
    SHORTAGES.iter().any(|shortage| shortage.raw_os_error() == code)
}

/// Whether the system lacked something.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(is_shortage_code)
}

/// Whether the system would not let a file be read, or lacked something for it: that says nothing of the file.
pub(super) fn is_lack(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied || is_shortage(error)
}

/// The system's error among the causes of an error.
pub(super) fn system_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    let mut error = Some(error);
    while let Some(cause) = error {
        match cause.downcast_ref::<io::Error>() {
            Some(found) if found.raw_os_error().is_some() => return Some(found),
            // The source of such an error is that of what it wraps.
            Some(found) => error = found.get_ref().map(|wrapped| wrapped as &(dyn Error + 'static)),
            None => error = cause.source(),
        }
    }
    None
}

/// How many lines the engine logged up to some moment. Engines of one process share the count, so one that failed for
/// another cause keeps all of them from healing themselves.
#[derive(Clone, Copy)]
pub(super) struct EngineLog {
    short: u64,
    other: u64,
}

impl EngineLog {
    pub(super) fn now() -> Self {
        Self { short: SHORT.load(Ordering::Acquire), other: OTHER.load(Ordering::Acquire) }
    }

    /// Whether `error` of an engine came of a shortage, by all that was logged since.
    pub(super) fn tells_shortage(self, error: &fjall::Error) -> bool {
        self.tells_shortage_by(Self::now(), error)
    }

    fn tells_shortage_by(self, now: Self, error: &fjall::Error) -> bool {
        let is_possible = matches!(error, fjall::Error::Poisoned) || system_error(error).is_some_and(is_shortage);
        is_possible && now.short > self.short && now.other == self.other
    }

    /// Whether nothing but shortages was logged since.
    pub(super) fn tells_only_shortages(self) -> bool {
        Self::now().other == self.other
    }
}

/// What the engine logged last.
pub(super) fn last_line() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// An error of the engine in words. For one that only says that something failed before, what the engine logged then.
pub(super) fn in_words(error: &fjall::Error) -> String {
    if matches!(error, fjall::Error::Poisoned) && !last_line().is_empty() {
        return last_line();
    }
    system_error(error).map_or_else(|| format!("{error:?}"), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(errno: Errno) -> io::Error {
        io::Error::from_raw_os_error(errno.raw_os_error())
    }

    #[test]
    fn what_the_system_lacks_is_a_shortage_and_a_broken_disk_is_none() {
        for errno in SHORTAGES {
            assert!(is_shortage(&system(errno)), "{errno:?}");
            let line = format!("Worker #0 crashed: {:?}", fjall::Error::Io(system(errno)));
            assert!(code_in(&line).is_some_and(is_shortage_code), "{line}");
        }
        for errno in [Errno::IO, Errno::ROFS, Errno::ACCESS] {
            assert!(!is_shortage(&system(errno)), "{errno:?}");
        }
        assert!(!is_shortage(&io::Error::other("code: 28")));
    }

    #[test]
    fn the_systems_error_is_found_below_errors_of_libraries() {
        let wrapped = io::Error::other(io::Error::other(system(Errno::MFILE)));
        assert!(system_error(&fjall::Error::Io(wrapped)).is_some_and(is_shortage));
        assert!(system_error(&fjall::Error::Unrecoverable).is_none());
    }

    /// The engine tells no more of a failed sync than of a failed write, but in its log.
    #[test]
    fn only_a_shortage_that_was_logged_and_no_failed_sync_lets_a_store_heal_itself() {
        let full = || fjall::Error::Io(system(Errno::NOSPC));
        assert!(is_shortage_line(&format!("persist failed: {:?}", full())));
        assert!(!is_shortage_line(&format!("Failed to fsyncdata journal file at 0.jnl: {:?}", system(Errno::NOSPC))));
        assert!(!is_shortage_line("Poisoning database because of panic in background worker"));
        let (began, short) = (EngineLog { short: 3, other: 5 }, EngineLog { short: 4, other: 5 });
        assert!(began.tells_shortage_by(short, &full()) && began.tells_shortage_by(short, &fjall::Error::Poisoned));
        assert!(!began.tells_shortage_by(began, &full()), "nothing was logged, so it may have been a sync");
        assert!(!began.tells_shortage_by(EngineLog { other: 6, ..short }, &full()));
        assert!(!began.tells_shortage_by(short, &fjall::Error::Io(system(Errno::IO))));
    }
}
