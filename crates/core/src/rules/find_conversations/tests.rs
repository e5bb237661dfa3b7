//! What is found: by each filter, in each order, page by page.

use super::super::testing::*;
use super::*;
use crate::{CustomMark, RecentEntry, StandardMarks};

/// `amy` in Work and marked, `bob` in Work, `carol` marked, `dave` pinned, `zoe` and chat group `g` recent only.
fn world() -> (World, Vec<RecentEntry>) {
    let mut world = World::new();
    world.now = 100;
    world.create("Work", &[one("bob"), one("amy")]).unwrap();
    world.set_marks(one("carol"), 1 << 33).unwrap();
    world.set_marks(one("amy"), 0b11).unwrap();
    world.pin(&[one("dave")]).unwrap();
    let entries = [(one("zoe"), 60), (chat_group("g"), 50), (one("amy"), 70)];
    (world, recent_entries(&entries))
}

fn query(filter: Filter, sort: Sort, descending: bool) -> Query {
    Query { filter, from: Cursor::first(sort, descending), limit: 10 }
}

fn id(conversation: &Conversation) -> &str {
    match conversation {
        Conversation::OneToOne(account) => account.as_str(),
        Conversation::ChatGroup(chat_group) => chat_group.as_str(),
    }
}

fn names(page: &FoundPage<'_>) -> String {
    page.conversations.iter().map(|found| id(found.conversation)).collect::<Vec<_>>().join(" ")
}

fn found(filter: Filter) -> String {
    let (world, entries) = world();
    let query = query(filter, Sort::Changed, false);
    let recent = world.recent(&entries);
    names(&find_conversations(&world.policy, &world.account, &world.state, &recent, &query).unwrap())
}

#[test]
fn without_a_filter_everything_with_a_record_a_pin_or_an_entry_is_found() {
    assert_eq!(found(Filter::default()), "bob carol amy dave zoe g");
}

#[test]
fn a_type_takes_one_kind_of_conversation() {
    assert_eq!(found(Filter { kind: Some(ConversationKind::ChatGroup), ..Filter::default() }), "g");
    assert_eq!(found(Filter { kind: Some(ConversationKind::OneToOne), ..Filter::default() }), "bob carol amy dave zoe");
}

#[test]
fn a_group_takes_what_is_in_it_and_no_group_the_others() {
    let of = |name: Option<&str>, in_none| {
        let group = GroupFilter::new(name.map(GroupName::stored), in_none).unwrap();
        found(Filter { group, ..Filter::default() })
    };
    assert_eq!(of(Some("Work"), None), "bob amy");
    assert_eq!(of(None, Some(true)), "carol dave zoe g");
    assert_eq!(of(None, Some(false)), "bob amy");
    assert!(GroupFilter::new(Some(GroupName::stored("Work")), Some(false)).is_err());
}

#[test]
fn marks_are_or_and_no_mark_is_neither_standard_nor_custom() {
    let any_mark = |bits| found(Filter { any_mark: Some(StandardMarks(bits)), ..Filter::default() });
    assert_eq!(any_mark(1 << 33 | 1), "carol amy");
    assert_eq!(any_mark(1 << 5), "");
    let no_mark = |no_mark| found(Filter { no_mark: Some(no_mark), ..Filter::default() });
    assert_eq!(no_mark(true), "bob dave zoe g");
    assert_eq!(no_mark(false), "carol amy");
}

#[test]
fn a_custom_mark_is_compared_whole() {
    let (mut world, entries) = world();
    let custom = CustomMark::stored("vip");
    let change = super::super::MarkChange { conversation: one("bob"), standard: None, custom: Some(custom.clone()) };
    world.mark(&[Ok(change)]).unwrap();
    for (mark, expected) in [("vip", "bob"), ("vi", ""), ("VIP", "")] {
        let filter = Filter { custom_mark: CustomMark::stored(mark), ..Filter::default() };
        let (query, recent) = (query(filter, Sort::Changed, false), world.recent(&entries));
        let page = find_conversations(&world.policy, &world.account, &world.state, &recent, &query).unwrap();
        assert_eq!(names(&page), expected, "{mark}");
    }
}

