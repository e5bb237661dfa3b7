//! Failures by shortage: the system has no space, descriptor or memory left, and may have some later.
//!
//! A store heals itself after a shortage only. It must not after a failed sync of a journal: the page cache may hold
//! pages that the disk does not, so that a new engine would build on writes that a power cut removes. The engine's
//! errors do not distinguish a failed sync from a failed write, and do not say why a background worker ended; only its
//! log does. So the program passes the lines of that log to [`engine_logged`]. No line says that a table or a list was
//! not synced; `healing` syncs them before it reopens the store.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::io::Errno;

/// The system's error numbers of a shortage. The last two are limits: on threads, and on the size of files.
const SHORTAGES: [Errno; 7] =
    [Errno::NOSPC, Errno::DQUOT, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::FBIG];
/// The beginning of the engine's lines about failed syncs of journals.
const FAILED_SYNC: &str = "Failed to fsync";
/// Precedes the system's error number in a line.
const CODE: &str = "code: ";
const LINE_BYTES_MAX: usize = 512;

static SHORT: AtomicU64 = AtomicU64::new(0);
static OTHER: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<String> = Mutex::new(String::new());

/// Passes a line that the engine (`fjall`, `lsm_tree`) logged at the level error to the stores of this process.
///
/// Without these lines a store never heals itself.
pub fn engine_logged(line: &str) {
    if is_shortage_line(line) { &SHORT } else { &OTHER }.fetch_add(1, Ordering::Release);
    let end = line.floor_char_boundary(LINE_BYTES_MAX);
    line[..end].clone_into(&mut LAST.lock().unwrap_or_else(PoisonError::into_inner));
}

fn is_shortage_line(line: &str) -> bool {
    !line.starts_with(FAILED_SYNC) && code_in(line).is_some_and(is_shortage_code)
}

/// The system's error number in the debug text of an error.
fn code_in(line: &str) -> Option<i32> {
    let (_, rest) = line.split_once(CODE)?;
    let digits = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

fn is_shortage_code(code: i32) -> bool {
    SHORTAGES.iter().any(|shortage| shortage.raw_os_error() == code)
}

/// Whether the error is a shortage.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(is_shortage_code)
}

/// Whether a file could not be read for want of a right or by a shortage, so that it may be intact.
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

/// The number of lines that the engine had logged at one moment. The engines of a process share the count, so that one
/// that fails for another cause keeps all of them from healing.
#[derive(Clone, Copy)]
pub(super) struct EngineLog {
    short: u64,
    other: u64,
}

impl EngineLog {
    pub(super) fn now() -> Self {
        Self { short: SHORT.load(Ordering::Acquire), other: OTHER.load(Ordering::Acquire) }
    }

    /// Whether `error` of an engine was caused by a shortage, judged by the lines logged since.
    pub(super) fn tells_shortage(self, error: &fjall::Error) -> bool {
        self.tells_shortage_by(Self::now(), error)
    }

    fn tells_shortage_by(self, now: Self, error: &fjall::Error) -> bool {
        let is_possible = matches!(error, fjall::Error::Poisoned) || system_error(error).is_some_and(is_shortage);
        is_possible && now.short > self.short && now.other == self.other
    }

    /// Whether all lines logged since are about shortages.
    pub(super) fn tells_only_shortages(self) -> bool {
        Self::now().other == self.other
    }
}

/// The last line that the engine logged.
pub(super) fn last_line() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The text of an engine's error. For an error that only says that something failed before, the last line of its log.
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
    fn exhausted_resources_are_a_shortage_and_a_broken_disk_is_not() {
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

    /// Only the engine's log distinguishes a failed sync from a failed write.
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
