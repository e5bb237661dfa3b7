//! The rules of the core, called with the same plain values as the model.

use pinfold_core::rules::{self, Context, MarkChange, MemberChange, MemberOperation, PinOperation, StandardChange};
use pinfold_core::{
    AccountId, AccountState, ChangeNumber, Conversation, Counted, CustomMark, Draft, Fingerprint, GroupName, Profile,
    Record, Refusal, StandardMarks, StateDiff, Timestamp, decide,
};

use crate::account::{Account, Answer, Kept, Kind};
use crate::calls::{CUSTOM, Call, Item, MarkItem, NAMES, PEERS, conversation};
use crate::model::Model;
use crate::real_lists;

/// The outcome of a call to the rules: the answer, the changes, and whether the draft ended as it said.
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) changes: Option<StateDiff>,
    pub(crate) view: Option<View>,
}

/// The view of a draft when its rule ended: counters, groups, pins, arrangements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View(String);

impl View {
    fn of_draft(draft: &Draft<'_>) -> Self {
        let kept: Vec<_> = (0..PEERS.len()).map(|peer| draft.arrangement(&conversation(peer))).collect();
        let (head, groups, pins) = (draft.head(), draft.ordered_conversation_groups(), draft.ordered_pins());
        Self(format!("{:?} {:?} {groups:?} {pins:?} {kept:?}", head.grouped, head.marked))
    }

    pub(crate) fn of_state(state: &AccountState) -> Self {
        let kept: Vec<_> = (0..PEERS.len()).map(|peer| state.arrangement(&conversation(peer))).collect();
        let (head, groups, pins) = (&state.head, state.ordered_conversation_groups(), state.ordered_pins());
        Self(format!("{:?} {:?} {groups:?} {pins:?} {kept:?}", head.grouped, head.marked))
    }
}

/// Runs a call on a state, in the world of the model.
pub(crate) fn run(world: &Model, state: &AccountState, call: &Call) -> Result<Outcome, Kind> {
    let account = AccountId::parse("alice").unwrap();
    let peers = world.statuses.iter().enumerate().map(|(peer, status)| (conversation(peer), *status)).collect();
    let rule_call = Context { policy: &world.policy, account: &account };
    if let Some(read) = read(world, &account, state, call) {
        return Ok(Outcome { answer: read.map_err(|refusal| kind(&refusal))?, changes: None, view: None });
    }
    let mut view = None;
    let decided = decide(state, world.exists, &peers, Timestamp(world.now), |draft| {
        let answer = change(world, &rule_call, draft, call)?;
        view = (!matches!(call, Call::DeleteAccount)).then(|| View::of_draft(draft));
        Ok(answer)
    });
    let (answer, changes) = decided.map_err(|refusal| kind(&refusal))?;
    Ok(Outcome { answer, changes, view })
}

fn read(world: &Model, account: &AccountId, state: &AccountState, call: &Call) -> Option<Result<Answer, Refusal>> {
    let policy = &world.policy;
    match call {
        Call::Search { peers } => {
            let asked: Vec<_> = peers.iter().map(|peer| conversation(*peer)).collect();
            Some(rules::search(policy, account, state, &asked).map(|found| {
                let groups = found.conversation_groups.iter().map(|(id, name)| (id.0, name.as_str().to_owned()));
                Answer::Found(found.records.into_iter().map(kept).collect(), groups.collect())
            }))
        }
        Call::Page { cursor } => Some(rules::page(policy, account, state, ChangeNumber(*cursor)).map(|page| {
            let next = page.next.map(|change| change.0);
            Answer::Page(page.records.into_iter().map(kept).collect(), next, page.newest.0)
        })),
        _ => real_lists::read(world, account, state, call),
    }
}

fn change(world: &Model, call: &Context<'_>, draft: &mut Draft<'_>, what: &Call) -> Result<Answer, Refusal> {
    let fingerprint = Fingerprint(what.fingerprint());
    match what {
        Call::Import { nick } => rules::import_account(draft, &profile(*nick)).map(|()| Answer::Done),
        Call::DeleteAccount => rules::delete_account(draft, call.account).map(|()| Answer::Done),
        Call::Create { name, items } => {
            let items: Vec<_> = items.iter().map(|item| readable(*item).map(conversation)).collect();
            let created = rules::create_conversation_group(call, draft, &group_name(*name), &items)?;
            Ok(Answer::Items(Some(created.id.0), kinds(&created.results)))
        }
        Call::Update { name, items } => {
            let items: Vec<_> = items.iter().map(member_change).collect();
            let (id, results) = rules::update_members(call, draft, &group_name(*name), &items)?;
            Ok(Answer::Items(Some(id.0), kinds(&results)))
        }
        Call::Rename { old, new, .. } => {
            let (old, new) = (group_name(*old), group_name(*new));
            rules::rename_conversation_group(call, draft, fingerprint, &old, &new).map(|id| Answer::Group(id.0))
        }
        Call::DeleteGroup { name, .. } => {
            rules::delete_conversation_group(call, draft, fingerprint, &group_name(*name)).map(|id| Answer::Group(id.0))
        }
        Call::Mark { items } => {
            let items: Vec<_> = items.iter().map(mark_change).collect();
            rules::mark(call, draft, &items).map(|results| Answer::Items(None, kinds(&results)))
        }
        Call::Pin { pin, peers } => {
            let peers: Vec<_> = peers.iter().map(|peer| conversation(*peer)).collect();
            let operation = if *pin { PinOperation::Pin } else { PinOperation::Unpin };
            rules::pin(call, draft, operation, &peers).map(|()| Answer::Done)
        }
        _ => real_lists::change(world, call, draft, what),
    }
}

