//! Stores with something in them, and ways from and to a dump.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Arc;

use pinfold_core::{
    AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupKind, ChatGroupSeq, Conversation, ConversationGroupId,
    Fingerprint, GroupData, HistoryChange, Profile, RecentEntry, Repeat, RepeatedAnswer, Revision, StateDiff,
    Timestamp, Touches,
};
use pinfold_store::dump::{ImportError, Mode, Moved, Reader, Writer, export, import};
use pinfold_store::{AccountKey, Backend, Commit, ListedChatGroup, OnDamage, SnapshotItem, Version};

use crate::support::history::{edit_kept, mark_kept};
use crate::support::{account, chat_group, chat_group_id, id, name, one, state};

/// A time for the head of a dump.
pub(crate) const WRITTEN_AT: u64 = 1_750_000_000;

pub(crate) async fn exported(backend: &dyn Backend) -> String {
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let (bytes, _) = export(backend, writer, |_| ()).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

pub(crate) async fn imported(backend: &dyn Backend, dump: &str, mode: Mode) -> Result<Moved, ImportError> {
    import(backend, Reader::new(Cursor::new(dump.to_owned())), mode, |_| ()).await
}

fn apps() -> BTreeSet<AppId> {
    [AppId(1), AppId(7)].into()
}

/// Accounts of the filled store, besides that of alice; entries, changes, and chat groups with a time.
pub(crate) const USERS: u64 = 4;
pub(crate) const CHANGES: u64 = USERS + 3;
pub(crate) const ENTRIES: u64 = 4;
pub(crate) const CHAT_GROUP_TIMES: u64 = 3;

/// The lines of items, sorted: backends have orders of their own.
pub(crate) fn sorted(dump: &str) -> Vec<&str> {
    let mut lines: Vec<_> = dump.lines().filter(|line| !line.starts_with("{\"end\"")).collect();
    lines.sort_unstable();
    lines
}

/// A few accounts and chat groups of two apps, with something of everything.
pub(crate) async fn fill(backend: &dyn Backend) {
    let alice = account(1, "alice");
    mark_kept(backend, &alice, 5).await;
    edit_kept(backend, &alice, |draft| {
        let work = draft.create_conversation_group(&name("Work \"\\\n工作"))?;
        draft.create_conversation_group(&name("Home"))?;
        let club = draft.create_conversation_group(&name("Club"))?;
        draft.order_conversation_groups([club]);
        draft.set_group_data(work, GroupData::stored("{\"colour\":\"#f00\"} 色"));
        let in_work = draft.arrangement(&one("bob")).with_conversation_group(work);
        draft.arrange(&one("bob"), in_work.clone());
        draft.arrange(&chat_group("bob"), in_work);
        draft.import(Profile { nick: "Alice".into(), face_url: "https://example.com/a.png".into() });
        draft.pin(&one("zoe"))?;
        draft.pin(&chat_group("@TGS#team"))?;
        let newest = draft.pins()[&chat_group("@TGS#team")].change;
        draft.order_pins([newest]);
        Ok(())
    })
    .await;
    edit_kept(backend, &alice, |draft| {
        draft.remove_conversation_group(ConversationGroupId(2));
        let answer = RepeatedAnswer::Deleted(ConversationGroupId(2));
        draft.may_be_repeated(Repeat { fingerprint: Fingerprint([0xa5; 32]), answer });
        Ok(())
    })
    .await;
    for n in 0..USERS {
        mark_kept(backend, &account(7, &format!("user {n}")), n + 1).await;
    }
    for (app, id) in [(1, "team"), (7, "z"), (7, "a"), (1, "@TGS#gone"), (7, "m")] {
        put_chat_group(backend, AppId(app), id, id == "@TGS#gone").await;
    }
    touch_some(backend).await;
}

pub(crate) async fn put_chat_group(backend: &dyn Backend, app: AppId, of: &str, destroyed: bool) {
    let new = ChatGroup {
        kind: ChatGroupKind::AvChatRoom,
        name: format!("{of} \"\u{7f}\n工作"),
        owner: (of != "a").then(|| id("owner")),
        created_at: Timestamp(7),
        destroyed,
    };
    let committed = backend.put_chat_group(app, &chat_group_id(of), None, &new).await.unwrap();
    assert_eq!(committed, Commit::Committed);
}

/// Touches one entry.
pub(crate) async fn touch(backend: &dyn Backend, account: &AccountKey, conversation: Conversation, at: u32) {
    let entry = RecentEntry { conversation, at: Timestamp(at) };
    let touches = Touches { entries: vec![(account.account.clone(), entry)], ..Touches::default() };
    assert_eq!(backend.touch(account.app, &touches).await.unwrap().absent, []);
}

/// Touches one chat group.
pub(crate) async fn touch_chat_group(backend: &dyn Backend, app: u32, of: &str, at: u32) {
    let touches = Touches { chat_groups: vec![(chat_group_id(of), Timestamp(at))], ..Touches::default() };
    backend.touch(AppId(app), &touches).await.unwrap();
}

/// Puts conversations of both kinds into lists, with the smallest and the largest time.
async fn touch_some(backend: &dyn Backend) {
    let alice = account(1, "alice");
    for (conversation, at) in [(one("bob"), 1), (one("é \"\\"), i32::MAX as u32), (chat_group("@TGS#team"), 7)] {
        touch(backend, &alice, conversation, at).await;
    }
    touch(backend, &account(7, "user 3"), chat_group("bob"), 100).await;
    for (app, id, at) in [(1, "team", 9), (1, "never registered", 8), (7, "z", i32::MAX as u32)] {
        touch_chat_group(backend, app, id, at).await;
    }
}

/// Commits a state as it is.
pub(crate) async fn put(backend: &dyn Backend, account: &AccountKey, state: &AccountState) {
    let committed = backend.commit(account, None, Version::numbered(1), StateDiff::whole(state)).await.unwrap();
    assert_eq!(committed, Commit::Committed);
}

/// Everything a store keeps.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Everything {
    pub(crate) accounts: BTreeMap<AccountKey, AccountState>,
    pub(crate) entries: BTreeMap<(AccountKey, Conversation), Timestamp>,
    pub(crate) changes: BTreeMap<(AccountKey, Revision), Arc<HistoryChange>>,
    pub(crate) chat_groups: Vec<(AppId, ListedChatGroup)>,
    pub(crate) chat_group_times: BTreeMap<(AppId, ChatGroupId), Timestamp>,
}

