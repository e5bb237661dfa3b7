//! Calls of every command, one after the other, over a store in memory.
//!
//! Calls are separated by an empty line. The first line of a call is the name of its command; a capital first letter sends
//! it to an app with tiny limits, whose accounts and chat groups must be registered. The body follows. After each call the
//! promises of docs/protocol.md are checked: see `Tried`.

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
    for (name, body) in calls(data).take(CALLS_MAX) {
        let place = place_of(name);
        let (app, calls) = &apps[usize::from(name.first().is_some_and(u8::is_ascii_uppercase))];
        let tried = Tried { store: &store, app: *app, calls, place, now: Timestamp(now), body };
        answered.push(Answered { place, code: crate::block_on(tried.run()) });
        now += 1;
    }
    answered
}

/// The name and the body of each call, either of which may be empty.
pub(crate) fn calls(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = Some(data);
    let next = move || {
        let (call, others) = cut(rest?, b"\n\n");
        rest = others;
        Some(call)
    };
    let calls = std::iter::from_fn(next).filter(|call| !call.is_empty());
    calls.map(|call| cut(call, b"\n")).map(|(name, body)| (name, body.unwrap_or_default()))
}

/// What stands before the first `separator`, and what after it.
fn cut<'a>(data: &'a [u8], separator: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match data.windows(separator.len()).position(|window| window == separator) {
        Some(end) => (&data[..end], Some(&data[end + separator.len()..])),
        None => (data, None),
    }
}

/// The place of the command of this name. Another name stands for the command that begins most like it, so that a
/// mutation of a name costs no call.
fn place_of(name: &[u8]) -> usize {
    let name = name.to_ascii_lowercase();
    let equal = |listed: &str| listed.bytes().zip(&name).take_while(|(one, other)| one == *other).count();
    let likeness = |place: &usize| {
        let listed = COMMANDS[*place].name;
        (listed.as_bytes() == name, equal(listed))
    };
    (0..COMMANDS.len()).max_by_key(likeness).unwrap_or_default()
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
        group_data_bytes_max: 4,
        find_page_max: 2,
        conversations_per_pin_max: 3,
        conversation_groups_per_order_max: 3,
        ..Limits::default()
    };
    let registered = Registration::Imported;
    AppConfig { accounts: registered, chat_groups: registered, limits, ..AppConfig::new(AppId(2), Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_finds_its_command_and_a_mutated_one_the_command_that_begins_like_it() {
        for (place, command) in COMMANDS.iter().enumerate() {
            assert_eq!(place_of(command.name.as_bytes()), place, "{}", command.name);
        }
        let command = |name: &str| COMMANDS[place_of(name.as_bytes())].name;
        assert_eq!(command("Mark_contact"), "mark_contact");
        assert_eq!(command("mark_contacts"), "mark_contact");
        assert_eq!(command("search\0"), "search_contact_group");
    }

    #[test]
    fn a_call_is_a_line_with_a_name_and_a_body_either_of_which_may_be_missing() {
        let input = b"top\n{}\n\n\n\n\n\nTop\n\n\n{}";
        assert_eq!(Vec::from_iter(calls(input)), [(&b"top"[..], &b"{}"[..]), (b"Top", b""), (b"", b"{}")]);
        assert_eq!(answered(input).len(), 3);
    }
}
