//! Calls as plain values, and where they come from: few names, few peers, tiny limits, so that everything
//! meets everything.

use std::hash::{DefaultHasher, Hash, Hasher};

use pinfold_core::{AccountId, AppPolicy, ChatGroupId, Conversation, Edition, Limits, PeerStatus, Registration};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// One of [`PEERS`]; `None` stands for an item that cannot be read.
pub(crate) type Item = Option<usize>;

/// The first five are accounts, the others chat groups; two ids are the same.
pub(crate) const PEERS: [&str; 8] = ["p0", "p1", "p2", "p3", "same", "same", "g6", "@TGS#7"];
pub(crate) const NAMES: [&str; 4] = ["Work", "work", "工作", "Work "];
pub(crate) const CUSTOM: [&str; 3] = ["", "vip", "⭐"];
/// The bits that marks are made of.
pub(crate) const BITS: [u64; 3] = [1, 1 << 33, 1 << 63];

pub(crate) fn conversation(peer: usize) -> Conversation {
    if peer < 5 {
        Conversation::OneToOne(AccountId::parse(PEERS[peer]).unwrap())
    } else {
        Conversation::ChatGroup(ChatGroupId::parse(PEERS[peer]).unwrap())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct MarkItem {
    pub(crate) peer: Item,
    /// Bits to clear, bits to set.
    pub(crate) standard: Option<(u64, u64)>,
    /// Index into [`CUSTOM`].
    pub(crate) custom: Option<usize>,
}

/// Names are indexes into [`NAMES`]; `salt` makes requests that differ in nothing else.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "the salt is read as part of the whole request")]
pub(crate) enum Call {
    Import {
        nick: usize,
    },
    DeleteAccount,
    Create {
        name: usize,
        items: Vec<Item>,
    },
    /// `true` adds.
    Update {
        name: usize,
        items: Vec<(bool, Item)>,
    },
    Rename {
        old: usize,
        new: usize,
        salt: u8,
    },
    DeleteGroup {
        name: usize,
        salt: u8,
    },
    Mark {
        items: Vec<MarkItem>,
    },
    Pin {
        pin: bool,
        peers: Vec<usize>,
    },
    Search {
        peers: Vec<usize>,
    },
    Page {
        cursor: u32,
    },
    /// Names are indexes into [`NAMES`].
    OrderGroups {
        names: Vec<usize>,
    },
    OrderPins {
        peers: Vec<usize>,
    },
    /// Data is an index into [`CUSTOM`].
    SetData {
        name: usize,
        data: usize,
    },
    ListGroups,
    DeleteConversation {
        peer: usize,
    },
    List,
    Find {
        filter: FindFilter,
        recent: bool,
        descending: bool,
        limit: i64,
    },
    /// No call: a message, so many seconds ago.
    Touch {
        peer: usize,
        ago: u32,
    },
    /// No call: a message of another in a chat group, so many seconds ago.
    GroupMessage {
        peer: usize,
        ago: u32,
    },
    /// No call: a register learns something.
    Register {
        peer: usize,
        status: PeerStatus,
    },
    /// No call: the clock moves, also backwards.
    Clock {
        seconds: i32,
    },
}

/// Filters of a search as plain values; a name is an index into [`NAMES`], a custom mark one into [`CUSTOM`].
#[derive(Clone, Debug, Default)]
pub(crate) struct FindFilter {
    pub(crate) chat_groups: Option<bool>,
    pub(crate) name: Option<usize>,
    pub(crate) in_none: Option<bool>,
    pub(crate) any_mark: Option<u64>,
    pub(crate) no_mark: Option<bool>,
    pub(crate) custom: Option<usize>,
    pub(crate) pinned: Option<bool>,
    pub(crate) recent: Option<bool>,
}

impl Call {
    /// The fingerprint of a request is that of its bytes.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&hasher.finish().to_be_bytes());
        fingerprint
    }

    /// The conversations it names; `None` where it needs all records.
    pub(crate) fn names(&self) -> Option<Vec<usize>> {
        match self {
            Self::Create { items, .. } => Some(items.iter().flatten().copied().collect()),
            Self::Update { items, .. } => Some(items.iter().filter_map(|(_, item)| *item).collect()),
            Self::Mark { items } => Some(items.iter().filter_map(|item| item.peer).collect()),
            Self::Search { peers } => Some(peers.clone()),
            Self::Import { .. } | Self::Rename { .. } | Self::Pin { .. } => Some(Vec::new()),
            Self::OrderPins { .. } | Self::DeleteConversation { .. } | Self::Touch { .. } => Some(Vec::new()),
            Self::DeleteAccount
            | Self::OrderGroups { .. }
            | Self::SetData { .. }
            | Self::ListGroups
            | Self::List
            | Self::Find { .. }
            | Self::GroupMessage { .. }
            | Self::DeleteGroup { .. }
            | Self::Page { .. }
            | Self::Register { .. }
            | Self::Clock { .. } => None,
        }
    }
}

/// An app whose limits are met at once.
pub(crate) fn policy() -> impl Strategy<Value = AppPolicy> {
    let registration = prop_oneof![3 => Just(Registration::Imported), 1 => Just(Registration::Any)];
    let edition = prop_oneof![9 => Just(Edition::Pro), 1 => Just(Edition::Standard)];
    (registration.clone(), registration, edition, 0..2u32).prop_map(|(accounts, chat_groups, edition, recent_days)| {
        let limits = Limits {
            conversation_groups_max: 3,
            grouped_conversations_max: 3,
            marked_conversations_max: 3,
            conversations_per_update_max: 4,
            conversations_per_create_max: 4,
            conversations_per_search_max: 5,
            pins_max: 3,
            recent_conversations_max: 3,
            group_data_bytes_max: 3,
            find_page_max: 3,
            conversation_groups_per_order_max: 4,
            conversations_per_pin_max: 3,
            records_per_page_max: 2,
            ..Limits::default()
        };
        AppPolicy { edition, limits, accounts, chat_groups, recent_days, ..AppPolicy::default() }
    })
}

/// Any call; those that take everything away are rare.
pub(crate) fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => (0..2usize).prop_map(|nick| Call::Import { nick }),
        1 => prop_oneof![4 => Just(Call::Page { cursor: 0 }), 1 => Just(Call::DeleteAccount)],
        20 => changing_call(),
        2 => vec(peer(), 0..7).prop_map(|peers| Call::Search { peers }),
        2 => (0..40u32).prop_map(|cursor| Call::Page { cursor }),
        1 => Just(Call::ListGroups),
        2 => Just(Call::List),
        4 => (filter(), any::<bool>(), any::<bool>(), 0..5i64)
            .prop_map(|(filter, recent, descending, limit)| Call::Find { filter, recent, descending, limit }),
    ]
}

