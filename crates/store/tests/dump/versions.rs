//! The versions of the format: what each has a place for, and that the older one is read and written.

use pinfold_core::{ChangeNumber, ConversationGroupId, GroupData, Head};
use pinfold_store::dump::{Begun, DumpFormat, DumpVersion, Exporting, LeftOut, Mode, Reader, Writer, export};
use pinfold_store::{AccountKey, Memory};

use crate::handwritten::{account, account_with, dump, dump_of};
use crate::stores::{CHANGES, CHAT_GROUP_TIMES, ENTRIES, USERS, WRITTEN_AT, everything, exported, fill, imported};
use crate::support::{self, chat_group, one, state};

/// Two conversation groups, one with data, and two pins.
const LISTS: &str = r##""conversation_groups":[{"id":1,"name":"Work","data":"#f00"},{"id":2,"name":"Home"}],"records":[],"pins":[{"one_to_one":"bob","change":1,"pinned_at":7},{"chat_group":"g","change":2,"pinned_at":7}]"##;
const MORE: &str =
    r#""revision":5,"newest_ms":100500,"group_order":[2,1],"pin_order":[{"chat_group":"g"},{"one_to_one":"bob"}],"#;

fn alice() -> AccountKey {
    support::account(1, "alice")
}

async fn exported_as(version: DumpVersion, store: &Memory) -> (String, LeftOut) {
    let format = DumpFormat { version, ..DumpFormat::default() };
    let writer = Writer::begin_as(Vec::new(), WRITTEN_AT, format).unwrap();
    let mut exporting = Exporting::begin(store, writer).await.unwrap();
    while exporting.step().await.unwrap().is_some() {}
    let left_out = exporting.left_out_by_version();
    (String::from_utf8(exporting.end().unwrap().0).unwrap(), left_out)
}

/// Why an account with this in its line is refused.
async fn problem(version: u32, more: &str, lists: &str) -> String {
    let dump = dump_of(version, &[&account_with("alice", more, lists)]);
    imported(&Memory::new(), &dump, Mode::IntoEmpty).await.unwrap_err().to_string()
}

#[tokio::test]
async fn version_2_has_revision_orders_and_data() {
    let store = Memory::new();
    imported(&store, &dump_of(2, &[&account_with("alice", MORE, LISTS)]), Mode::IntoEmpty).await.unwrap();
    let state = state(&store, &alice()).await;
    assert_eq!((state.head.revision, state.head.newest_ms), (5, 100_500));
    assert_eq!(state.head.group_order, [ConversationGroupId(2), ConversationGroupId(1)]);
    assert_eq!(state.head.pin_order, [ChangeNumber(2), ChangeNumber(1)]);
    assert_eq!(
        state.ordered_pins().iter().map(|(pinned, _)| *pinned).collect::<Vec<_>>(),
        [&chat_group("g"), &one("bob")]
    );
    assert_eq!(state.conversation_groups[&ConversationGroupId(1)].data, GroupData::stored("#f00"));
    let written = exported(&store).await;
    assert!(written.contains(r##"{"id":1,"name":"Work","data":"#f00"},{"id":2,"name":"Home"}"##), "{written}");
    assert!(written.contains(r#""pin_order":[{"chat_group":"g"},{"one_to_one":"bob"}]"#), "{written}");
}

#[tokio::test]
async fn an_account_of_version_1_has_the_time_of_its_last_record_in_milliseconds() {
    let store = Memory::new();
    imported(&store, &dump(&[&account("alice")]), Mode::IntoEmpty).await.unwrap();
    let Head { revision, newest_ms, group_order, pin_order, .. } = state(&store, &alice()).await.head;
    assert_eq!((revision, newest_ms), (0, 100_000));
    assert!(group_order.is_empty() && pin_order.is_empty());
}

#[tokio::test]
async fn fields_of_version_2_are_refused_in_version_1() {
    let plain = r#""conversation_groups":[],"records":[],"pins":[]"#;
    for (more, lists) in [(MORE, LISTS), ("", LISTS), (r#""revision":1,"#, plain), (r#""newest_ms":1,"#, plain)] {
        let problem = problem(1, more, lists).await;
        assert!(problem.contains("it has fields of version 2, and the dump has version 1"), "{problem}");
    }
}

#[tokio::test]
async fn an_order_that_no_rule_can_have_made_is_refused() {
    for (more, expected) in [
        (r#""pin_order":[{"one_to_one":"amy"}],"#, "pin_order[0]: one-to-one with \"amy\" is not pinned"),
        (r#""pin_order":[{"one_to_one":"bob"}],"#, "pin_order does not name every one of 2 once"),
        (r#""pin_order":[{}],"#, "pin_order[0]: one of one_to_one and chat_group must be there"),
        (r#""group_order":[1,2],"#, "group_order is kept although it ascends"),
    ] {
        let problem = problem(2, more, LISTS).await;
        assert!(problem.contains(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_dump_of_version_1_leaves_out_what_it_has_no_place_for_and_counts_it() {
    let (store, to) = (Memory::new(), Memory::new());
    fill(&store).await;
    let (dump, left_out) = exported_as(DumpVersion::V1, &store).await;
    assert_eq!(
        left_out,
        LeftOut {
            revisions: USERS + 1,
            orders: 1,
            data: 1,
            entries: ENTRIES,
            changes: CHANGES,
            chat_group_times: CHAT_GROUP_TIMES
        }
    );
    for field in [
        "revision",
        "history_from",
        "{\"change\"",
        "newest_ms",
        "group_order",
        "pin_order",
        "\"data\"",
        "entry",
        "entries",
        "chat_group_time",
    ] {
        assert!(!dump.contains(field), "{dump}");
    }
    assert!(dump.starts_with(r#"{"pinfold_dump":{"version":1,"#), "{dump}");
    imported(&to, &dump, Mode::IntoEmpty).await.unwrap();
    let mut expected = everything(&store).await;
    expected.entries.clear();
    expected.changes.clear();
    expected.chat_group_times.clear();
    for state in expected.accounts.values_mut() {
        let Head { revision, newest_ms, history_from, newest, group_order, pin_order, .. } = &mut state.head;
        (*revision, *newest_ms, *history_from) = (0, Head::newest_ms_of(*newest), 0);
        (*group_order, *pin_order) = (Vec::new(), Vec::new());
        let groups = state.conversation_groups.iter();
        state.conversation_groups = groups.map(|(id, group)| (*id, group.name.clone().into())).collect();
    }
    assert_eq!(everything(&to).await, expected);
    assert_eq!(exported_as(DumpVersion::V2, &store).await.1, LeftOut::default());
}

#[tokio::test]
async fn an_export_that_is_gone_on_with_keeps_its_version() {
    let store = Memory::new();
    fill(&store).await;
    let (whole, _) = exported_as(DumpVersion::V1, &store).await;
    let cut = whole.lines().take(3).map(|line| format!("{line}\n")).collect::<String>();
    let begun = Begun::read(Reader::new(cut.as_bytes())).unwrap();
    assert_eq!(begun.format.version, DumpVersion::V1);
    let writer = Writer::resume(cut.into_bytes(), begun);
    let (bytes, _) = export(&store, writer, |_| ()).await.unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), whole);
}
