//! Panics go to the log: the standard library would write them to stderr on the thread that serves.

use std::panic::{self, PanicHookInfo};
use std::thread;

/// From now on.
pub(super) fn log() {
    panic::set_hook(Box::new(told));
}

fn told(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let cause = panic.payload_as_str().unwrap_or("no text");
    tracing::error!(place, cause, "a thread panicked");
    // The process ends with its first thread.
    if thread::current().name() == Some("main") {
        super::flush();
    }
}
