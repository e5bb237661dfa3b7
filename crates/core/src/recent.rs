//! The list of recent conversations: what is kept of it, what a message makes of it, and what of it is shown
//! (docs/protocol.md, section 5).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::{AccountId, AppPolicy, ChatGroupId, Conversation, OrdMap, Pin, Timestamp};

const DAY_SECONDS: u32 = 24 * 60 * 60;

/// A conversation with the time of its last message, as an account keeps it. An entry is not a record: no limit of
/// records counts it, and it has no change number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecentEntry {
    /// Which conversation.
    pub conversation: Conversation,
    /// The time of its last message.
    pub at: Timestamp,
}

impl RecentEntry {
    /// The order of lists: the older one first, of those with the same time the smaller conversation. A store may keep
    /// entries in it, so that they need not be sorted each time they are shown.
    pub fn by_time(&self, other: &Self) -> Ordering {
        (self.at, &self.conversation).cmp(&(other.at, &other.conversation))
    }
}

/// The times that messages of one app leave behind them. A store keeps the latest time of each conversation and of each
/// chat group, and here the same one may come twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touches {
    /// Entries, each with the account that has it in its list.
    pub entries: Vec<(AccountId, RecentEntry)>,
    /// Chat groups with the time of a message in them. It is kept once for all who have the chat group in their lists.
    pub chat_groups: Vec<(ChatGroupId, Timestamp)>,
}

impl Touches {
    /// A message between this account and its peer; the peer's own list is another touch.
    pub fn one_to_one(&mut self, account: &AccountId, peer: &AccountId, at: Timestamp) {
        self.touch(account, Conversation::OneToOne(peer.clone()), at);
    }

    /// A message in a chat group: it is seen in the lists of all, and put into that of its sender where one is named.
    pub fn in_chat_group(&mut self, chat_group: &ChatGroupId, sender: Option<&AccountId>, at: Timestamp) {
        self.chat_groups.push((chat_group.clone(), at));
        if let Some(sender) = sender {
            self.touch(sender, Conversation::ChatGroup(chat_group.clone()), at);
        }
    }

    fn touch(&mut self, account: &AccountId, conversation: Conversation, at: Timestamp) {
        self.entries.push((account.clone(), RecentEntry { conversation, at }));
    }
}

/// What is known of a chat group besides an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatGroupActivity {
    /// The time of the last message in it, if there was one.
    pub at: Option<Timestamp>,
    /// Whether it was destroyed.
    pub destroyed: bool,
}

/// What is known of the chat groups of a list; of one that is missing nothing is known.
pub type Activities = BTreeMap<ChatGroupId, ChatGroupActivity>;

/// The entries of an account that are shown, each with the time that is shown: the oldest first, of those with the same
/// time the smaller conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentView<'a>(Vec<(Timestamp, &'a Conversation)>);

impl<'a> RecentView<'a> {
    /// Of the entries the newest [`Limits::recent_conversations_max`](crate::Limits::recent_conversations_max) that are
    /// not older than [`AppPolicy::recent_days`], both by the time that is shown; and each that is pinned.
    pub fn new(
        policy: &AppPolicy,
        pins: &OrdMap<Conversation, Pin>,
        entries: &'a [RecentEntry],
        activities: &Activities,
        now: Timestamp,
    ) -> Self {
        let (older, since) = (older(policy, entries), shown_since(policy, now));
        let is_shown = |place: usize, at: Timestamp, conversation: &Conversation| {
            (place >= older && at >= since) || pins.contains_key(conversation)
        };
        let all = oldest_first(entries, activities).into_iter().enumerate();
        let all = all.map(|(place, (at, entry))| (place, at, &entry.conversation));
        let shown = all.filter(|(place, at, conversation)| is_shown(*place, *at, conversation));
        Self(shown.map(|(_, at, conversation)| (at, conversation)).collect())
    }

    /// The entries that are not shown because so many others are newer; a store may forget them.
    pub fn beyond_limit<'e>(
        policy: &AppPolicy,
        pins: &OrdMap<Conversation, Pin>,
        entries: &'e [RecentEntry],
        activities: &Activities,
    ) -> Vec<&'e RecentEntry> {
        let older = oldest_first(entries, activities).into_iter().take(older(policy, entries));
        older.map(|(_, entry)| entry).filter(|entry| !pins.contains_key(&entry.conversation)).collect()
    }

    /// The conversations and the times that are shown of them, in the order of the view.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&'a Conversation, Timestamp)> {
        self.0.iter().map(|(at, conversation)| (*conversation, *at))
    }
}

/// How many entries are not shown because so many others are newer.
fn older(policy: &AppPolicy, entries: &[RecentEntry]) -> usize {
    entries.len().saturating_sub(policy.limits.recent_conversations_max)
}

