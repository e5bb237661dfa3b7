//! The data and the answers of the model: plain values.

/// The kind of a refusal, without its numbers and names.
pub(crate) type Kind = &'static str;

/// The record of one conversation, with its index in [`PEERS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) peer: usize,
    pub(crate) bits: u64,
    pub(crate) custom: String,
    pub(crate) groups: Vec<u32>,
    pub(crate) change: u32,
    pub(crate) time: u32,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Group(u32),
    Items(Option<u32>, Vec<Result<(), Kind>>),
    Found(Vec<Kept>, Vec<(u32, String)>),
    Page(Vec<Kept>, Option<u32>, u32),
    /// The groups in the account's order, each with the number of conversations in it.
    Groups(Vec<(Group, usize)>),
    /// The pinned peers in the account's order.
    Pins(Vec<usize>),
    /// Ordinary peers and pinned ones: time, and change number of the record if there is one.
    List(Vec<Listed>, Vec<Listed>),
    /// All pages of a search, each peer as it was found.
    All(Vec<Hit>),
}

/// A peer in a list: its time, and the change number of its record.
pub(crate) type Listed = (usize, u32, Option<u32>);

/// A peer that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) peer: usize,
    pub(crate) change: Option<u32>,
    pub(crate) pinned: bool,
    pub(crate) recent: bool,
    pub(crate) at: Option<u32>,
}

/// A conversation group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Everything kept for the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) imported: bool,
    pub(crate) nick: usize,
    /// In the account's order.
    pub(crate) groups: Vec<Group>,
    pub(crate) last_group: u32,
    /// In the order of their last change.
    pub(crate) kept: Vec<Kept>,
    /// Peer, change number, time; in the account's order.
    pub(crate) pins: Vec<(usize, u32, u32)>,
    pub(crate) last_change: u32,
    pub(crate) newest: u32,
    /// The latest change, if it was a rename or deletion, with the group it was about.
    pub(crate) repeat: Option<([u8; 32], u32)>,
    pub(crate) revision: u32,
    pub(crate) newest_ms: u64,
}

pub(crate) fn is_grouped(kept: &Kept) -> bool {
    !kept.groups.is_empty()
}

pub(crate) fn is_marked(kept: &Kept) -> bool {
    kept.bits != 0 || !kept.custom.is_empty()
}
