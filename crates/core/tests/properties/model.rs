//! The model: plain lists, everything counted anew each time, written from the protocol and not from the
//! code of the rules.

use pinfold_core::{AppPolicy, Edition, PeerStatus, Registration};

use crate::account::{Account, Answer, Group, Kept, Kind, is_grouped, is_marked};
use crate::calls::{CUSTOM, Call, Item, MarkItem, NAMES, PEERS};

/// The account and the world around it.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) policy: AppPolicy,
    pub(crate) account: Account,
    /// Whether anything is kept of the account, be it that it was touched.
    pub(crate) exists: bool,
    /// Peer and time of the last message.
    pub(crate) entries: Vec<(usize, u32)>,
    /// Time of the last message in each of [`PEERS`] that is a chat group.
    pub(crate) group_times: Vec<Option<u32>>,
    pub(crate) statuses: Vec<PeerStatus>,
    pub(crate) now: u32,
}

impl Model {
    pub(crate) fn new(policy: AppPolicy) -> Self {
        let statuses = vec![PeerStatus::Registered; PEERS.len()];
        Self {
            policy,
            account: Account::default(),
            exists: false,
            entries: Vec::new(),
            group_times: vec![None; PEERS.len()],
            statuses,
            now: 500_000,
        }
    }

    /// A refused call changes nothing: it works on a copy that is thrown away.
    pub(crate) fn call(&mut self, call: &Call) -> Result<Answer, Kind> {
        let mut after = self.clone();
        let answer = after.run(call)?;
        after.number_changes(&self.account);
        if !matches!(call, Call::DeleteAccount) {
            after.count_change(self, call, &answer);
        }
        *self = after;
        Ok(answer)
    }

    /// Counts what happened to the account as a change of it, if it is one.
    fn count_change(&mut self, before: &Self, call: &Call, answer: &Answer) {
        let arranged = |account: &Account| (account.groups.clone(), account.kept.clone(), account.pins.clone());
        let is_deletion = matches!(call, Call::DeleteConversation { .. }) && self.entries != before.entries;
        let is_arranged = arranged(&self.account) != arranged(&before.account) || is_deletion;
        if is_arranged {
            let is_repeatable = matches!(call, Call::Rename { .. } | Call::DeleteGroup { .. });
            self.account.repeat = match answer {
                Answer::Group(id) if is_repeatable => Some((call.fingerprint(), *id)),
                _ => None,
            };
        }
        let (account, old) = (&mut self.account, &before.account);
        if is_arranged || (account.imported, account.nick) != (old.imported, old.nick) {
            self.exists = true;
            account.revision += 1;
            let now_ms = u64::from(self.now) * 1000;
            account.newest_ms =
                if account.newest_ms > now_ms + 86_400_000 { now_ms } else { account.newest_ms.max(now_ms) };
        }
    }

    fn run(&mut self, call: &Call) -> Result<Answer, Kind> {
        match call {
            Call::Import { nick } => {
                (self.account.imported, self.account.nick) = (true, *nick);
                Ok(Answer::Done)
            }
            Call::DeleteAccount if !self.exists => Err("account unknown"),
            Call::DeleteAccount => {
                (self.account, self.exists, self.entries) = (Account::default(), false, Vec::new());
                Ok(Answer::Done)
            }
            Call::Create { name, items } => self.create(*name, items),
            Call::Update { name, items } => self.update(*name, items),
            Call::Rename { old, new, .. } => self.rename(*old, *new, call.fingerprint()),
            Call::DeleteGroup { name, .. } => self.delete_conversation_group(*name, call.fingerprint()),
            Call::Mark { items } => self.mark(items),
            Call::Pin { pin, peers } => self.pin(*pin, peers),
            Call::Search { peers } => self.search(peers),
            Call::Page { cursor } => self.page(*cursor),
            Call::OrderGroups { names } => self.order_groups(names),
            Call::OrderPins { peers } => self.order_pins(peers),
            Call::SetData { name, data } => self.set_data(*name, *data),
            Call::ListGroups => self.list_groups(),
            Call::DeleteConversation { peer } => self.delete_conversation(*peer),
            Call::List => self.list(),
            Call::Find { filter, recent, descending, limit } => self.find(filter, *recent, *descending, *limit),
            Call::Touch { peer, ago } => self.touch(*peer, *ago),
            Call::GroupMessage { peer, ago } => self.group_message(*peer, *ago),
            Call::Register { peer, status } => {
                self.statuses[*peer] = *status;
                Ok(Answer::Done)
            }
            Call::Clock { seconds } => {
                self.now = self.now.saturating_add_signed(*seconds);
                Ok(Answer::Done)
            }
        }
    }

