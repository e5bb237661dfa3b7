//! What couriers are told of commits: names of accounts, and nothing of what was changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pinfold_core::{AccountId, AppId, HistoryChange, WebhookCommands};
use pinfold_store::{AccountKey, CommitSink, Position};
use tokio::sync::Notify;

use super::leasing::HeldShares;

/// The inboxes of the apps that have a webhook.
#[derive(Default)]
pub(crate) struct Notices(RwLock<BTreeMap<AppId, Arc<Inbox>>>);

/// What happened to accounts of one app since its courier looked.
pub(super) struct Inbox {
    accounts_max: usize,
    held: Arc<HeldShares>,
    state: Mutex<State>,
    /// Accounts that are worked on, with whether they were deleted since.
    at_work: Mutex<HashMap<AccountId, Arc<AtomicBool>>>,
    /// Notified when there is something to do for the courier.
    pub(super) wake: Notify,
}

struct State {
    commands: WebhookCommands,
    accounts: HashSet<AccountId>,
    /// Whether an account found no place, so that the store has to be asked.
    has_overflowed: bool,
    /// While sending is paused nothing is noted: the store is asked afterwards.
    is_closed: bool,
}

impl Notices {
    pub(super) fn open(&self, app: AppId, inbox: Arc<Inbox>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(app, inbox);
    }

    pub(super) fn close(&self, app: AppId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&app);
    }

    fn inbox(&self, app: AppId) -> Option<Arc<Inbox>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&app).cloned()
    }
}

impl CommitSink for Notices {
    fn listens(&self, account: &AccountKey) -> bool {
        self.inbox(account.app).is_some()
    }

    fn committed(&self, account: &AccountKey, _: Position, change: Option<&Arc<HistoryChange>>) {
        if let Some(inbox) = self.inbox(account.app) {
            inbox.note(&account.account, change);
        }
    }

    fn deleted(&self, account: &AccountKey) {
        if let Some(inbox) = self.inbox(account.app) {
            inbox.note_deletion(&account.account);
        }
    }
}

impl Inbox {
    /// Closed at first.
    pub(super) fn new(accounts_max: usize, commands: WebhookCommands, held: Arc<HeldShares>) -> Self {
        let state = State { commands, accounts: HashSet::new(), has_overflowed: false, is_closed: true };
        Self { accounts_max, held, state: Mutex::new(state), at_work: Mutex::default(), wake: Notify::new() }
    }

    /// An account was changed. Without a change it may have been.
    fn note(&self, account: &AccountId, change: Option<&Arc<HistoryChange>>) {
        if !self.held.may_send(account) {
            return;
        }
        let mut state = self.state();
        let is_wanted = change.is_none_or(|change| state.commands.tell_any(&change.events));
        if state.is_closed || !is_wanted || state.accounts.contains(account) {
            return;
        }
        if state.accounts.len() < self.accounts_max {
            state.accounts.insert(account.clone());
        } else {
            state.has_overflowed = true;
        }
        drop(state);
        self.wake.notify_one();
    }

    fn note_deletion(&self, account: &AccountId) {
        if let Some(is_gone) = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).get(account) {
            is_gone.store(true, Ordering::Relaxed);
        }
    }

    /// The accounts that were changed since this was called last.
    pub(super) fn take(&self) -> HashSet<AccountId> {
        mem::take(&mut self.state().accounts)
    }

    /// An account was left out: the store has to be asked.
    pub(super) fn overflow(&self) {
        self.state().has_overflowed = true;
    }

    pub(super) fn has_overflowed(&self) -> bool {
        self.state().has_overflowed
    }

    /// The store is asked from here on for what was left out until now.
    pub(super) fn forget_overflow(&self) {
        self.state().has_overflowed = false;
    }

    /// Notes accounts from now on, or none.
    pub(super) fn set_closed(&self, is_closed: bool) {
        let mut state = self.state();
        state.is_closed = is_closed;
        if is_closed {
            state.accounts.clear();
        }
    }

    /// Notes accounts from now on if their change is told by these.
    pub(super) fn set_commands(&self, commands: WebhookCommands) {
        self.state().commands = commands;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account is worked on until what this returns is dropped.
    pub(super) fn at_work(self: &Arc<Self>, account: &AccountId) -> AtWork {
        let is_gone = Arc::<AtomicBool>::default();
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.insert(account.clone(), Arc::clone(&is_gone));
        AtWork { inbox: Arc::clone(self), account: account.clone(), is_gone }
    }
}

