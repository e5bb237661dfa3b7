//! The system's limit of open files, of which every connection is one.

use pinfold_server::config::{Loaded, Origin};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::failure::Failure;

/// Files that are open beside the connections of the REST plane: tables and journals of the store, those it reads and
/// writes to merge tables, connections of the admin plane and to a database, listeners.
const RESERVED: u64 = 500;

/// Raises the limit of this process as far as it may be raised without privileges. Many systems start at 1024, kept
/// for old programs that cannot deal with more.
fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    if raised.is_ok() { limit.maximum } else { limit.current }
}

/// How many connections fit under a limit of open files.
fn room(files_max: u64) -> u32 {
    u32::try_from(files_max.saturating_sub(RESERVED)).unwrap_or(u32::MAX)
}

/// Refuses a number of connections that was set and does not fit, and a limit under which none fit.
pub(crate) fn check(loaded: &Loaded) -> Result<(), Failure> {
    let Some(files_max) = raise() else { return Ok(()) };
    let (wanted, origin) = (loaded.config.connections_max, loaded.origin("connections_max"));
    let is_set = origin.is_some_and(|origin| !matches!(origin, Origin::Default));
    let room = room(files_max);
    if room == 0 || (is_set && wanted > room) {
        let origin = origin.map(|origin| format!(" ({origin})")).unwrap_or_default();
        return Err(refusal(files_max, wanted, &origin));
    }
    Ok(())
}

fn refusal(files_max: u64, wanted: u32, origin: &str) -> Failure {
    let (room, needed) = (room(files_max), u64::from(wanted) + RESERVED);
    let lower = if room == 0 { String::new() } else { format!(", or set connections_max to {room} at most") };
    Failure::new(format!(
        "the limit of open files is {files_max}, and connections_max = {wanted} needs {needed}: {RESERVED} are for the \
         store and the admin plane; raise the limit (LimitNOFILE, ulimit -n){lower}{origin}"
    ))
}

/// The number of connections that fits, and a line in the log if it is a lower one.
pub(crate) fn fitting(connections_max: u32) -> u32 {
    let room = raise().map_or(u32::MAX, room).max(1);
    if connections_max > room {
        tracing::warn!(
            wanted = connections_max,
            connections_max = room,
            "connections_max is lowered to what the limit of open files holds"
        );
    }
    connections_max.min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_and_the_admin_plane_need_is_kept_free() {
        assert_eq!(room(1024), 524);
        assert_eq!((room(500), room(0)), (0, 0));
        assert_eq!(room(u64::MAX), u32::MAX);
    }

    #[test]
    fn a_refusal_says_what_would_fit_if_anything_would() {
        let sentence = refusal(1024, 20_000, "").to_string();
        assert!(
            sentence.contains("needs 20500") && sentence.contains("set connections_max to 524 at most"),
            "{sentence}"
        );
        assert!(!refusal(100, 20_000, "").to_string().contains("at most"));
    }
}
