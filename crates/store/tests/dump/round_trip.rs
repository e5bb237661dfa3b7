//! From a store into a dump and into another store.

use std::sync::Arc;

use pinfold_core::{
    AppId, Arrangement, ChatGroup, ChatGroupKind, CustomMark, Profile, RecentEntry, Timestamp, Touches,
};
use pinfold_store::dump::{Mode, Moved, Writer, count_accounts, export};
use pinfold_store::{AccountKey, Backend, History as _, Memory, Recents as _};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::random_states::{any_account_id, any_chat_group_id, any_conversation, any_history};
use crate::stores::{
    CHANGES, CHAT_GROUP_TIMES, ENTRIES, USERS, WRITTEN_AT, everything, exported, fill, imported, put, put_chat_group,
    sorted, touch,
};
use crate::support::history::{edit_kept, life, mark_kept};
use crate::support::{self, account, edit, embedded, live, name, one};

/// Moves everything; what was there is left with the new store, and with the old one.
async fn moves(from: &dyn Backend, to: &dyn Backend) {
    let (before, dump) = (everything(from).await, exported(from).await);
    let moved = imported(to, &dump, Mode::IntoEmpty).await.unwrap();
    assert_eq!(everything(to).await, before);
    assert_eq!(everything(from).await, before);
    assert_eq!(Moved { bytes: 0, ..moved }, before.moved());
    assert!(sorted(&exported(to).await) == sorted(&dump), "the new store makes another dump");
}

#[tokio::test]
async fn everything_moves_from_memory_to_memory() {
    let (from, to) = (Memory::new(), Memory::new());
    fill(&from).await;
    moves(&from, &to).await;
}

#[tokio::test]
async fn everything_moves_between_embedded_stores_and_memory_both_ways() {
    let places = tempfile::tempdir().unwrap();
    let from = embedded(&places.path().join("from"));
    fill(&*from).await;
    let (to, memory, back) = (places.path().join("to"), Memory::new(), embedded(&places.path().join("back")));
    moves(&*from, &*embedded(&to)).await;
    moves(&*embedded(&to), &memory).await;
    moves(&memory, &*back).await;
    assert_eq!(everything(&*back).await, everything(&*from).await);
}

#[tokio::test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn everything_moves_between_postgres_and_memory_both_ways_zero_bytes_too() {
    let (from, to) = (Memory::new(), support::postgres(&support::postgres::shared().new_schema()).await);
    fill(&from).await;
    edit_kept(&from, &account(7, "zero"), |draft| {
        let group = draft.create_conversation_group(&name("a\0b"))?;
        let custom = CustomMark::stored("\0");
        let kept = Arrangement { custom, conversation_groups: vec![group], ..Arrangement::default() };
        draft.arrange(&one("bob"), kept);
        draft.import(Profile { nick: "\0nick".into(), face_url: "\0".into() });
        Ok(())
    })
    .await;
    moves(&from, &*to).await;
    moves(&*to, &Memory::new()).await;
}

#[tokio::test]
async fn an_empty_store_makes_a_dump_that_can_be_imported() {
    moves(&Memory::new(), &Memory::new()).await;
}

#[tokio::test]
async fn more_accounts_than_are_on_their_way_at_a_time_are_moved_and_counted() {
    let (from, to) = (Memory::new(), Memory::new());
    for n in 0..1500 {
        mark_kept(&from, &account(1 + n % 2, &format!("user {n}")), 1).await;
    }
    moves(&from, &to).await;
    assert_eq!(count_accounts(&to).await.unwrap(), 1500);
}

#[tokio::test]
async fn chat_groups_of_an_app_without_accounts_are_moved_too() {
    let (from, to) = (Memory::new(), Memory::new());
    put_chat_group(&from, AppId(1), "team", false).await;
    moves(&from, &to).await;
    assert_eq!(live(&to, AppId(1)).await, 1);
}