/// The entries with the time that is shown, in the order of a view.
fn oldest_first<'e>(entries: &'e [RecentEntry], activities: &Activities) -> Vec<(Timestamp, &'e RecentEntry)> {
    let mut shown: Vec<_> = entries.iter().map(|entry| (shown_at(entry, activities), entry)).collect();
    // The stable sort is the faster one where most of it is in order.
    shown.sort_by(|(at, entry), (other_at, other)| (at, &entry.conversation).cmp(&(other_at, &other.conversation)));
    shown
}

/// The later of the entry's own time and that of its chat group, unless the chat group was destroyed.
fn shown_at(entry: &RecentEntry, activities: &Activities) -> Timestamp {
    let activity = match &entry.conversation {
        Conversation::OneToOne(_) => None,
        Conversation::ChatGroup(chat_group) => activities.get(chat_group),
    };
    let shared = activity.filter(|activity| !activity.destroyed).and_then(|activity| activity.at);
    shared.map_or(entry.at, |shared| shared.max(entry.at))
}

fn shown_since(policy: &AppPolicy, now: Timestamp) -> Timestamp {
    match policy.recent_days {
        0 => Timestamp(0),
        days => Timestamp(now.0.saturating_sub(days.saturating_mul(DAY_SECONDS))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{World, chat_group, one, recent_entries};

    fn activities(known: &[(&str, Option<u32>, bool)]) -> Activities {
        let activity = |(id, at, destroyed): &(&str, Option<u32>, bool)| {
            let activity = ChatGroupActivity { at: at.map(Timestamp), destroyed: *destroyed };
            (ChatGroupId::parse(id).unwrap(), activity)
        };
        known.iter().map(activity).collect()
    }

    /// The entries that are shown, and those that may be forgotten.
    fn shown(world: &World, entries: &[RecentEntry], activities: &Activities) -> (Vec<RecentEntry>, Vec<RecentEntry>) {
        let view = RecentView::new(&world.policy, &world.state.pins, entries, activities, Timestamp(world.now));
        let shown = view.entries().map(|(conversation, at)| RecentEntry { conversation: conversation.clone(), at });
        let beyond_limit = RecentView::beyond_limit(&world.policy, &world.state.pins, entries, activities);
        (shown.collect(), beyond_limit.into_iter().cloned().collect())
    }

    #[test]
    fn a_chat_group_shows_the_later_of_two_times_and_its_own_when_it_was_destroyed() {
        let entries =
            recent_entries(&[(chat_group("a"), 5), (chat_group("b"), 5), (chat_group("c"), 5), (chat_group("d"), 5)]);
        let activities = activities(&[("a", Some(9), false), ("b", Some(3), false), ("c", Some(9), true)]);
        let (shown, _) = shown(&World::new(), &entries, &activities);
        let [b, c, d] = ["b", "c", "d"].map(|id| (chat_group(id), 5));
        assert_eq!(shown, recent_entries(&[b, c, d, (chat_group("a"), 9)]));
    }

    #[test]
    fn the_newest_by_the_time_shown_are_shown_and_the_others_may_be_forgotten() {
        let mut world = World::new();
        world.policy.limits.recent_conversations_max = 2;
        let entries = recent_entries(&[(one("amy"), 7), (one("bob"), 7), (one("zoe"), 6), (chat_group("g"), 1)]);
        let (shown, beyond_limit) = shown(&world, &entries, &activities(&[("g", Some(8), false)]));
        assert_eq!(shown, recent_entries(&[(one("bob"), 7), (chat_group("g"), 8)]));
        assert_eq!(beyond_limit, recent_entries(&[(one("zoe"), 6), (one("amy"), 7)]));
    }

    #[test]
    fn what_is_older_than_recent_days_is_not_shown_and_what_is_pinned_always_is() {
        let mut world = World::new();
        (world.policy.recent_days, world.now) = (1, 100_000);
        world.pin(&[one("amy")]).unwrap();
        let entries = recent_entries(&[(one("amy"), 1), (one("bob"), 13_600), (one("zoe"), 13_599)]);
        assert_eq!(shown(&world, &entries, &Activities::new()).0, entries[..2]);
        world.policy.limits.recent_conversations_max = 1;
        let (shown, beyond_limit) = shown(&world, &entries, &Activities::new());
        assert_eq!((&shown[..], &beyond_limit[..]), (&entries[..2], &entries[2..]));
    }

    #[test]
    fn a_message_in_a_chat_group_is_two_touches_and_one_where_its_sender_is_not_known() {
        let (group, amy) = (ChatGroupId::parse("g").unwrap(), AccountId::parse("amy").unwrap());
        let mut touches = Touches::default();
        touches.in_chat_group(&group, Some(&amy), Timestamp(5));
        touches.in_chat_group(&group, None, Timestamp(6));
        assert_eq!(touches.chat_groups, [(group.clone(), Timestamp(5)), (group, Timestamp(6))]);
        assert_eq!(touches.entries, [(amy, recent_entries(&[(chat_group("g"), 5)]).remove(0))]);
    }
}
