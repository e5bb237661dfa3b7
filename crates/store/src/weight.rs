//! What accounts take in memory, for the caches that are bounded by it.

use pinfold_core::{
    AccountState, Conversation, ConversationGroup, ConversationGroupId, Pin, RecentEntry, Record, StateDiff,
};

use crate::AccountKey;
use crate::rows::{Part, of_changes, of_state};

/// How many accounts a cache of this many bytes may be expected to hold.
pub(crate) fn usual_count(bytes_max: u64) -> usize {
    const ACCOUNT_BYTES_USUAL: u64 = 4096;
    (bytes_max / ACCOUNT_BYTES_USUAL).max(16) as usize
}

/// About the bytes that an account has allocated, and a cache for its place and key.
pub(crate) fn of_account(state: &AccountState) -> u64 {
    const ACCOUNT: usize = size_of::<AccountState>() + 2 * size_of::<AccountKey>() + 128;
    ACCOUNT as u64 + of_state(state).map(of_part).sum::<u64>()
}

/// The bytes of an account after these changes, which it had `bytes` of before. Looks only at what changes.
pub(crate) fn after(bytes: u64, before: &AccountState, changes: &StateDiff) -> u64 {
    if changes.head.is_none() {
        return bytes + of_account(&AccountState::default()) - of_account(before);
    }
    of_changes(changes).fold(bytes, |bytes, part| bytes + of_part(part) - of_part(replaced(before, part)))
}

/// About the bytes that a list of recent conversations has allocated, and a cache for its place and key.
pub(crate) fn of_list(list: &[RecentEntry]) -> u64 {
    const PLACE: usize = 128;
    let ids: usize = list.iter().map(|entry| text(id(&entry.conversation))).sum();
    (PLACE + size_of_val(list) + ids) as u64
}

/// The part of an account that this one takes the place of.
fn replaced<'a>(before: &'a AccountState, part: Part<'a>) -> Part<'a> {
    match part {
        Part::Head(_) => Part::Head(&before.head),
        Part::Profile(_) => Part::Profile(&before.profile),
        Part::ConversationGroup(id, _) => Part::ConversationGroup(id, before.conversation_groups.get(&id)),
        Part::Pin(conversation, _) => Part::Pin(conversation, before.pins.get(conversation)),
        Part::Record(conversation, _) => Part::Record(conversation, before.records.get(conversation)),
    }
}

fn of_part(part: Part<'_>) -> u64 {
    let bytes = match part {
        Part::Head(head) => size_of_val(&*head.group_order) + size_of_val(&*head.pin_order),
        Part::Profile(profile) => profile.nick.len() + profile.face_url.len(),
        Part::ConversationGroup(_, Some(group)) => entry::<ConversationGroupId, ConversationGroup>() + texts(group),
        Part::Pin(conversation, Some(_)) => entry::<Conversation, Pin>() + text(id(conversation)),
        Part::Record(conversation, Some(record)) => {
            entry::<Conversation, Record>() + text(id(conversation)) + arrangement(record)
        }
        Part::ConversationGroup(_, None) | Part::Pin(_, None) | Part::Record(_, None) => 0,
    };
    bytes as u64
}

fn id(conversation: &Conversation) -> &str {
    match conversation {
        Conversation::OneToOne(account) => account.as_str(),
        Conversation::ChatGroup(chat_group) => chat_group.as_str(),
    }
}

fn texts(group: &ConversationGroup) -> usize {
    text(group.name.as_str()) + group.data.as_ref().map_or(0, |data| text(data.as_str()))
}

fn arrangement(record: &Record) -> usize {
    let kept = &record.arrangement;
    kept.custom.as_ref().map_or(0, |mark| text(mark.as_str())) + size_of_val(&*kept.conversation_groups)
}

/// A text's own allocation; short ones have none.
fn text(text: &str) -> usize {
    const INLINE_MAX: usize = 23;
    if text.len() > INLINE_MAX { text.len() + 16 } else { 0 }
}

/// An entry of a map, with its share of a chunk and of the pointer to it.
fn entry<K, V>() -> usize {
    const SHARE: usize = 6;
    size_of::<(K, V)>() + SHARE
}

#[cfg(test)]
mod tests {
    use pinfold_core::{
        AccountId, Arrangement, CustomMark, Draft, GroupData, GroupName, PeerStatuses, Profile, StandardMarks,
        Timestamp, decide,
    };
    use proptest::prelude::*;

    use super::*;

    /// Any change of an account: what kind, of which conversation or group, and how long the text is that it leaves.
    fn change(draft: &mut Draft<'_>, (kind, number, text): (u8, u32, usize)) {
        let peer =
            Conversation::OneToOne(AccountId::parse(&format!("peer{number:0width$}", width = text % 28)).unwrap());
        let (group, text) = (ConversationGroupId(number), "x".repeat(text));
        let named = GroupName::stored(&format!("group {text}{number}"));
        match kind {
            0 => drop(draft.create_conversation_group(&named)),
            1 => draft.name_conversation_group(group, &named),
            2 => draft.set_group_data(group, GroupData::stored(&text)),
            3 => draft.remove_conversation_group(group),
            4 => draft.import(Profile { nick: text, face_url: "u".repeat(number as usize) }),
            5 => draft.pin(&peer).unwrap(),
            6 => draft.unpin(&peer),
            7 => draft.order_conversation_groups([group]),
            8 => draft.arrange(&peer, Arrangement::default()),
            9 => draft.delete(),
            _ => {
                let conversation_groups = (0..number % 3).map(ConversationGroupId).collect();
                let (standard, custom) = (StandardMarks(number.into()), CustomMark::stored(&text));
                draft.arrange(&peer, Arrangement { standard, custom, conversation_groups });
            }
        }
    }

    proptest! {
        #[test]
        fn the_bytes_that_are_kept_are_those_that_are_counted_after_any_changes(
            calls in prop::collection::vec(prop::collection::vec((0_u8..40, 1_u32..12, 0_usize..60), 1..5), 0..60),
        ) {
            let (mut state, mut bytes) = (AccountState::default(), of_account(&AccountState::default()));
            for call in calls {
                let edits = |draft: &mut Draft<'_>| {
                    call.iter().for_each(|edit| change(draft, *edit));
                    Ok(())
                };
                let (_, changes) = decide(&state, true, &PeerStatuses::default(), Timestamp(7), edits).unwrap();
                let Some(changes) = changes else { continue };
                bytes = after(bytes, &state, &changes);
                state.apply(&changes);
                prop_assert_eq!(bytes, of_account(&state));
            }
        }
    }
}
