//! `get_list`: the recent conversations, and the pinned ones.

use std::collections::{BTreeMap, HashMap};

use super::account_is_known;
use crate::{AccountId, AccountState, AppPolicy, Conversation, OrdMap, Pin, RecentView, Record, Refusal, Timestamp};

/// The list as it is shown, each conversation once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionList<'a> {
    /// Conversations that are not pinned, by time; those of the same time by conversation.
    pub ordinary: Vec<Session<'a>>,
    /// Pinned conversations, in the account's order of its pins.
    pub pinned: Vec<Session<'a>>,
}

/// A conversation in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// Which conversation.
    pub conversation: &'a Conversation,
    /// The time of its last message; of a pinned conversation without an entry the time of the pin.
    pub at: Timestamp,
    /// Its record, if it has one.
    pub record: Option<&'a Record>,
}

/// Lists the conversations. Needs the records of those that are shown.
///
/// # Errors
/// [`Refusal::AccountNotImported`].
pub fn session_list<'a>(
    policy: &AppPolicy,
    account: &AccountId,
    state: &'a AccountState,
    recent: &RecentView<'a>,
) -> Result<SessionList<'a>, Refusal> {
    account_is_known(policy, account, state)?;
    let records = Records::new(&state.records, recent.entries().len());
    let session = |conversation: &'a Conversation, at| Session { conversation, at, record: records.get(conversation) };
    let (mut ordinary, mut pinned_at) = (Vec::with_capacity(recent.entries().len()), BTreeMap::new());
    for (conversation, at) in recent.entries() {
        if state.pins.contains_key(conversation) {
            pinned_at.insert(conversation, at);
        } else {
            ordinary.push(session(conversation, at));
        }
    }
    let pins = state.ordered_pins().into_iter();
    let at = |conversation, pin: Pin| pinned_at.get(conversation).copied().unwrap_or(pin.pinned_at);
    let pinned = pins.map(|(conversation, pin)| session(conversation, at(conversation, pin)));
    Ok(SessionList { ordinary, pinned: pinned.collect() })
}

/// Where a list looks for its records: in a hash table of all of them if it looks for as many as there are, since that
/// takes a quarter of the time.
enum Records<'a> {
    Hashed(HashMap<&'a Conversation, &'a Record>),
    Ordered(&'a OrdMap<Conversation, Record>),
}

impl<'a> Records<'a> {
    fn new(records: &'a OrdMap<Conversation, Record>, lookups: usize) -> Self {
        if records.len() <= lookups { Self::Hashed(records.iter().collect()) } else { Self::Ordered(records) }
    }

    fn get(&self, conversation: &Conversation) -> Option<&'a Record> {
        match self {
            Self::Hashed(records) => records.get(conversation).copied(),
            Self::Ordered(records) => records.get(conversation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::{Session, session_list};
    use crate::{Conversation, Refusal};

    fn times(sessions: &[Session<'_>]) -> Vec<(Conversation, u32)> {
        sessions.iter().map(|session| (session.conversation.clone(), session.at.0)).collect()
    }

    fn list(world: &World, entries: &[(Conversation, u32)]) -> [Vec<(Conversation, u32)>; 2] {
        let entries = recent_entries(entries);
        let recent = world.recent(&entries);
        let list = session_list(&world.policy, &world.account, &world.state, &recent).unwrap();
        [times(&list.ordinary), times(&list.pinned)]
    }

    #[test]
    fn ordinary_conversations_ascend_by_time_and_those_of_one_time_by_conversation() {
        let entries = [(chat_group("g"), 5), (one("zoe"), 5), (one("amy"), 9), (one("bob"), 5)];
        let [ordinary, pinned] = list(&World::new(), &entries);
        assert_eq!(ordinary, [(one("bob"), 5), (one("zoe"), 5), (chat_group("g"), 5), (one("amy"), 9)]);
        assert_eq!(pinned, []);
    }

    #[test]
    fn a_pinned_conversation_is_listed_once_with_the_time_of_its_entry_or_else_of_its_pin() {
        let mut world = World::new();
        world.now = 100;
        world.pin(&[one("amy"), one("bob")]).unwrap();
        world.order_pins(&[one("bob")]).unwrap();
        let [ordinary, pinned] = list(&world, &[(one("amy"), 9), (one("zoe"), 3)]);
        assert_eq!(ordinary, [(one("zoe"), 3)]);
        assert_eq!(pinned, [(one("bob"), 100), (one("amy"), 9)]);
    }

    #[test]
    fn a_session_has_the_record_of_its_conversation_however_many_records_there_are() {
        let mut world = World::new();
        for others in [0, 3] {
            world.set_marks(one("bob"), 5).unwrap();
            for other in 0..others {
                world.set_marks(chat_group(&format!("g{other}")), 5).unwrap();
            }
            assert_eq!(world.state.records.len(), others + 1);
            let entries = recent_entries(&[(one("amy"), 1), (one("bob"), 2)]);
            let recent = world.recent(&entries);
            let list = session_list(&world.policy, &world.account, &world.state, &recent).unwrap();
            let found = list.ordinary.iter().map(|session| session.record.map(|kept| kept.change.0));
            assert_eq!(found.collect::<Vec<_>>(), [None, Some(1)]);
        }
    }

    #[test]
    fn an_account_that_is_not_imported_is_refused() {
        let mut world = World::new();
        world.state.head.imported = false;
        let refused = session_list(&world.policy, &world.account, &world.state, &world.recent(&[]));
        assert_eq!(refused.err(), Some(Refusal::AccountNotImported(world.account.clone())));
    }
}