    pub(crate) fn known(&self) -> Result<(), Kind> {
        let known = self.account.imported || self.policy.accounts == Registration::Any;
        if known { Ok(()) } else { Err("account not imported") }
    }

    pub(crate) fn pro(&self) -> Result<(), Kind> {
        if self.policy.edition == Edition::Standard { Err("edition") } else { Ok(()) }
    }

    fn peer_known(&self, peer: usize) -> Result<(), Kind> {
        let (status, is_account) = (self.statuses[peer], peer < 5);
        match (is_account, status) {
            (_, PeerStatus::Registered) => Ok(()),
            (true, _) if self.policy.accounts == Registration::Any => Ok(()),
            (true, _) => Err("peer not imported"),
            (false, PeerStatus::Unregistered) if self.policy.chat_groups == Registration::Any => Ok(()),
            (false, _) => Err("chat group unknown"),
        }
    }

    pub(crate) fn group(&self, name: usize) -> Option<u32> {
        self.account.groups.iter().find(|group| group.name == NAMES[name]).map(|group| group.id)
    }

    pub(crate) fn kept(&self, peer: usize) -> Kept {
        let found = self.account.kept.iter().find(|kept| kept.peer == peer);
        found.cloned().unwrap_or(Kept { peer, ..Kept::default() })
    }

    /// Puts it after all others: it is the last that changed.
    fn keep(&mut self, new: Kept) {
        if new != self.kept(new.peer) {
            self.account.kept.retain(|kept| kept.peer != new.peer);
            self.account.kept.push(new);
        }
    }

    fn count(&self, counts: impl Fn(&Kept) -> bool) -> usize {
        self.account.kept.iter().filter(|kept| counts(kept)).count()
    }

    /// Gives numbers and times to what is not as it was; what holds nothing any more goes.
    fn number_changes(&mut self, before: &Account) {
        let same = |a: &Kept, b: &Kept| (a.bits, &a.custom, &a.groups) == (b.bits, &b.custom, &b.groups);
        let account = &mut self.account;
        for kept in &mut account.kept {
            let nothing = Kept { peer: kept.peer, ..Kept::default() };
            let old = before.kept.iter().find(|old| old.peer == kept.peer).unwrap_or(&nothing);
            if same(kept, old) {
                (kept.change, kept.time) = (old.change, old.time);
            } else {
                account.last_change += 1;
                account.newest = time(account.newest, self.now);
                (kept.change, kept.time) = (account.last_change, account.newest);
            }
        }
        account.kept.retain(|kept| is_grouped(kept) || is_marked(kept));
        account.kept.sort_by_key(|kept| kept.change);
    }

    fn add(&mut self, id: u32, item: Item) -> Result<(), Kind> {
        let mut kept = self.kept(item.ok_or("malformed")?);
        if kept.groups.contains(&id) {
            return Ok(());
        }
        self.peer_known(kept.peer)?;
        if !is_grouped(&kept) && self.count(is_grouped) >= self.policy.limits.grouped_conversations_max {
            return Err("grouped full");
        }
        kept.groups.push(id);
        kept.groups.sort_unstable();
        self.keep(kept);
        Ok(())
    }

