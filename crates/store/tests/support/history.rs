//! Changes that are kept, and reading them back without the [`Store`](pinfold_store::Store).

use std::sync::Arc;

use pinfold_core::{
    AccountState, ConversationGroupId, CustomMark, Draft, Event, GroupData, HistoryChange, Origin, Refusal, Revision,
    StandardMarks, StateDiff, TimeMs, Timestamp, Via,
};
use pinfold_store::{AccountKey, Backend, ChangeRange, Commit, Life, Loaded, Version};

use super::{changes, chat_group, id, load, marks, name, one};

/// Who asks for the changes of tests.
pub(crate) fn origin() -> Origin {
    Origin { caller: Some(id("administrator")), via: Via::Call, command: "mark_contact".into() }
}

/// The changes that an edit makes to a state, kept in the history.
pub(crate) fn kept_changes(
    state: &AccountState,
    edit: impl FnOnce(&mut Draft<'_>) -> Result<(), Refusal>,
) -> StateDiff {
    let mut changes = changes(state, edit);
    changes.record(state, &origin(), true, false);
    changes
}

/// Commits an edit of what is there now, and keeps it in the history; no other task may commit.
pub(crate) async fn edit_kept(
    backend: &dyn Backend,
    account: &AccountKey,
    edit: impl FnOnce(&mut Draft<'_>) -> Result<(), Refusal>,
) -> Arc<HistoryChange> {
    let Loaded { version, state, .. } = load(backend, account).await;
    let changes = kept_changes(&state, edit);
    let change = changes.change.clone().unwrap();
    let committed = backend.commit(account, version, Version::after(version), changes).await.unwrap();
    assert_eq!(committed, Commit::Committed);
    change
}

/// Commits one mark of a conversation with `bob`, and keeps it in the history.
pub(crate) async fn mark_kept(backend: &dyn Backend, account: &AccountKey, bits: u64) -> Arc<HistoryChange> {
    let mark = |draft: &mut Draft<'_>| {
        draft.arrange(&one("bob"), marks(bits));
        Ok(())
    };
    edit_kept(backend, account, mark).await
}

pub(crate) async fn life(backend: &dyn Backend, account: &AccountKey) -> Life {
    load(backend, account).await.version.unwrap().life
}

/// All that can be.
pub(crate) const EVERYTHING: ChangeRange = ChangeRange {
    from: Revision(0),
    until: Revision(u32::MAX),
    descending: false,
    count_max: usize::MAX,
    bytes_max: usize::MAX,
};

/// All changes that are stored of the life that the account has now.
pub(crate) async fn stored(backend: &dyn Backend, account: &AccountKey) -> Vec<Arc<HistoryChange>> {
    backend.changes(account, life(backend, account).await, &EVERYTHING).await.unwrap()
}

/// The revisions of all changes that are stored of the life that the account has now.
pub(crate) async fn revisions(backend: &dyn Backend, account: &AccountKey) -> Vec<u32> {
    stored(backend, account).await.iter().map(|change| change.revision.0).collect()
}

/// A change of this revision and time, with events that take this many bytes more.
pub(crate) fn change(revision: u32, at: u64, more_bytes: usize) -> HistoryChange {
    let data = GroupData::stored(&"x".repeat(more_bytes));
    let event = Event::GroupDataChanged { id: ConversationGroupId(1), name: name("Work"), old_data: None, data };
    let Origin { caller, via, command } = origin();
    HistoryChange { revision: Revision(revision), at: TimeMs(at), caller, via, command, events: vec![event] }
}

/// One of each event.
pub(crate) fn every_event() -> Vec<Event> {
    let (id, conversation) = (ConversationGroupId(7), one("bob"));
    let members = vec![one("bob"), chat_group("@TGS#1"), one("卡罗尔")];
    let (data, custom) = (GroupData::stored("{\"colour\":1}"), CustomMark::stored("vip\n"));
    let (pinned_at, place) = (Timestamp(1_750_000_001), 3);
    vec![
        Event::GroupCreated { id, name: name("Work") },
        Event::GroupRenamed { id, old_name: name("Work"), name: name("工作") },
        Event::GroupDeleted { id, name: name("Work"), data: data.clone(), place, members: members.clone() },
        Event::GroupDataChanged { id, name: name("Work"), old_data: None, data },
        Event::GroupsOrdered { old: vec![id, ConversationGroupId(1)], new: vec![ConversationGroupId(1), id] },
        Event::ConversationsAdded { id, name: name("Work"), members: members.clone() },
        Event::ConversationsRemoved { id, name: name("Work"), members: members.clone() },
        Event::MarkChanged {
            conversation: chat_group("team"),
            old_standard: StandardMarks(0),
            standard: StandardMarks(u64::MAX),
            old_custom: custom,
            custom: None,
        },
        Event::Pinned { conversation: conversation.clone(), pinned_at, place },
        Event::Unpinned { conversation: conversation.clone(), pinned_at, place },
        Event::PinsOrdered { old: members.clone(), new: members },
        Event::ConversationDeleted { conversation: conversation.clone(), entry: None, pin: Some((pinned_at, 0)) },
        Event::ConversationDeleted { conversation: conversation.clone(), entry: Some(pinned_at), pin: None },
        Event::AccountImported,
        Event::ProfileChanged,
        Event::AccountRestored,
        Event::Forgotten,
        Event::ConversationRestored { conversation, entry: pinned_at },
    ]
}

/// Changes 1 and on, from consecutive milliseconds: one for each event, and one for each way it can have come.
pub(crate) fn every_change() -> Vec<HistoryChange> {
    let mut changes: Vec<_> =
        every_event().into_iter().map(|event| HistoryChange { events: vec![event], ..change(0, 0, 0) }).collect();
    for via in Via::ALL {
        changes.push(HistoryChange { via, command: "of_tomorrow".into(), caller: None, ..change(0, 0, 0) });
    }
    changes.push(HistoryChange { caller: Some(id("alice")), events: Vec::new(), ..change(0, 0, 0) });
    changes.push(HistoryChange { caller: Some(id("someone else")), events: every_event(), ..change(0, 0, 0) });
    for (revision, change) in (1..).zip(&mut changes) {
        (change.revision, change.at) = (Revision(revision), TimeMs(1_750_000_000_000 + u64::from(revision)));
    }
    changes
}

/// A state whose head says that changes 1 to `last` are kept, the last one from this time.
pub(crate) fn with_history(state: &AccountState, last: u32, newest_ms: u64) -> AccountState {
    let mut state = state.clone();
    (state.head.history_from, state.head.revision, state.head.newest_ms) = (1, last, newest_ms);
    state
}

/// Puts an account whose history is these changes, as an import does.
pub(crate) async fn put(backend: &dyn Backend, account: &AccountKey, last: u32, kept: &[HistoryChange]) {
    let newest_ms = kept.last().map_or(0, |last| last.at.0);
    let state = with_history(&AccountState::default(), last, newest_ms);
    let whole = StateDiff::whole(&state);
    assert_eq!(backend.commit(account, None, Version::after(None), whole).await.unwrap(), Commit::Committed);
    backend.put_changes(account, life(backend, account).await, kept).await.unwrap();
}
