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
            Self::DeleteAccount
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
    (registration.clone(), registration, edition).prop_map(|(accounts, chat_groups, edition)| {
        let limits = Limits {
            conversation_groups_max: 2,
            grouped_conversations_max: 3,
            marked_conversations_max: 3,
            conversations_per_update_max: 4,
            conversations_per_create_max: 4,
            conversations_per_search_max: 5,
            pins_max: 2,
            conversations_per_pin_max: 3,
            records_per_page_max: 2,
            ..Limits::default()
        };
        AppPolicy { edition, limits, accounts, chat_groups, ..AppPolicy::default() }
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

fn mark_item() -> impl Strategy<Value = MarkItem> {
    let bits = || (0..8usize).prop_map(|n| (0..3).filter(|bit| n >> bit & 1 == 1).map(|bit| BITS[bit]).sum());
    (item(), weighted(0.7, (bits(), bits())), weighted(0.5, 0..CUSTOM.len()))
        .prop_map(|(peer, standard, custom)| MarkItem { peer, standard, custom })
}
