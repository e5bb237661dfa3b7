//! What an account has arranged, as plain values: what undoing brings back, without counters and times of changes.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_core::AccountState;

use crate::account::Group;
use crate::model::Model;
use crate::real;

/// What is arranged. Peers are indexes into [`PEERS`](crate::calls::PEERS).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arranged {
    /// In the account's order.
    pub(crate) groups: Vec<Group>,
    /// Group and peer.
    pub(crate) members: BTreeSet<(u32, usize)>,
    pub(crate) bits: BTreeMap<usize, u64>,
    pub(crate) custom: BTreeMap<usize, String>,
    /// Peer and time, in the account's order.
    pub(crate) pins: Vec<(usize, u32)>,
    pub(crate) entries: BTreeMap<usize, u32>,
}

impl Arranged {
    pub(crate) fn of(state: &AccountState, world: &Model) -> Self {
        let account = real::account(state);
        let members = account.kept.iter().flat_map(|kept| kept.groups.iter().map(|id| (*id, kept.peer)));
        let bits = account.kept.iter().map(|kept| (kept.peer, kept.bits));
        let custom = account.kept.iter().map(|kept| (kept.peer, kept.custom.clone()));
        Self {
            members: members.collect(),
            bits: bits.filter(|(_, bits)| *bits != 0).collect(),
            custom: custom.filter(|(_, custom)| !custom.is_empty()).collect(),
            pins: account.pins.iter().map(|(peer, _, at)| (*peer, *at)).collect(),
            entries: world.entries.iter().copied().collect(),
            groups: account.groups,
        }
    }

    pub(crate) fn group(&self, id: u32) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub(crate) fn group_mut(&mut self, id: u32) -> &mut Group {
        self.groups.iter_mut().find(|group| group.id == id).expect("the group is there")
    }

    /// The groups' numbers in their order.
    pub(crate) fn group_order(&self) -> Vec<u32> {
        self.groups.iter().map(|group| group.id).collect()
    }

    /// The pinned peers in their order.
    pub(crate) fn pin_order(&self) -> Vec<usize> {
        self.pins.iter().map(|(peer, _)| *peer).collect()
    }

    pub(crate) fn set_bits(&mut self, peer: usize, bits: u64) {
        self.bits.insert(peer, bits);
        self.bits.retain(|_, bits| *bits != 0);
    }

    pub(crate) fn set_custom(&mut self, peer: usize, custom: &str) {
        self.custom.insert(peer, custom.to_owned());
        self.custom.retain(|_, custom| !custom.is_empty());
    }

    pub(crate) fn bits_of(&self, peer: usize) -> u64 {
        self.bits.get(&peer).copied().unwrap_or(0)
    }

    pub(crate) fn custom_of(&self, peer: usize) -> &str {
        self.custom.get(&peer).map_or("", |custom| custom)
    }

    pub(crate) fn is_pinned(&self, peer: usize) -> bool {
        self.pins.iter().any(|(other, _)| *other == peer)
    }

    /// An entry of this time; the later of two stays.
    pub(crate) fn touch(&mut self, peer: usize, at: u32) {
        let entry = self.entries.entry(peer).or_insert(at);
        *entry = at.max(*entry);
    }
}