#[test]
fn pinned_and_recent_take_what_has_a_pin_and_an_entry_and_filters_hold_together() {
    assert_eq!(found(Filter { pinned: Some(true), ..Filter::default() }), "dave");
    assert_eq!(found(Filter { recent: Some(true), ..Filter::default() }), "amy zoe g");
    assert_eq!(found(Filter { recent: Some(false), ..Filter::default() }), "bob carol dave");
    let both = Filter { recent: Some(true), no_mark: Some(true), ..Filter::default() };
    assert_eq!(found(Filter { pinned: Some(false), ..both }), "zoe g");
}

#[test]
fn by_changes_what_has_no_record_comes_last_and_by_time_what_has_none_is_left_out() {
    let (world, entries) = world();
    let recent = world.recent(&entries);
    let sorted = |sort, descending| {
        let query = query(Filter::default(), sort, descending);
        names(&find_conversations(&world.policy, &world.account, &world.state, &recent, &query).unwrap())
    };
    assert_eq!(sorted(Sort::Changed, true), "amy carol bob g zoe dave");
    assert_eq!(sorted(Sort::Recent, false), "g zoe amy dave");
    assert_eq!(sorted(Sort::Recent, true), "dave amy zoe g");
}

#[test]
fn the_groups_that_the_page_refers_to_come_with_it() {
    let (mut world, entries) = world();
    world.create("Home", &[one("dave")]).unwrap();
    let recent = world.recent(&entries);
    let query = Query { limit: 1, ..query(Filter::default(), Sort::Changed, false) };
    let page = find_conversations(&world.policy, &world.account, &world.state, &recent, &query).unwrap();
    assert_eq!(page.conversation_groups.keys().map(|id| id.0).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_conversation_that_gets_or_loses_its_record_while_a_client_pages_is_not_lost() {
    let (mut world, entries) = world();
    let mut query = Query { limit: 4, ..query(Filter::default(), Sort::Changed, false) };
    let page = |world: &World, query: &mut Query| {
        let recent = world.recent(&entries);
        let page = find_conversations(&world.policy, &world.account, &world.state, &recent, query).unwrap();
        query.from = page.next.clone().unwrap_or(query.from.clone());
        names(&page)
    };
    query.limit = 1;
    assert_eq!(page(&world, &mut query), "bob");
    world.pin(&[one("carol")]).unwrap();
    let clear = super::super::StandardChange { clear: StandardMarks(1 << 33), set: StandardMarks(0) };
    let change = super::super::MarkChange { conversation: one("carol"), standard: Some(clear), custom: None };
    world.mark(&[Ok(change)]).unwrap();
    query.limit = 3;
    assert_eq!(page(&world, &mut query), "amy carol dave");
    world.set_marks(one("zoe"), 1).unwrap();
    assert_eq!(page(&world, &mut query), "zoe g");
}

#[test]
fn a_name_that_no_group_has_and_an_account_that_is_not_imported_are_refused() {
    let (mut world, _) = world();
    world.policy.limits.name_bytes_max = 5;
    let refusal = |world: &World, name: &str| {
        let group = Some(GroupFilter::Named(GroupName::stored(name)));
        let query = query(Filter { group, ..Filter::default() }, Sort::Changed, false);
        find_conversations(&world.policy, &world.account, &world.state, &RecentView::default(), &query).unwrap_err()
    };
    assert_eq!(refusal(&world, "Nope"), Refusal::ConversationGroupUnknown(GroupName::stored("Nope")));
    assert_eq!(refusal(&world, "unknown"), Refusal::NameLength { bytes: 7, bytes_max: 5 });
    world.state.head.imported = false;
    assert_eq!(refusal(&world, "Nope"), Refusal::AccountNotImported(world.account.clone()));
}

#[test]
fn a_page_has_1_to_200_conversations_and_100_where_nothing_is_asked() {
    let limits = Limits::default();
    assert_eq!([None, Some(1), Some(200)].map(|asked| find_page(&limits, asked)), [Ok(100), Ok(1), Ok(200)]);
    for asked in [0, -1, 201, i64::MAX, i64::MIN] {
        assert!(find_page(&limits, Some(asked)).is_err(), "{asked}");
    }
    assert_eq!(find_page(&Limits { find_page_max: 3, ..limits }, None), Ok(3));
}