    fn create(&mut self, name: usize, items: &[Item]) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        if items.len() > self.policy.limits.conversations_per_create_max {
            return Err("conversations per call");
        }
        let id = match self.group(name) {
            Some(id) => id,
            None if self.account.groups.len() >= self.policy.limits.conversation_groups_max => {
                return Err("groups full");
            }
            None => {
                self.account.last_group += 1;
                let (id, name) = (self.account.last_group, NAMES[name].to_owned());
                self.account.groups.push(Group { id, name, data: String::new() });
                id
            }
        };
        Ok(Answer::Items(Some(id), items.iter().map(|item| self.add(id, *item)).collect()))
    }

    fn update(&mut self, name: usize, items: &[(bool, Item)]) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        if items.is_empty() || items.len() > self.policy.limits.conversations_per_update_max {
            return Err("conversations per call");
        }
        let id = self.group(name).ok_or("group unknown")?;
        let results = items.iter().map(|(add, item)| if *add { self.add(id, *item) } else { self.remove(id, *item) });
        Ok(Answer::Items(Some(id), results.collect()))
    }

    fn remove(&mut self, id: u32, item: Item) -> Result<(), Kind> {
        let mut kept = self.kept(item.ok_or("malformed")?);
        kept.groups.retain(|other| *other != id);
        self.keep(kept);
        Ok(())
    }

    fn rename(&mut self, old: usize, new: usize, fingerprint: [u8; 32]) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        if let Some((latest, id)) = self.account.repeat
            && latest == fingerprint
        {
            return Ok(Answer::Group(id));
        }
        let id = self.group(old).ok_or("group unknown")?;
        if old != new && self.group(new).is_some() {
            return Err("name taken");
        }
        let group = self.account.groups.iter_mut().find(|group| group.id == id);
        group.expect("it was found").name = NAMES[new].to_owned();
        Ok(Answer::Group(id))
    }

    fn delete_conversation_group(&mut self, name: usize, fingerprint: [u8; 32]) -> Result<Answer, Kind> {
        self.known()?;
        self.pro()?;
        if let Some((latest, id)) = self.account.repeat
            && latest == fingerprint
        {
            return Ok(Answer::Group(id));
        }
        let id = self.group(name).ok_or("group unknown")?;
        for kept in self.account.kept.clone() {
            self.remove(id, Some(kept.peer))?;
        }
        self.account.groups.retain(|group| group.id != id);
        Ok(Answer::Group(id))
    }

    fn mark(&mut self, items: &[MarkItem]) -> Result<Answer, Kind> {
        self.known()?;
        if items.iter().any(|item| item.peer.is_some() && item.standard.is_some()) {
            self.pro()?;
        }
        if items.is_empty() || items.len() > self.policy.limits.conversations_per_update_max {
            return Err("conversations per call");
        }
        Ok(Answer::Items(None, items.iter().map(|item| self.mark_one(item)).collect()))
    }

    fn mark_one(&mut self, item: &MarkItem) -> Result<(), Kind> {
        let before = self.kept(item.peer.ok_or("malformed")?);
        let mut after = before.clone();
        if let Some((clear, set)) = item.standard {
            after.bits = (after.bits & !clear) | set;
        }
        if let Some(custom) = item.custom {
            after.custom = CUSTOM[custom].to_owned();
        }
        let sets_bits = (0..64).any(|bit| after.bits >> bit & 1 == 1 && before.bits >> bit & 1 == 0);
        if sets_bits || (!after.custom.is_empty() && after.custom != before.custom) {
            self.peer_known(before.peer)?;
        }
        let max = self.policy.limits.marked_conversations_max;
        if is_marked(&after) && !is_marked(&before) && self.count(is_marked) >= max {
            return Err("marked full");
        }
        self.keep(after);
        Ok(())
    }

    fn pin(&mut self, pin: bool, peers: &[usize]) -> Result<Answer, Kind> {
        if peers.is_empty() || peers.len() > self.policy.limits.conversations_per_pin_max {
            return Err("malformed");
        }
        self.known()?;
        for peer in peers {
            let is_pinned = self.account.pins.iter().any(|(other, _, _)| other == peer);
            if pin && !is_pinned {
                self.peer_known(*peer)?;
                self.account.last_change += 1;
                let time = time(self.account.newest, self.now);
                self.account.pins.push((*peer, self.account.last_change, time));
            } else if !pin {
                self.account.pins.retain(|(other, _, _)| other != peer);
            }
        }
        if pin && self.account.pins.len() > self.policy.limits.pins_max { Err("pins full") } else { Ok(Answer::Done) }
    }

    fn search(&self, peers: &[usize]) -> Result<Answer, Kind> {
        if peers.is_empty() || peers.len() > self.policy.limits.conversations_per_search_max {
            return Err("malformed");
        }
        self.known()?;
        let mut found: Vec<Kept> = Vec::new();
        for peer in peers {
            let kept = self.account.kept.iter().find(|kept| kept.peer == *peer);
            found.extend(kept.filter(|kept| !found.contains(kept)).cloned().into_iter().collect::<Vec<_>>());
        }
        let named = self.account.groups.iter().filter(|group| found.iter().any(|kept| kept.groups.contains(&group.id)));
        let mut groups: Vec<_> = named.map(|group| (group.id, group.name.clone())).collect();
        groups.sort_unstable();
        Ok(Answer::Found(found, groups))
    }

    fn page(&self, cursor: u32) -> Result<Answer, Kind> {
        self.known()?;
        let after: Vec<_> = self.account.kept.iter().filter(|kept| kept.change > cursor).cloned().collect();
        let page: Vec<_> = after.iter().take(self.policy.limits.records_per_page_max).cloned().collect();
        let next = (page.len() < after.len()).then(|| page[page.len() - 1].change);
        let newest = page.iter().map(|kept| kept.time).max().unwrap_or(0);
        Ok(Answer::Page(page, next, newest))
    }
}

/// The time of a change: not before the one before it, unless that lies more than a day ahead of the clock.
fn time(newest: u32, now: u32) -> u32 {
    if newest > now + 86_400 { now } else { newest.max(now) }
}
