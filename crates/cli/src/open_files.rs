//! The system's limit of open files, of which every connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open beside connections: tables of the store, journals, listeners.
const OTHERS: u64 = 500;

/// Raises the limit of this process as far as it may be raised without privileges. Many systems start at 1024, kept
/// for old programs that cannot deal with more. Warns if even the highest is too low for this many connections.
pub(crate) fn allow(connections_max: u32) {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files_max = if raised.is_ok() { limit.maximum } else { limit.current };
    if let Some(files_max) = files_max.filter(|files| *files < u64::from(connections_max) + OTHERS) {
        tracing::warn!(
            files_max,
            connections_max,
            "the limit of open files is too low for connections_max and the store; raise it or lower connections_max"
        );
    }
}
