//! What accounts take in memory, for the caches that are bounded by it.

use std::collections::BTreeMap;

use pinfold_core::{AccountState, Conversation, ConversationGroup, RecentEntry};

use crate::AccountKey;

/// How many accounts a cache of this many bytes may be expected to hold.
pub(crate) fn usual_count(bytes_max: u64) -> usize {
    const ACCOUNT_BYTES_USUAL: u64 = 4096;
    (bytes_max / ACCOUNT_BYTES_USUAL).max(16) as usize
}

/// About the bytes that an account has allocated, and a cache for its place and key.
pub(crate) fn of_account(state: &AccountState) -> u64 {
    const ACCOUNT: usize = size_of::<AccountState>() + 2 * size_of::<AccountKey>() + 128;
    let arrangements = state.records.values().map(|record| &record.arrangement);
    let parts: usize = arrangements
        .map(|kept| {
            kept.custom.as_ref().map_or(0, |mark| text(mark.as_str())) + size_of_val(&*kept.conversation_groups)
        })
        .sum();
    let ids: usize = state.records.keys().chain(state.pins.keys()).map(|conversation| text(id(conversation))).sum();
    let groups = state.conversation_groups.values();
    let names: usize = groups.map(|group| text(group.name.as_str()) + data(group)).sum();
    let orders = size_of_val(&*state.head.group_order) + size_of_val(&*state.head.pin_order);
    let profile = state.profile.nick.len() + state.profile.face_url.len();
    let maps = map(&state.records) + map(&state.pins) + map(&state.conversation_groups);
    (ACCOUNT + parts + ids + names + orders + profile + maps) as u64
}

/// About the bytes that a list of recent conversations has allocated, and a cache for its place and key.
pub(crate) fn of_list(list: &[RecentEntry]) -> u64 {
    const PLACE: usize = 128;
    let ids: usize = list.iter().map(|entry| text(id(&entry.conversation))).sum();
    (PLACE + size_of_val(list) + ids) as u64
}

fn id(conversation: &Conversation) -> &str {
    match conversation {
        Conversation::OneToOne(account) => account.as_str(),
        Conversation::ChatGroup(chat_group) => chat_group.as_str(),
    }
}

fn data(group: &ConversationGroup) -> usize {
    group.data.as_ref().map_or(0, |data| text(data.as_str()))
}

/// A text's own allocation; short ones have none.
fn text(text: &str) -> usize {
    const INLINE_MAX: usize = 23;
    if text.len() > INLINE_MAX { text.len() + 16 } else { 0 }
}

/// A map's nodes, of 11 places each; records that come in order leave them half empty.
fn map<K, V>(map: &BTreeMap<K, V>) -> usize {
    const PLACES: usize = 11;
    const FILLED: usize = 6;
    map.len().div_ceil(FILLED) * (PLACES * (size_of::<K>() + size_of::<V>()) + 32)
}
