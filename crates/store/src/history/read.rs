//! Stored events become those of the core: ids are ids, and numbers fit the protocol's 31 bits. Lengths of names, marks
//! and data are not looked at, since limits may have shrunk.

use pinfold_core::{
    AccountId, ChatGroupId, Conversation, ConversationGroupId, CustomMark, Event, GroupData, GroupName, StandardMarks,
    Timestamp,
};

use super::stored::{StoredConversation, StoredEvent};

/// The largest number that fits the protocol's 31 bits.
const NUMBER_MAX: u32 = i32::MAX.cast_unsigned();

impl StoredEvent<'_> {
    /// The event, or what is wrong with it.
    pub(crate) fn read(self) -> Result<Event, String> {
        Ok(match self {
            Self::GroupCreated { id, name } => Event::GroupCreated { id: group(id)?, name: group_name(&name)? },
            Self::GroupRenamed { id, old_name, name } => {
                Event::GroupRenamed { id: group(id)?, old_name: group_name(&old_name)?, name: group_name(&name)? }
            }
            Self::GroupDeleted { id, name, data, place, members } => Event::GroupDeleted {
                id: group(id)?,
                name: group_name(&name)?,
                data: GroupData::stored(&data),
                place: number(place)?,
                members: conversations(members)?,
            },
            Self::GroupDataChanged { id, name, old_data, data } => Event::GroupDataChanged {
                id: group(id)?,
                name: group_name(&name)?,
                old_data: GroupData::stored(&old_data),
                data: GroupData::stored(&data),
            },
            Self::GroupsOrdered { old, new } => Event::GroupsOrdered { old: groups(old)?, new: groups(new)? },
            Self::ConversationsAdded { id, name, members } => {
                Event::ConversationsAdded { id: group(id)?, name: group_name(&name)?, members: conversations(members)? }
            }
            Self::ConversationsRemoved { id, name, members } => Event::ConversationsRemoved {
                id: group(id)?,
                name: group_name(&name)?,
                members: conversations(members)?,
            },
            Self::MarkChanged { conversation, old_standard, standard, old_custom, custom } => Event::MarkChanged {
                conversation: conversation.read()?,
                old_standard: StandardMarks(old_standard),
                standard: StandardMarks(standard),
                old_custom: CustomMark::stored(&old_custom),
                custom: CustomMark::stored(&custom),
            },
            Self::Pinned { conversation, pinned_at, place } => {
                Event::Pinned { conversation: conversation.read()?, pinned_at: time(pinned_at)?, place: number(place)? }
            }
            Self::Unpinned { conversation, pinned_at, place } => Event::Unpinned {
                conversation: conversation.read()?,
                pinned_at: time(pinned_at)?,
                place: number(place)?,
            },
            Self::PinsOrdered { old, new } => Event::PinsOrdered { old: conversations(old)?, new: conversations(new)? },
            Self::ConversationDeleted { conversation, entry, pinned_at, place } => Event::ConversationDeleted {
                conversation: conversation.read()?,
                entry: (entry > 0).then(|| time(entry)).transpose()?,
                pin: (pinned_at > 0).then(|| Ok::<_, String>((time(pinned_at)?, number(place)?))).transpose()?,
            },
            Self::AccountImported => Event::AccountImported,
            Self::ProfileChanged => Event::ProfileChanged,
            Self::AccountRestored => Event::AccountRestored,
            Self::Forgotten => Event::Forgotten,
            Self::ConversationRestored { conversation, entry } => {
                Event::ConversationRestored { conversation: conversation.read()?, entry: time(entry)? }
            }
        })
    }
}

impl StoredConversation<'_> {
    fn read(self) -> Result<Conversation, String> {
        match self {
            Self::OneToOne(id) => {
                AccountId::parse(&id).map(Conversation::OneToOne).map_err(|problem| format!("one_to_one {problem}"))
            }
            Self::ChatGroup(id) => {
                ChatGroupId::parse(&id).map(Conversation::ChatGroup).map_err(|problem| format!("chat_group {problem}"))
            }
        }
    }
}

fn group_name(name: &str) -> Result<GroupName, String> {
    if name.is_empty() { Err("a conversation group has no name".into()) } else { Ok(GroupName::stored(name)) }
}

fn number(number: u32) -> Result<u32, String> {
    if number <= NUMBER_MAX { Ok(number) } else { Err(format!("{number} does not fit 31 bits")) }
}

fn time(at: u32) -> Result<Timestamp, String> {
    number(at).map(Timestamp)
}

fn group(id: u32) -> Result<ConversationGroupId, String> {
    if id == 0 {
        Err("0 is not the number of a conversation group".into())
    } else {
        number(id).map(ConversationGroupId)
    }
}

fn groups(ids: Vec<u32>) -> Result<Vec<ConversationGroupId>, String> {
    ids.into_iter().map(group).collect()
}

fn conversations(all: Vec<StoredConversation<'_>>) -> Result<Vec<Conversation>, String> {
    all.into_iter().map(StoredConversation::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_a_name_is_no_event() {
        let name = || "".into();
        let event = StoredEvent::GroupDeleted { id: 1, name: name(), data: name(), place: 0, members: Vec::new() };
        assert_eq!(event.read().unwrap_err(), "a conversation group has no name");
        let event = StoredEvent::GroupRenamed { id: 1, old_name: name(), name: "Work".into() };
        assert_eq!(event.read().unwrap_err(), "a conversation group has no name");
    }
}
