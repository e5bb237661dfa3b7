//! The rules of lists, called with the same plain values as the model.

use pinfold_core::rules::{
    self, Context, ConversationKind, Cursor, Filter, FoundConversation, GroupFilter, ListedGroup, Query, Session, Sort,
};
use pinfold_core::{
    AccountId, AccountState, Activities, ChatGroupActivity, Conversation, ConversationGroupId, CustomMark, Draft,
    GroupData, GroupName, PeerStatus, RecentEntry, RecentView, Refusal, StandardMarks, Timestamp,
};

use crate::account::{Answer, Group, Hit, Listed};
use crate::calls::{CUSTOM, Call, FindFilter, PEERS, conversation};
use crate::model::Model;
use crate::real::{group_name, peer};

/// The entries of the account, as a store would have them.
pub(crate) fn entries(world: &Model) -> Vec<RecentEntry> {
    let entry = |(peer, at): &(usize, u32)| RecentEntry { conversation: conversation(*peer), at: Timestamp(*at) };
    world.entries.iter().map(entry).collect()
}

fn activities(world: &Model) -> Activities {
    let activity = |peer: usize| match conversation(peer) {
        Conversation::OneToOne(_) => None,
        Conversation::ChatGroup(id) => {
            let destroyed = world.statuses[peer] == PeerStatus::Destroyed;
            Some((id, ChatGroupActivity { at: world.group_times[peer].map(Timestamp), destroyed }))
        }
    };
    (0..PEERS.len()).filter_map(activity).collect()
}

fn view<'a>(world: &Model, state: &AccountState, entries: &'a [RecentEntry]) -> RecentView<'a> {
    RecentView::new(&world.policy, &state.pins, entries, &activities(world), Timestamp(world.now))
}

pub(crate) fn read(
    world: &Model,
    account: &AccountId,
    state: &AccountState,
    call: &Call,
) -> Option<Result<Answer, Refusal>> {
    let (policy, entries) = (&world.policy, entries(world));
    match call {
        Call::ListGroups => Some(rules::list_groups(policy, account, state).map(groups)),
        Call::List => {
            let list = rules::session_list(policy, account, state, &view(world, state, &entries));
            Some(list.map(|list| Answer::List(listed(&list.ordinary), listed(&list.pinned))))
        }
        Call::Find { filter, recent, descending, limit } => {
            Some(find(world, account, state, filter, (*recent, *descending, *limit)).map(Answer::All))
        }
        _ => None,
    }
}

pub(crate) fn change(world: &Model, call: &Context<'_>, draft: &mut Draft<'_>, what: &Call) -> Result<Answer, Refusal> {
    match what {
        Call::OrderGroups { names } => {
            let names: Vec<_> = names.iter().map(|name| group_name(*name)).collect();
            rules::order_groups(call, draft, &names).map(groups)
        }
        Call::OrderPins { peers } => {
            let peers: Vec<_> = peers.iter().map(|peer| conversation(*peer)).collect();
            rules::order_pins(call, draft, &peers).map(|pins| Answer::Pins(pins.iter().map(peer).collect()))
        }
        Call::SetData { name, data } => {
            let data = GroupData::parse(CUSTOM[*data], &call.policy.limits)?;
            rules::set_group_data(call, draft, &group_name(*name), data.as_ref()).map(|group| groups(vec![group]))
        }
        Call::DeleteConversation { peer } => {
            let entry = world.entries.iter().find(|(other, _)| other == peer).map(|(_, at)| Timestamp(*at));
            rules::delete_conversation(call, draft, &conversation(*peer), entry).map(|()| Answer::Done)
        }
        Call::Touch { .. } => {
            rules::account_is_known(call.policy, call.account, draft.base())?;
            draft.ensure_exists();
            Ok(Answer::Done)
        }
        Call::GroupMessage { .. } | Call::Register { .. } | Call::Clock { .. } => Ok(Answer::Done),
        other => panic!("{other:?} is run elsewhere"),
    }
}

/// All pages, each with the cursor that the one before gave, there and back through its bytes.
fn find(
    world: &Model,
    account: &AccountId,
    state: &AccountState,
    filter: &FindFilter,
    (recent, descending, limit): (bool, bool, i64),
) -> Result<Vec<Hit>, Refusal> {
    let sort = if recent { Sort::Recent } else { Sort::Changed };
    let limit = rules::find_page(&world.policy.limits, Some(limit))?;
    let mut query = Query { filter: read_filter(filter)?, from: Cursor::first(sort, descending), limit };
    let mut hits = Vec::new();
    // Every page but the last has a conversation, and there are 8.
    for _ in 0..=PEERS.len() {
        let (page, next) = found(world, account, state, &query)?;
        assert!(page.len() <= limit, "more than the limit");
        hits.extend(page);
        let Some(next) = next else { return Ok(hits) };
        query.from = Cursor::parse(&next.to_bytes(), sort, descending)?;
    }
    panic!("the pages do not end");
}

/// One page.
pub(crate) fn found(
    world: &Model,
    account: &AccountId,
    state: &AccountState,
    query: &Query,
) -> Result<(Vec<Hit>, Option<Cursor>), Refusal> {
    let entries = entries(world);
    let view = view(world, state, &entries);
    let page = rules::find_conversations(&world.policy, account, state, &view, query)?;
    let referred = page.conversations.iter().filter_map(|found| found.record);
    let referred = referred.flat_map(|record| &record.arrangement.conversation_groups);
    assert!(referred.clone().all(|id| page.conversation_groups.contains_key(id)), "a group has no name");
    assert!(page.conversation_groups.keys().all(|id| referred.clone().any(|other| other == id)), "a group too many");
    Ok((page.conversations.iter().map(hit).collect(), page.next))
}

fn read_filter(filter: &FindFilter) -> Result<Filter, Refusal> {
    let kind = |chat_groups| if chat_groups { ConversationKind::ChatGroup } else { ConversationKind::OneToOne };
    Ok(Filter {
        kind: filter.chat_groups.map(kind),
        group: GroupFilter::new(filter.name.map(group_name), filter.in_none)?,
        any_mark: filter.any_mark.map(StandardMarks),
        no_mark: filter.no_mark,
        custom_mark: filter.custom.and_then(|custom| CustomMark::stored(CUSTOM[custom])),
        pinned: filter.pinned,
        recent: filter.recent,
    })
}

fn hit(found: &FoundConversation<'_>) -> Hit {
    Hit {
        peer: peer(found.conversation),
        change: found.record.map(|record| record.change.0),
        pinned: found.pinned,
        recent: found.recent,
        at: found.at.map(|at| at.0),
    }
}

fn listed(sessions: &[Session<'_>]) -> Vec<Listed> {
    let listed = |session: &Session<'_>| {
        (peer(session.conversation), session.at.0, session.record.map(|record| record.change.0))
    };
    sessions.iter().map(listed).collect()
}

fn groups(groups: Vec<ListedGroup>) -> Answer {
    let listed = |listed: ListedGroup| (group(listed.id, &listed.name, listed.data.as_ref()), listed.conversations);
    Answer::Groups(groups.into_iter().map(listed).collect())
}

pub(crate) fn group(id: ConversationGroupId, name: &GroupName, data: Option<&GroupData>) -> Group {
    let data = data.map_or("", |data| data.as_str()).to_owned();
    Group { id: id.0, name: name.as_str().to_owned(), data }
}