/// An account that is worked on.
pub(super) struct AtWork {
    inbox: Arc<Inbox>,
    account: AccountId,
    is_gone: Arc<AtomicBool>,
}

impl AtWork {
    pub(super) fn account(&self) -> &AccountId {
        &self.account
    }

    /// Whether the account was deleted, in this process, since the work on it began.
    pub(super) fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.inbox.at_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{Conversation, Event, Revision, TimeMs, Timestamp, Via, WebhookCommand};
    use pinfold_store::Life;

    use super::*;

    const APP: AppId = AppId(1);

    fn account(id: &str) -> AccountKey {
        AccountKey { app: APP, account: AccountId::parse(id).unwrap() }
    }

    fn inbox(accounts_max: usize) -> (Notices, Arc<Inbox>) {
        let commands = WebhookCommands::from_iter([WebhookCommand::ContactTop]);
        let inbox = Arc::new(Inbox::new(accounts_max, commands, Arc::new(HeldShares::all())));
        inbox.set_closed(false);
        let notices = Notices::default();
        notices.open(APP, Arc::clone(&inbox));
        (notices, inbox)
    }

    fn change(event: Event) -> Arc<HistoryChange> {
        let (revision, at, via, command) = (Revision(1), TimeMs(1), Via::Call, "top".into());
        Arc::new(HistoryChange { revision, at, caller: None, via, command, events: vec![event] })
    }

    fn pinned() -> Arc<HistoryChange> {
        let conversation = Conversation::OneToOne(AccountId::parse("bob").unwrap());
        change(Event::Pinned { conversation, pinned_at: Timestamp(1), place: 0 })
    }

    fn commit(notices: &Notices, id: &str, change: Option<&Arc<HistoryChange>>) {
        let position = Position { life: Life(7), revision: Revision(1), history_from: 1, imported: true };
        notices.committed(&account(id), position, change);
    }

    fn taken(inbox: &Inbox) -> Vec<String> {
        let mut names: Vec<_> = inbox.take().iter().map(|account| account.as_str().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn accounts_are_noted_once_if_their_change_is_told() {
        let (notices, inbox) = inbox(9);
        commit(&notices, "amy", Some(&pinned()));
        commit(&notices, "amy", Some(&pinned()));
        commit(&notices, "bob", Some(&change(Event::AccountImported)));
        commit(&notices, "cat", None);
        assert_eq!(taken(&inbox), ["amy", "cat"]);
        assert_eq!(taken(&inbox), [""; 0]);
    }

    #[test]
    fn an_app_without_a_webhook_is_not_listened_to() {
        let (notices, inbox) = inbox(9);
        assert!(notices.listens(&account("amy")));
        assert!(!notices.listens(&AccountKey { app: AppId(2), ..account("amy") }));
        notices.close(APP);
        commit(&notices, "amy", Some(&pinned()));
        assert!(!notices.listens(&account("amy")) && taken(&inbox).is_empty());
    }

    #[test]
    fn an_account_that_finds_no_place_has_the_store_asked() {
        let (notices, inbox) = inbox(1);
        commit(&notices, "amy", Some(&pinned()));
        commit(&notices, "amy", Some(&pinned()));
        assert!(!inbox.has_overflowed());
        commit(&notices, "bob", Some(&pinned()));
        assert!(inbox.has_overflowed());
        inbox.forget_overflow();
        assert!(!inbox.has_overflowed());
    }

    #[test]
    fn while_sending_is_paused_nothing_is_noted() {
        let (notices, inbox) = inbox(9);
        commit(&notices, "amy", Some(&pinned()));
        inbox.set_closed(true);
        commit(&notices, "bob", Some(&pinned()));
        assert_eq!(taken(&inbox), [""; 0]);
    }

    #[test]
    fn work_on_an_account_hears_of_its_deletion() {
        let (notices, inbox) = inbox(9);
        let work = ["amy", "bob"].map(|id| inbox.at_work(&account(id).account));
        notices.deleted(&account("amy"));
        assert_eq!(work.map(|work| work.is_gone()), [true, false]);
        let again = inbox.at_work(&account("amy").account);
        assert!(!again.is_gone());
    }
}
