//! `find_conversations`: the conversations with a record, a pin or an entry that filters take, page by page.

mod cursor;
mod filter;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use cursor::{Cursor, Sort};
pub use filter::{ConversationKind, Filter, GroupFilter};

use super::{account_is_known, conversation_group_of_name};
use crate::{
    AccountId, AccountState, AppPolicy, Conversation, ConversationGroupId, GroupName, Limits, RecentView, Record,
    Refusal, Timestamp,
};
use cursor::Place;

/// Conversations on a page where the call does not say how many.
const PAGE_DEFAULT: usize = 100;

/// What is looked for, and which page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Which conversations.
    pub filter: Filter,
    /// Their order, and where the page begins.
    pub from: Cursor,
    /// How many of them are on the page; see [`find_page`].
    pub limit: usize,
}

/// A page of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage<'a> {
    /// The conversations, in the order of the pages.
    pub conversations: Vec<FoundConversation<'a>>,
    /// The conversation groups that their records refer to.
    pub conversation_groups: BTreeMap<ConversationGroupId, &'a GroupName>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Cursor>,
}

/// A conversation as it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundConversation<'a> {
    /// Which conversation.
    pub conversation: &'a Conversation,
    /// Its record, if it has one.
    pub record: Option<&'a Record>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it has an entry that is shown.
    pub recent: bool,
    /// The time of its last message, as `get_list` shows it; of a pin without an entry that of the pin.
    pub at: Option<Timestamp>,
}

/// How many conversations a page has where the call asks for so many: 1 to [`Limits::find_page_max`].
///
/// # Errors
/// [`Refusal::Malformed`] for another number.
pub fn find_page(limits: &Limits, asked: Option<i64>) -> Result<usize, Refusal> {
    let max = limits.find_page_max;
    let Some(asked) = asked else { return Ok(PAGE_DEFAULT.min(max)) };
    let fits = usize::try_from(asked).ok().filter(|asked| (1..=max).contains(asked));
    fits.ok_or_else(|| Refusal::Malformed(format!("Limit is {asked}; 1 to {max} are allowed")))
}

/// Finds a page of conversations. Needs every record of the account.
///
/// Ascending, a conversation that moves while a client pages moves to where the client has not been: one that is there
/// throughout is shown at least once. The exception is a time that is shown and becomes smaller, because an older
/// message was imported into a pinned conversation that had none, or because its chat group was destroyed. Descending,
/// what moves to the front may be missed.
///
/// # Errors
/// [`Refusal::AccountNotImported`]; [`Refusal::ConversationGroupUnknown`] and [`Refusal::NameLength`] for the name in
/// the filter.
pub fn find_conversations<'a>(
    policy: &AppPolicy,
    account: &AccountId,
    state: &'a AccountState,
    recent: &RecentView<'a>,
    query: &Query,
) -> Result<FoundPage<'a>, Refusal> {
    account_is_known(policy, account, state)?;
    let named = match &query.filter.group {
        Some(GroupFilter::Named(name)) => Some(conversation_group_of_name(policy, &state.conversation_groups, name)?),
        Some(GroupFilter::InNone(_)) | None => None,
    };
    let found = all(state, recent).into_iter().filter(|found| query.filter.takes(found, named));
    let placed = found.filter_map(|found| Some((place(query.from.sort, &found)?, found)));
    Ok(page(state, &query.from, query.limit, placed.collect()))
}

/// Everything that an account has: whatever has a record, a pin or an entry that is shown.
fn all<'a>(state: &'a AccountState, recent: &RecentView<'a>) -> Vec<FoundConversation<'a>> {
    let recents: BTreeMap<_, _> = recent.entries().collect();
    let all: BTreeSet<_> = state.records.keys().chain(state.pins.keys()).chain(recents.keys().copied()).collect();
    let found = |conversation| {
        let (pin, entry) = (state.pins.get(conversation), recents.get(conversation).copied());
        FoundConversation {
            conversation,
            record: state.records.get(conversation),
            pinned: pin.is_some(),
            recent: entry.is_some(),
            at: entry.or(pin.map(|pin| pin.pinned_at)),
        }
    };
    all.into_iter().map(found).collect()
}

/// The place of a conversation; `None` where the order leaves it out.
fn place<'a>(sort: Sort, found: &FoundConversation<'a>) -> Option<Place<'a>> {
    match sort {
        Sort::Changed => {
            Some(found.record.map_or(Place::NoRecord(found.conversation), |record| Place::Changed(record.change.0)))
        }
        Sort::Recent => found.at.map(|at| Place::Recent(at.0, found.conversation)),
    }
}

fn page<'a>(
    state: &'a AccountState,
    from: &Cursor,
    limit: usize,
    mut placed: Vec<(Place<'a>, FoundConversation<'a>)>,
) -> FoundPage<'a> {
    placed.retain(|(place, _)| from.is_before(*place));
    placed.sort_unstable_by(|(place, _), (other, _)| from.compare(*place, *other));
    let is_last = placed.len() <= limit;
    placed.truncate(limit);
    let mut next = from.clone();
    placed.iter().for_each(|(place, _)| next.pass(*place));
    let conversations: Vec<_> = placed.into_iter().map(|(_, found)| found).collect();
    let conversation_groups = super::referred_to(state, conversations.iter().filter_map(|found| found.record));
    FoundPage { conversations, conversation_groups, next: (!is_last).then_some(next) }
}
