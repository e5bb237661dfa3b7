//! Changes of accounts, as answers and streams tell them (docs/protocol.md, section 8).

use pinfold_core::{AccountId, Conversation, ConversationGroupId, CustomMark, Event, GroupData, HistoryChange};
use pinfold_wire::pinfold::change as wire;
use pinfold_wire::recent_contact::ConversationEcho;
use smol_str::SmolStr;

use crate::parse::echo;

/// A change as it is told.
pub(crate) fn change(change: &HistoryChange) -> wire::Change {
    wire::Change {
        revision: change.revision.0,
        time: change.at.0,
        caller: change.caller.as_ref().map_or("", AccountId::as_str).into(),
        via: SmolStr::new_static(change.via.name()),
        command: change.command.clone(),
        event: change.events.iter().map(event).collect(),
    }
}

/// One of its events as it is told.
pub(crate) fn event(event: &Event) -> wire::Event {
    match event {
        Event::GroupCreated { id, name } => {
            wire::Event::GroupCreated { group_id: id.0, group_name: name.as_str().to_owned() }
        }
        Event::GroupRenamed { id, old_name, name } => wire::Event::GroupRenamed {
            group_id: id.0,
            old_group_name: old_name.as_str().to_owned(),
            group_name: name.as_str().to_owned(),
        },
        Event::GroupDeleted { id, name, data, place, members } => wire::Event::GroupDeleted {
            group_id: id.0,
            group_name: name.as_str().to_owned(),
            data: data_text(data.as_ref()),
            place: *place,
            contact_item: echoes(members),
        },
        Event::GroupDataChanged { id, name, old_data, data } => wire::Event::GroupDataChanged {
            group_id: id.0,
            group_name: name.as_str().to_owned(),
            old_data: data_text(old_data.as_ref()),
            data: data_text(data.as_ref()),
        },
        Event::GroupsOrdered { old, new } => {
            wire::Event::GroupsOrdered { old_group_id: numbers(old), group_id: numbers(new) }
        }
        Event::ConversationsAdded { id, name, members } => wire::Event::ConversationsAdded {
            group_id: id.0,
            group_name: name.as_str().to_owned(),
            contact_item: echoes(members),
        },
        Event::ConversationsRemoved { id, name, members } => wire::Event::ConversationsRemoved {
            group_id: id.0,
            group_name: name.as_str().to_owned(),
            contact_item: echoes(members),
        },
        Event::MarkChanged { conversation, old_standard, standard, old_custom, custom } => wire::Event::MarkChanged {
            contact_item: echo(conversation),
            old_standard_mark: old_standard.text(),
            standard_mark: standard.text(),
            old_custom_mark: mark_text(old_custom.as_ref()),
            custom_mark: mark_text(custom.as_ref()),
        },
        Event::Pinned { conversation, pinned_at, place } => {
            wire::Event::Pinned { contact_item: echo(conversation), pinned_at: pinned_at.0, place: *place }
        }
        Event::Unpinned { conversation, pinned_at, place } => {
            wire::Event::Unpinned { contact_item: echo(conversation), pinned_at: pinned_at.0, place: *place }
        }
        Event::PinsOrdered { old, new } => {
            wire::Event::PinsOrdered { old_contact_item: echoes(old), contact_item: echoes(new) }
        }
        Event::ConversationDeleted { conversation, entry, pin } => wire::Event::ConversationDeleted {
            contact_item: echo(conversation),
            msg_time: entry.map(|at| at.0),
            pinned_at: pin.map(|(at, _)| at.0),
            place: pin.map(|(_, place)| place),
        },
        Event::ConversationRestored { conversation, entry } => {
            wire::Event::ConversationRestored { contact_item: echo(conversation), msg_time: entry.0 }
        }
        Event::AccountImported => wire::Event::AccountImported,
        Event::ProfileChanged => wire::Event::ProfileChanged,
        Event::AccountRestored => wire::Event::AccountRestored,
        Event::Forgotten => wire::Event::Forgotten,
    }
}

fn data_text(data: Option<&GroupData>) -> String {
    data.map_or("", GroupData::as_str).to_owned()
}

fn mark_text(mark: Option<&CustomMark>) -> SmolStr {
    mark.map_or("", CustomMark::as_str).into()
}

fn numbers(groups: &[ConversationGroupId]) -> Vec<u32> {
    groups.iter().map(|id| id.0).collect()
}

fn echoes(conversations: &[Conversation]) -> Vec<ConversationEcho> {
    conversations.iter().map(echo).collect()
}
