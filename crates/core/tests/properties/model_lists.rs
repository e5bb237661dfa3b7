//! The model of lists: recent conversations, pins and conversation groups in the account's order, and what is found.

use crate::account::{Answer, Hit, Kind, Listed, is_grouped, is_marked};
use crate::calls::{CUSTOM, FindFilter, NAMES, PEERS};
use crate::model::Model;

use pinfold_core::PeerStatus;

/// The place of a peer among conversations: accounts, then chat groups, both by id.
fn rank(peer: usize) -> usize {
    if peer < 5 { peer } else { 12 - peer }
}

impl Model {
    pub(crate) fn order_groups(&mut self, names: &[usize]) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        if names.len() > self.policy.limits.conversation_groups_per_order_max {
            return Err("malformed");
        }
        let mut ids =
            names.iter().map(|name| self.group(*name).ok_or("group unknown")).collect::<Result<Vec<_>, _>>()?;
        ids.extend(self.account.groups.iter().map(|group| group.id));
        let place = |id: u32| ids.iter().position(|other| *other == id);
        self.account.groups.sort_by_key(|group| place(group.id));
        self.list_groups()
    }

    pub(crate) fn list_groups(&self) -> Result<Answer, Kind> {
        self.known()?;
        let count = |id: u32| self.account.kept.iter().filter(|kept| kept.groups.contains(&id)).count();
        Ok(Answer::Groups(self.account.groups.iter().map(|group| (group.clone(), count(group.id))).collect()))
    }

    pub(crate) fn set_data(&mut self, name: usize, data: usize) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        let id = self.group(name).ok_or("group unknown")?;
        let group = self.account.groups.iter_mut().find(|group| group.id == id);
        group.expect("it was found").data = CUSTOM[data].to_owned();
        let Answer::Groups(mut groups) = self.list_groups()? else { return Err("no groups") };
        groups.retain(|(group, _)| group.name == NAMES[name]);
        Ok(Answer::Groups(groups))
    }

    pub(crate) fn order_pins(&mut self, peers: &[usize]) -> Result<Answer, Kind> {
        self.known()?;
        if peers.len() > self.policy.limits.conversations_per_pin_max {
            return Err("malformed");
        }
        let is_pinned = |peer: &usize| self.account.pins.iter().any(|(other, _, _)| other == peer);
        if !peers.iter().all(is_pinned) {
            return Err("not pinned");
        }
        let all = self.account.pins.iter().map(|(peer, _, _)| *peer);
        let order: Vec<_> = peers.iter().copied().chain(all).collect();
        self.account.pins.sort_by_key(|(peer, _, _)| order.iter().position(|other| other == peer));
        Ok(Answer::Pins(self.account.pins.iter().map(|(peer, _, _)| *peer).collect()))
    }

    pub(crate) fn delete_conversation(&mut self, peer: usize) -> Result<Answer, Kind> {
        self.known()?;
        self.entries.retain(|(other, _)| *other != peer);
        self.account.pins.retain(|(other, _, _)| *other != peer);
        Ok(Answer::Done)
    }

    /// A touch of an account that is not known is none.
    pub(crate) fn touch(&mut self, peer: usize, ago: u32) -> Result<Answer, Kind> {
        self.known()?;
        let at = self.now.saturating_sub(ago);
        self.exists = true;
        match self.entries.iter_mut().find(|(other, _)| *other == peer) {
            Some((_, kept)) => *kept = at.max(*kept),
            None => self.entries.push((peer, at)),
        }
        Ok(Answer::Done)
    }

    pub(crate) fn group_message(&mut self, peer: usize, ago: u32) -> Result<Answer, Kind> {
        let at = self.now.saturating_sub(ago);
        self.group_times[peer] = self.group_times[peer].max(Some(at));
        Ok(Answer::Done)
    }

    /// Peers and times that are shown, in the order of the list.
    fn shown(&self) -> Vec<(usize, u32)> {
        let time = |(peer, at): &(usize, u32)| {
            let shared = self.group_times[*peer].filter(|_| self.statuses[*peer] != PeerStatus::Destroyed);
            (*peer, shared.map_or(*at, |shared| shared.max(*at)))
        };
        let mut all: Vec<_> = self.entries.iter().map(time).collect();
        all.sort_by_key(|(peer, at)| (*at, rank(*peer)));
        let too_many = all.len().saturating_sub(self.policy.limits.recent_conversations_max);
        let since = if self.policy.recent_days == 0 { 0 } else { self.now.saturating_sub(86_400) };
        let is_pinned = |peer: usize| self.account.pins.iter().any(|(other, _, _)| *other == peer);
        let is_shown =
            |(place, (peer, at)): &(usize, (usize, u32))| (*place >= too_many && *at >= since) || is_pinned(*peer);
        all.into_iter().enumerate().filter(is_shown).map(|(_, shown)| shown).collect()
    }

    fn change(&self, peer: usize) -> Option<u32> {
        self.account.kept.iter().find(|kept| kept.peer == peer).map(|kept| kept.change)
    }

    pub(crate) fn list(&self) -> Result<Answer, Kind> {
        self.known()?;
        let (hits, pins) = (self.hits(), &self.account.pins);
        let listed = |peer: usize| -> Listed {
            let hit = hits.iter().find(|hit| hit.peer == peer).expect("what is listed is found");
            (peer, hit.at.expect("it has a time"), hit.change)
        };
        let ordinary = self.shown().into_iter().filter(|(peer, _)| !pins.iter().any(|(other, _, _)| other == peer));
        let ordinary = ordinary.map(|(peer, _)| listed(peer)).collect();
        Ok(Answer::List(ordinary, pins.iter().map(|(peer, _, _)| listed(*peer)).collect()))
    }

    /// Everything that can be found, by peer.
    fn hits(&self) -> Vec<Hit> {
        let shown = self.shown();
        let hit = |peer: usize| {
            let entry = shown.iter().find(|(other, _)| *other == peer).map(|(_, at)| *at);
            let pin = self.account.pins.iter().find(|(other, _, _)| *other == peer).map(|(_, _, at)| *at);
            let (pinned, recent) = (pin.is_some(), entry.is_some());
            Hit { peer, change: self.change(peer), pinned, recent, at: entry.or(pin) }
        };
        (0..PEERS.len()).map(hit).filter(|hit| hit.change.is_some() || hit.pinned || hit.recent).collect()
    }

    /// All pages together.
    pub(crate) fn find(&self, filter: &FindFilter, recent: bool, descending: bool, limit: i64) -> Result<Answer, Kind> {
        if (filter.name.is_some() && filter.in_none.is_some())
            || !(1..=self.policy.limits.find_page_max as i64).contains(&limit)
        {
            return Err("malformed");
        }
        self.known()?;
        let named = filter.name.map(|name| self.group(name).ok_or("group unknown")).transpose()?;
        let mut hits = self.hits();
        hits.retain(|hit| self.takes(filter, named, hit) && (!recent || hit.at.is_some()));
        let key = |hit: &Hit| if recent { (hit.at, rank(hit.peer)) } else { (hit.change, rank(hit.peer)) };
        hits.sort_by_key(key);
        if descending {
            hits.reverse();
        }
        if !recent {
            hits.sort_by_key(|hit| hit.change.is_none());
        }
        Ok(Answer::All(hits))
    }

    fn takes(&self, filter: &FindFilter, named: Option<u32>, hit: &Hit) -> bool {
        let kept = self.kept(hit.peer);
        [
            filter.chat_groups.is_none_or(|chat_groups| chat_groups == (hit.peer >= 5)),
            named.is_none_or(|id| kept.groups.contains(&id)),
            filter.in_none.is_none_or(|in_none| in_none != is_grouped(&kept)),
            filter.any_mark.is_none_or(|bits| kept.bits & bits != 0),
            filter.no_mark.is_none_or(|no_mark| no_mark != is_marked(&kept)),
            filter.custom.is_none_or(|custom| kept.custom == CUSTOM[custom]),
            filter.pinned.is_none_or(|pinned| pinned == hit.pinned),
            filter.recent.is_none_or(|recent| recent == hit.recent),
        ]
        .into_iter()
        .all(|holds| holds)
    }
}