pub(crate) fn profile(nick: usize) -> Profile {
    Profile { nick: "n".repeat(nick), face_url: String::new() }
}

pub(crate) fn group_name(name: usize) -> GroupName {
    GroupName::stored(NAMES[name])
}

fn readable(item: Item) -> Result<usize, Refusal> {
    item.ok_or_else(|| Refusal::Malformed("it cannot be read".into()))
}

fn member_change((add, item): &(bool, Item)) -> Result<MemberChange, Refusal> {
    let operation = if *add { MemberOperation::Add } else { MemberOperation::Remove };
    Ok(MemberChange { operation, conversation: conversation(readable(*item)?) })
}

fn mark_change(item: &MarkItem) -> Result<MarkChange, Refusal> {
    let standard = |(clear, set)| StandardChange { clear: StandardMarks(clear), set: StandardMarks(set) };
    Ok(MarkChange {
        conversation: conversation(readable(item.peer)?),
        standard: item.standard.map(standard),
        custom: item.custom.map(|custom| CustomMark::stored(CUSTOM[custom])),
    })
}

pub(crate) fn peer(who: &Conversation) -> usize {
    (0..PEERS.len()).find(|peer| conversation(*peer) == *who).expect("one of the peers")
}

fn kept((who, record): (&Conversation, &Record)) -> Kept {
    let arrangement = &record.arrangement;
    Kept {
        peer: peer(who),
        bits: arrangement.standard.0,
        custom: arrangement.custom.as_ref().map_or("", |custom| custom.as_str()).to_owned(),
        groups: arrangement.conversation_groups.iter().map(|id| id.0).collect(),
        change: record.change.0,
        time: record.changed_at.0,
    }
}

/// A state as the model would keep it. Counters are not part of it: the model counts.
pub(crate) fn account(state: &AccountState) -> Account {
    let mut all: Vec<_> = state.records.iter().map(kept).collect();
    all.sort_by_key(|kept| kept.change);
    let pins = state.ordered_pins().into_iter().map(|(who, pin)| (peer(who), pin.change.0, pin.pinned_at.0));
    let groups = state.ordered_conversation_groups().into_iter();
    let repeat = state.head.repeat.as_ref().map(|repeat| {
        let (pinfold_core::RepeatedAnswer::Renamed(id) | pinfold_core::RepeatedAnswer::Deleted(id)) = repeat.answer;
        (repeat.fingerprint.0, id.0)
    });
    Account {
        imported: state.head.imported,
        nick: state.profile.nick.len(),
        groups: groups.map(|(id, group)| real_lists::group(id, &group.name, group.data.as_ref())).collect(),
        last_group: state.head.last_conversation_group_id,
        kept: all,
        pins: pins.collect(),
        last_change: state.head.last_change.0,
        newest: state.head.newest.0,
        repeat,
        revision: state.head.revision,
        newest_ms: state.head.newest_ms,
    }
}

fn kinds(results: &[Result<(), Refusal>]) -> Vec<Result<(), Kind>> {
    results.iter().map(|result| result.as_ref().copied().map_err(kind)).collect()
}

pub(crate) fn kind(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::AccountNotImported(_) => "account not imported",
        Refusal::PeerNotImported(_) => "peer not imported",
        Refusal::ChatGroupUnknown(_) => "chat group unknown",
        Refusal::Malformed(_) | Refusal::ListLength { .. } => "malformed",
        Refusal::ConversationsPerCall { .. } => "conversations per call",
        Refusal::ConversationsFull { counted: Counted::Grouped, .. } => "grouped full",
        Refusal::ConversationsFull { counted: Counted::Marked, .. } => "marked full",
        Refusal::ConversationGroupUnknown(_) => "group unknown",
        Refusal::ConversationGroupsFull { .. } => "groups full",
        Refusal::NameTaken(_) => "name taken",
        Refusal::PinsFull { .. } => "pins full",
        Refusal::NotPinned(_) => "not pinned",
        Refusal::EditionLacks => "edition",
        Refusal::AccountUnknown(_) => "account unknown",
        other => panic!("no call here can be refused with {other:?}"),
    }
}