#[tokio::test]
async fn an_account_that_is_there_for_its_entries_alone_is_moved_with_them() {
    let places = tempfile::tempdir().unwrap();
    let (from, embedded) = (Memory::new(), embedded(places.path()));
    let key = account(1, "alice");
    edit(&from, &key, |draft| {
        draft.ensure_exists();
        Ok(())
    })
    .await;
    touch(&from, &key, one("bob"), 5).await;
    moves(&from, &*embedded).await;
    moves(&*embedded, &Memory::new()).await;
    assert_eq!(everything(&*embedded).await.entries.len(), 1);
}

#[tokio::test]
async fn progress_tells_each_item_and_ends_with_all_of_them() {
    let (from, to) = (Memory::new(), Memory::new());
    fill(&from).await;
    let items = USERS + 1 + ENTRIES + CHANGES + 5 + CHAT_GROUP_TIMES;
    let mut told: Vec<Moved> = Vec::new();
    let writer = Writer::begin(Vec::new(), WRITTEN_AT).unwrap();
    let (dump, moved) = export(&from, writer, |moved| told.push(*moved)).await.unwrap();
    assert_eq!((told.last(), told.len() as u64), (Some(&moved), items));
    told.clear();
    let length = dump.len() as u64;
    let reader = pinfold_store::dump::Reader::new(std::io::Cursor::new(dump));
    let tell = |moved: &Moved| told.push(*moved);
    let moved = pinfold_store::dump::import(&to, reader, Mode::IntoEmpty, tell).await.unwrap();
    assert_eq!(told.last(), Some(&moved));
    assert_eq!(moved.accounts + moved.entries + moved.changes + moved.chat_groups + moved.chat_group_times, items);
    assert!(told.is_sorted_by_key(|moved| moved.bytes) && moved.bytes < length);
}

fn any_chat_group() -> impl Strategy<Value = ChatGroup> {
    let kind = proptest::sample::select(ChatGroupKind::ALL.to_vec());
    (kind, any::<String>(), proptest::option::of(any_account_id()), any::<u32>(), any::<bool>()).prop_map(
        |(kind, name, owner, created_at, destroyed)| ChatGroup {
            kind,
            name,
            owner,
            created_at: Timestamp(created_at),
            destroyed,
        },
    )
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![4 => 1..10u32, 1 => 1..=i32::MAX as u32].prop_map(Timestamp)
}

fn any_entry() -> impl Strategy<Value = RecentEntry> {
    (any_conversation(), any_time()).prop_map(|(conversation, at)| RecentEntry { conversation, at })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_kept_comes_back_from_a_dump_as_it_was(
        accounts in btree_map((prop_oneof![Just(1), Just(7)], any_account_id()), any_history(), 0..6),
        chat_groups in vec((prop_oneof![Just(1), Just(7)], any_chat_group_id(), any_chat_group()), 0..6),
        entries in vec((any::<proptest::sample::Index>(), any_entry()), 0..12),
        times in vec((prop_oneof![Just(1), Just(9)], any_chat_group_id(), any_time()), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (from, to) = (Arc::new(Memory::new()), Memory::new());
            let keys: Vec<_> = accounts.keys().cloned().collect();
            for ((app, account), (state, changes)) in accounts {
                let key = AccountKey { app: AppId(app), account };
                put(&*from, &key, &state).await;
                from.put_changes(&key, life(&*from, &key).await, &changes).await.unwrap();
            }
            for (of, entry) in entries.into_iter().filter(|_| !keys.is_empty()) {
                let (app, account) = of.get(&keys).clone();
                let touches = Touches { entries: vec![(account, entry)], ..Touches::default() };
                from.touch(AppId(app), &touches).await.unwrap();
            }
            for (app, id, at) in times {
                let touches = Touches { chat_groups: vec![(id, at)], ..Touches::default() };
                from.touch(AppId(app), &touches).await.unwrap();
            }
            for (app, id, chat_group) in chat_groups {
                from.put_chat_group(AppId(app), &id, None, &chat_group).await.unwrap();
            }
            moves(&*from, &to).await;
        });
    }
}
