//! Calls of every command, one after the other, over a store in memory.
//!
//! Calls are separated by an empty line. The first byte of a call chooses its command, `a` for the first of `COMMANDS`
//! and so on; a capital sends it to an app with tiny limits, whose accounts and chat groups must be registered.
//! The body follows. After each call the promises of docs/protocol.md are checked: see `Tried`.

mod answer;
mod tried;

use std::sync::Arc;

use pinfold_core::{AppId, Limits, Registration, Timestamp};
use pinfold_server::config::AppConfig;
use pinfold_server::fuzzing::Calls;
use pinfold_store::{Memory, Store};
use pinfold_wire::commands::COMMANDS;

use self::tried::Tried;

/// Further calls of one input are left out: they would find nothing that these do not.
const CALLS_MAX: usize = 16;
const START: u32 = 1_750_000_000;

/// How a call was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answered {
    /// Place of the command in [`COMMANDS`].
    pub place: usize,
    /// `ErrorCode`, 0 for success.
    pub code: u32,
}

/// The target; true if a call was answered with success.
pub fn requests(data: &[u8]) -> bool {
    answered(data).iter().any(|answered| answered.code == 0)
}

/// What each of the calls is answered with.
pub fn answered(data: &[u8]) -> Vec<Answered> {
    let store = Store::new(Arc::new(Memory::new()));
    let apps = [generous(), tiny()].map(|app| (app.sdkappid, Calls::new(&app, store.clone())));
    let (mut answered, mut now) = (Vec::new(), START);
    for (first, body) in calls(data).take(CALLS_MAX) {
        let place = usize::from(first.to_ascii_lowercase().wrapping_sub(b'a')) % COMMANDS.len();
        let (app, calls) = &apps[usize::from(first.is_ascii_uppercase())];
        let tried = Tried { store: &store, app: *app, calls, place, now: Timestamp(now), body };
        answered.push(Answered { place, code: crate::block_on(tried.run()) });
        now += 1;
    }
    answered
}

fn calls(data: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = Some(data);
    let next = move || {
        let bytes = rest?;
        let end = bytes.windows(2).position(|two| two == b"\n\n");
        rest = end.map(|end| &bytes[end + 2..]);
        Some(end.map_or(bytes, |end| &bytes[..end]))
    };
    std::iter::from_fn(next).filter_map(|call| call.split_first().map(|(first, body)| (*first, body)))
}

/// An app that knows every account and chat group.
fn generous() -> AppConfig {
    AppConfig { accounts: Registration::Any, chat_groups: Registration::Any, ..AppConfig::new(AppId(1), Vec::new()) }
}

/// An app whose every limit is met soon.
fn tiny() -> AppConfig {
    let limits = Limits {
        conversation_groups_max: 2,
        name_bytes_max: 8,
        grouped_conversations_max: 2,
        marked_conversations_max: 2,
        custom_mark_bytes_max: 4,
        conversations_per_update_max: 3,
        conversations_per_create_max: 3,
        conversations_per_search_max: 3,
        pins_max: 2,
        ..Limits::default()
    };
    let registered = Registration::Imported;
    AppConfig { accounts: registered, chat_groups: registered, limits, ..AppConfig::new(AppId(2), Vec::new()) }
}