/// A call that changes what is arranged, or the world around it.
pub(crate) fn changing_call() -> impl Strategy<Value = Call> {
    let name = || 0..NAMES.len();
    let status = prop_oneof![3 => Just(PeerStatus::Registered), 1 => Just(PeerStatus::Unregistered), 1 => Just(PeerStatus::Destroyed)];
    prop_oneof![
        4 => (name(), vec(item(), 0..6)).prop_map(|(name, items)| Call::Create { name, items }),
        4 => (name(), vec((any::<bool>(), item()), 0..6)).prop_map(|(name, items)| Call::Update { name, items }),
        2 => (name(), name(), 0..2u8).prop_map(|(old, new, salt)| Call::Rename { old, new, salt }),
        2 => (name(), 0..2u8).prop_map(|(name, salt)| Call::DeleteGroup { name, salt }),
        6 => vec(mark_item(), 0..6).prop_map(|items| Call::Mark { items }),
        2 => (any::<bool>(), vec(peer(), 0..5)).prop_map(|(pin, peers)| Call::Pin { pin, peers }),
        2 => vec(name(), 0..6).prop_map(|names| Call::OrderGroups { names }),
        2 => vec(peer(), 0..5).prop_map(|peers| Call::OrderPins { peers }),
        2 => (name(), 0..CUSTOM.len()).prop_map(|(name, data)| Call::SetData { name, data }),
        2 => peer().prop_map(|peer| Call::DeleteConversation { peer }),
        4 => (peer(), ago()).prop_map(|(peer, ago)| Call::Touch { peer, ago }),
        2 => (5..PEERS.len(), ago()).prop_map(|(peer, ago)| Call::GroupMessage { peer, ago }),
        1 => (peer(), status).prop_map(|(peer, status)| Call::Register { peer, status }),
        2 => prop_oneof![6 => -20..30i32, 1 => Just(200_000), 1 => Just(-200_000)]
            .prop_map(|seconds| Call::Clock { seconds }),
    ]
}

fn peer() -> impl Strategy<Value = usize> {
    0..PEERS.len()
}

fn item() -> impl Strategy<Value = Item> {
    weighted(0.95, peer())
}

/// Seconds: few, so that times meet, and now and then more than a day.
fn ago() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..4u32, 1 => Just(100_000)]
}

/// Mostly one filter or two; both of `GroupName` and `InNoGroup` now and then.
fn filter() -> impl Strategy<Value = FindFilter> {
    let flag = || weighted(0.15, any::<bool>());
    let names = weighted(0.2, 0..NAMES.len());
    let marks = weighted(0.15, (0..BITS.len()).prop_map(|bit| BITS[bit]));
    let custom = weighted(0.1, 1..CUSTOM.len());
    (flag(), names, flag(), marks, flag(), custom, flag(), flag()).prop_map(
        |(chat_groups, name, in_none, any_mark, no_mark, custom, pinned, recent)| FindFilter {
            chat_groups,
            name,
            in_none,
            any_mark,
            no_mark,
            custom,
            pinned,
            recent,
        },
    )
}

fn mark_item() -> impl Strategy<Value = MarkItem> {
    let bits = || (0..8usize).prop_map(|n| (0..3).filter(|bit| n >> bit & 1 == 1).map(|bit| BITS[bit]).sum());
    (item(), weighted(0.7, (bits(), bits())), weighted(0.5, 0..CUSTOM.len()))
        .prop_map(|(peer, standard, custom)| MarkItem { peer, standard, custom })
}
