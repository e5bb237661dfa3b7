//! Entries of recent conversations and times of chat groups: many in one call of the store. It keeps the later of two
//! times, so what an earlier import brought is not looked for.

use pinfold_core::{AccountId, AppId, ChatGroupId, RecentEntry, Timestamp, Touches};

use super::super::Moved;
use super::super::error::{LineError, name, name_of_chat_group};
use crate::{AccountKey, Backend};

/// Entries and times that one call takes.
const CALL_MAX: usize = 1000;

/// One that is to be put.
pub(super) enum Touch {
    Entry(AccountId, RecentEntry),
    ChatGroup(ChatGroupId, Timestamp),
}

/// Gathers what belongs to one app, and puts it in one call after the other.
pub(super) struct PendingTouches<'b> {
    backend: &'b dyn Backend,
    app: AppId,
    touches: Touches,
    /// The line of each entry, then of each time: entries come first.
    lines: Vec<u64>,
    /// Bytes of the dump up to the last of them.
    bytes: u64,
}

impl<'b> PendingTouches<'b> {
    pub(super) fn new(backend: &'b dyn Backend) -> Self {
        Self { backend, app: AppId(0), touches: Touches::default(), lines: Vec::new(), bytes: 0 }
    }

    /// Adds one that stands on this line. How much had to be put before.
    pub(super) async fn add(&mut self, app: AppId, touch: Touch, line: u64, bytes: u64) -> Result<Moved, LineError> {
        let is_full = self.app != app || self.lines.len() >= CALL_MAX;
        let put = if is_full { self.put().await? } else { Moved::default() };
        match touch {
            Touch::Entry(account, entry) => self.touches.entries.push((account, entry)),
            Touch::ChatGroup(id, at) => self.touches.chat_groups.push((id, at)),
        }
        (self.app, self.bytes) = (app, bytes);
        self.lines.push(line);
        Ok(put)
    }

    /// Puts those that wait; how much it is, with the bytes of the dump up to the last of them.
    pub(super) async fn put(&mut self) -> Result<Moved, LineError> {
        let (touches, lines) = (std::mem::take(&mut self.touches), std::mem::take(&mut self.lines));
        let Some(first) = lines.first() else { return Ok(Moved::default()) };
        let touched = self.backend.touch(self.app, &touches).await.map_err(|error| LineError {
            line: *first,
            problem: format!("{}: the store: {error}", self.name_of_first(&touches)),
        })?;
        let is_absent = |(account, _): &(AccountId, RecentEntry)| touched.absent.contains(account);
        if let Some(place) = touches.entries.iter().position(is_absent) {
            let name = self.name(&touches.entries[place].0);
            let problem = format!("{name}: it has an entry and is not in the store; another process writes");
            return Err(LineError { line: lines[place], problem });
        }
        let (entries, chat_group_times) = (touches.entries.len() as u64, touches.chat_groups.len() as u64);
        Ok(Moved { entries, chat_group_times, bytes: self.bytes, ..Moved::default() })
    }

    fn name(&self, account: &AccountId) -> String {
        name(&AccountKey { app: self.app, account: account.clone() })
    }

    fn name_of_first(&self, touches: &Touches) -> String {
        match (touches.entries.first(), touches.chat_groups.first()) {
            (Some((account, _)), _) => self.name(account),
            (None, Some((id, _))) => name_of_chat_group(self.app, id),
            (None, None) => format!("app {}", self.app.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::Conversation;

    use super::*;
    use crate::Memory;

    fn entry(account: &str, at: u32) -> Touch {
        let bob = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        Touch::Entry(AccountId::parse(account).unwrap(), RecentEntry { conversation: bob, at: Timestamp(at) })
    }

    #[tokio::test]
    async fn an_entry_of_an_account_that_is_not_in_the_store_is_told_with_its_line() {
        let store = Memory::new();
        let mut pending = PendingTouches::new(&store);
        pending.add(AppId(1), Touch::ChatGroup(ChatGroupId::parse("g").unwrap(), Timestamp(1)), 4, 40).await.unwrap();
        pending.add(AppId(2), entry("alice", 1), 7, 70).await.unwrap();
        let LineError { line, problem } = pending.put().await.unwrap_err();
        let expected = "account \"alice\" of app 2: it has an entry and is not in the store; another process writes";
        assert_eq!((line, &problem[..]), (7, expected));
    }

    #[tokio::test]
    async fn a_call_takes_what_belongs_to_one_app_and_is_bounded() {
        let store = Memory::new();
        let mut pending = PendingTouches::new(&store);
        let (id, all) = (ChatGroupId::parse("g").unwrap(), CALL_MAX as u64 + 3);
        let mut put = Vec::new();
        for line in 1..=all {
            let app = AppId(if line <= 2 { 1 } else { 2 });
            put.push(pending.add(app, Touch::ChatGroup(id.clone(), Timestamp(1)), line, line * 10).await.unwrap());
        }
        put.push(pending.put().await.unwrap());
        put.retain(|put| *put != Moved::default());
        let put: Vec<_> = put.iter().map(|put| (put.chat_group_times, put.bytes)).collect();
        assert_eq!(put, [(2, 20), (CALL_MAX as u64, (all - 1) * 10), (1, all * 10)]);
    }
}
