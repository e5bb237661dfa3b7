//! Frees what takes long to free, away from threads that others wait for.

use std::thread;

/// Drops the value on a thread of its own. Where none can be started it is dropped here.
pub(super) fn elsewhere<T: Send + 'static>(value: T) {
    let _ = thread::Builder::new().name("pinfold-free".into()).spawn(move || drop(value));
}
