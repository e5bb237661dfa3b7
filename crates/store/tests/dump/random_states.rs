//! Random states, made of random edits as rules would make them.

use std::sync::Arc;

use pinfold_core::{
    AccountId, AccountState, Arrangement, ChatGroupId, Conversation, ConversationGroupId, CustomMark, Draft,
    Fingerprint, GroupData, GroupName, HistoryChange, Origin, PeerStatuses, Profile, Refusal, Repeat, RepeatedAnswer,
    StandardMarks, Timestamp, Via, decide,
};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Edit {
    Arrange(Conversation, u64, String, u8),
    Create(String),
    Rename(u32, String, [u8; 32]),
    Delete(u32, [u8; 32]),
    Pin(Conversation),
    Unpin(Conversation),
    Import(String, String),
    OrderGroups(u32),
    OrderPins(u8),
    SetData(u32, String),
}

pub(crate) fn any_account_id() -> impl Strategy<Value = AccountId> {
    "[\\PC\"\\\\]{1,6}".prop_filter_map("too long", |text| AccountId::parse(&text).ok())
}

pub(crate) fn any_chat_group_id() -> impl Strategy<Value = ChatGroupId> {
    "(@TGS#)?[\\PC\"\\\\]{1,6}".prop_filter_map("too long", |text| ChatGroupId::parse(&text).ok())
}

pub(crate) fn any_conversation() -> impl Strategy<Value = Conversation> {
    // Few peers, so that edits meet.
    prop_oneof![
        "[ab]".prop_map(|text| Conversation::OneToOne(AccountId::parse(&text).unwrap())),
        "[ab]".prop_map(|text| Conversation::ChatGroup(ChatGroupId::parse(&text).unwrap())),
        any_account_id().prop_map(Conversation::OneToOne),
        any_chat_group_id().prop_map(Conversation::ChatGroup),
    ]
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let text = || any::<String>().prop_map(|text| text.chars().take(12).collect::<String>());
    prop_oneof![
        4 => (any_conversation(), any::<u64>(), text(), any::<u8>())
            .prop_map(|(with, bits, custom, groups)| Edit::Arrange(with, bits & (bits >> 7), custom, groups)),
        2 => text().prop_map(Edit::Create),
        1 => (1..6u32, text(), any::<[u8; 32]>()).prop_map(|(id, name, bytes)| Edit::Rename(id, name, bytes)),
        1 => (1..6u32, any::<[u8; 32]>()).prop_map(|(id, bytes)| Edit::Delete(id, bytes)),
        2 => any_conversation().prop_map(Edit::Pin),
        1 => any_conversation().prop_map(Edit::Unpin),
        1 => (text(), text()).prop_map(|(nick, face_url)| Edit::Import(nick, face_url)),
        1 => (1..6u32).prop_map(Edit::OrderGroups),
        1 => any::<u8>().prop_map(Edit::OrderPins),
        1 => (1..6u32, text()).prop_map(|(id, data)| Edit::SetData(id, data)),
    ]
}

/// A state that rules can have made, with the changes that are kept of it.
pub(crate) fn any_history() -> impl Strategy<Value = (AccountState, Vec<HistoryChange>)> {
    vec((any_edit(), 0..3u32, any_origin(), 0..9u8), 0..25).prop_map(|edits| {
        let (mut state, mut now, mut kept) = (AccountState::default(), 1_750_000_000, Vec::new());
        for (edit, later, origin, keeps) in edits {
            now += later;
            let (exists, peers) = (!state.is_empty(), PeerStatuses::default());
            let decided = decide(&state, exists, &peers, Timestamp(now), |draft| run(draft, &edit)).unwrap();
            if let Some(mut changes) = decided.1 {
                changes.record(&state, &origin, keeps > 0, false);
                state.apply(&changes);
                if state.head.history_from == 0 {
                    kept.clear();
                }
                kept.extend(changes.change.map(Arc::unwrap_or_clone));
            }
        }
        (state, kept)
    })
}

fn any_origin() -> impl Strategy<Value = Origin> {
    let caller = proptest::option::of(prop_oneof![Just(AccountId::parse("administrator").unwrap()), any_account_id()]);
    let via = proptest::sample::select(Via::ALL.to_vec());
    (caller, via, prop_oneof![Just("undo".to_owned()), "[a-z_]{0,9}"]).prop_map(|(caller, via, command)| Origin {
        caller,
        via,
        command: command.into(),
    })
}

fn run(draft: &mut Draft<'_>, edit: &Edit) -> Result<(), Refusal> {
    let groups: Vec<_> = draft.conversation_groups().keys().copied().collect();
    let free = |draft: &Draft<'_>, name: &str| {
        !name.is_empty() && draft.conversation_group_named(&GroupName::stored(name)).is_none()
    };
    match edit {
        Edit::Arrange(conversation, bits, custom, mask) => {
            let conversation_groups = groups.into_iter().filter(|id| mask >> (id.0 % 8) & 1 == 1).collect();
            let (standard, custom) = (StandardMarks(*bits), CustomMark::stored(custom));
            draft.arrange(conversation, Arrangement { standard, custom, conversation_groups });
        }
        Edit::Create(name) if free(draft, name) => {
            draft.create_conversation_group(&GroupName::stored(name))?;
        }
        Edit::Rename(id, name, bytes) if free(draft, name) && groups.contains(&ConversationGroupId(*id)) => {
            let id = ConversationGroupId(*id);
            draft.name_conversation_group(id, &GroupName::stored(name));
            draft.may_be_repeated(Repeat { fingerprint: Fingerprint(*bytes), answer: RepeatedAnswer::Renamed(id) });
        }
        Edit::Delete(id, bytes) if groups.contains(&ConversationGroupId(*id)) => {
            let id = ConversationGroupId(*id);
            for conversation in draft.base().records.keys() {
                draft.arrange(conversation, draft.arrangement(conversation).without_conversation_group(id));
            }
            draft.remove_conversation_group(id);
            draft.may_be_repeated(Repeat { fingerprint: Fingerprint(*bytes), answer: RepeatedAnswer::Deleted(id) });
        }
        Edit::OrderGroups(id) if groups.contains(&ConversationGroupId(*id)) => {
            draft.order_conversation_groups([ConversationGroupId(*id)]);
        }
        Edit::OrderPins(nth) => {
            let changes: Vec<_> = draft.pins().values().map(|pin| pin.change).collect();
            let first = changes.get(usize::from(*nth) % changes.len().max(1)).copied();
            draft.order_pins(first);
        }
        Edit::SetData(id, data) => draft.set_group_data(ConversationGroupId(*id), GroupData::stored(data)),
        Edit::Create(_) | Edit::Rename(..) | Edit::Delete(..) | Edit::OrderGroups(_) => {}
        Edit::Pin(conversation) => draft.pin(conversation)?,
        Edit::Unpin(conversation) => draft.unpin(conversation),
        Edit::Import(nick, face_url) => draft.import(Profile { nick: nick.clone(), face_url: face_url.clone() }),
    }
    Ok(())
}