impl Everything {
    /// How much an import of all of it moves.
    pub(crate) fn moved(&self) -> Moved {
        Moved {
            accounts: self.accounts.len() as u64,
            entries: self.entries.len() as u64,
            changes: self.changes.len() as u64,
            chat_groups: self.chat_groups.len() as u64,
            chat_group_times: self.chat_group_times.len() as u64,
            ..Moved::default()
        }
    }
}

pub(crate) async fn everything(backend: &dyn Backend) -> Everything {
    let mut everything = Everything::default();
    for key in backend.list_accounts(None, None, usize::MAX >> 1).await.unwrap() {
        let state = state(backend, &key).await;
        everything.accounts.insert(key, state);
    }
    for app in apps() {
        let of_app = backend.list_chat_groups(app, ChatGroupSeq(0), 1000).await.unwrap().page;
        everything.chat_groups.extend(of_app.into_iter().map(|listed| (app, listed)));
    }
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, true).await.unwrap();
    while let Some(found) = snapshot.next().await.unwrap() {
        match found {
            SnapshotItem::Entry(account, RecentEntry { conversation, at }) => {
                everything.entries.insert((account, conversation), at);
            }
            SnapshotItem::ChatGroupTime(app, id, at) => drop(everything.chat_group_times.insert((app, id), at)),
            SnapshotItem::Account(..) | SnapshotItem::ChatGroup(..) | SnapshotItem::Counts(..) => {}
            SnapshotItem::Change(account, change) => {
                everything.changes.insert((account, change.revision), change);
            }
            // An import that was cut off leaves some out.
            SnapshotItem::LostHistory(..) => {}
            SnapshotItem::Damage(damage) => panic!("{damage:?}"),
        }
    }
    everything
}
