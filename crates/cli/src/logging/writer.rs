//! The thread that writes lines. It alone may block on stderr.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use pinfold_server::LOG_COUNTERS;

use super::line::Style;
use super::queue::{Queue, Taken};
use super::throttle::{PERIOD, Throttle};

/// Before another try, where a pipe was set not to wait.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// Writes what the queue holds until the process ends.
pub(super) fn spawn(
    queue: Arc<Queue>,
    throttle: Arc<Throttle>,
    style: Style,
    mut to: impl Write + Send + 'static,
) -> io::Result<()> {
    let write = move || {
        let mut period_ends = Instant::now() + PERIOD;
        loop {
            let taken = queue.take(period_ends);
            let is_due = taken.is_ending || Instant::now() >= period_ends;
            let left_out = is_due.then(|| throttle.next_period()).flatten();
            if is_due {
                period_ends = Instant::now() + PERIOD;
            }
            queue.written(write(&mut to, style, taken, left_out));
        }
    };
    thread::Builder::new().name("log".to_owned()).spawn(write).map(drop)
}

/// Writes lines, and what is to be said about missing ones; how many lines are still to be told as dropped.
fn write(to: &mut impl Write, style: Style, taken: Taken, left_out: Option<String>) -> u64 {
    let Taken { mut lines, dropped, .. } = taken;
    if dropped > 0 {
        lines += &style.notice(&format!("{dropped} log lines were dropped, since stderr did not take them in time"));
    }
    lines += &left_out.map(|left_out| style.notice(&left_out)).unwrap_or_default();
    let unwritten = write_all(to, lines.as_bytes()).iter().filter(|byte| **byte == b'\n').count() as u64;
    LOG_COUNTERS.unread.fetch_add(unwritten, Ordering::Relaxed);
    if unwritten > 0 { dropped + unwritten } else { 0 }
}

/// Writes all, however long it takes; what is left after an error.
fn write_all<'a>(to: &mut impl Write, mut bytes: &'a [u8]) -> &'a [u8] {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => break,
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY_PAUSE),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    bytes
}
