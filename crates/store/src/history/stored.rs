//! Events as they are stored: postcard on disk and in databases, JSON in dumps.
//!
//! The order of the variants and of their fields is the format. A new event comes last, and none is ever removed or
//! moved. A text that is not there is the empty one, and a time that is not there is 0.

use std::borrow::Cow;

use pinfold_core::{Conversation, ConversationGroupId, CustomMark, Event, GroupData};
use serde::{Deserialize, Serialize};

use super::bits;

/// [`Event`] as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum StoredEvent<'a> {
    GroupCreated {
        id: u32,
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    GroupRenamed {
        id: u32,
        #[serde(borrow)]
        old_name: Cow<'a, str>,
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    GroupDeleted {
        id: u32,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(borrow)]
        data: Cow<'a, str>,
        place: u32,
        #[serde(borrow)]
        members: Vec<StoredConversation<'a>>,
    },
    GroupDataChanged {
        id: u32,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(borrow)]
        old_data: Cow<'a, str>,
        #[serde(borrow)]
        data: Cow<'a, str>,
    },
    GroupsOrdered {
        old: Vec<u32>,
        new: Vec<u32>,
    },
    ConversationsAdded {
        id: u32,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(borrow)]
        members: Vec<StoredConversation<'a>>,
    },
    ConversationsRemoved {
        id: u32,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(borrow)]
        members: Vec<StoredConversation<'a>>,
    },
    MarkChanged {
        #[serde(borrow)]
        conversation: StoredConversation<'a>,
        #[serde(with = "bits")]
        old_standard: u64,
        #[serde(with = "bits")]
        standard: u64,
        #[serde(borrow)]
        old_custom: Cow<'a, str>,
        #[serde(borrow)]
        custom: Cow<'a, str>,
    },
    Pinned {
        #[serde(borrow)]
        conversation: StoredConversation<'a>,
        pinned_at: u32,
        place: u32,
    },
    Unpinned {
        #[serde(borrow)]
        conversation: StoredConversation<'a>,
        pinned_at: u32,
        place: u32,
    },
    PinsOrdered {
        #[serde(borrow)]
        old: Vec<StoredConversation<'a>>,
        #[serde(borrow)]
        new: Vec<StoredConversation<'a>>,
    },
    ConversationDeleted {
        #[serde(borrow)]
        conversation: StoredConversation<'a>,
        entry: u32,
        pinned_at: u32,
        place: u32,
    },
    AccountImported,
    ProfileChanged,
    AccountRestored,
    Forgotten,
    ConversationRestored {
        #[serde(borrow)]
        conversation: StoredConversation<'a>,
        entry: u32,
    },
}

/// [`Conversation`] as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredConversation<'a> {
    OneToOne(#[serde(borrow)] Cow<'a, str>),
    ChatGroup(#[serde(borrow)] Cow<'a, str>),
}

impl<'a> From<&'a Conversation> for StoredConversation<'a> {
    fn from(conversation: &'a Conversation) -> Self {
        match conversation {
            Conversation::OneToOne(account) => Self::OneToOne(account.as_str().into()),
            Conversation::ChatGroup(chat_group) => Self::ChatGroup(chat_group.as_str().into()),
        }
    }
}

impl<'a> From<&'a Event> for StoredEvent<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::GroupCreated { id, name } => Self::GroupCreated { id: id.0, name: name.as_str().into() },
            Event::GroupRenamed { id, old_name, name } => {
                Self::GroupRenamed { id: id.0, old_name: old_name.as_str().into(), name: name.as_str().into() }
            }
            Event::GroupDeleted { id, name, data: kept, place, members } => Self::GroupDeleted {
                id: id.0,
                name: name.as_str().into(),
                data: data(kept.as_ref()),
                place: *place,
                members: conversations(members),
            },
            Event::GroupDataChanged { id, name, old_data, data: new } => Self::GroupDataChanged {
                id: id.0,
                name: name.as_str().into(),
                old_data: data(old_data.as_ref()),
                data: data(new.as_ref()),
            },
            Event::GroupsOrdered { old, new } => Self::GroupsOrdered { old: numbers(old), new: numbers(new) },
            Event::ConversationsAdded { id, name, members } => {
                Self::ConversationsAdded { id: id.0, name: name.as_str().into(), members: conversations(members) }
            }
            Event::ConversationsRemoved { id, name, members } => {
                Self::ConversationsRemoved { id: id.0, name: name.as_str().into(), members: conversations(members) }
            }
            Event::MarkChanged { conversation, old_standard, standard, old_custom, custom } => Self::MarkChanged {
                conversation: conversation.into(),
                old_standard: old_standard.0,
                standard: standard.0,
                old_custom: text(old_custom.as_ref()),
                custom: text(custom.as_ref()),
            },
            Event::Pinned { conversation, pinned_at, place } => {
                Self::Pinned { conversation: conversation.into(), pinned_at: pinned_at.0, place: *place }
            }
            Event::Unpinned { conversation, pinned_at, place } => {
                Self::Unpinned { conversation: conversation.into(), pinned_at: pinned_at.0, place: *place }
            }
            Event::PinsOrdered { old, new } => Self::PinsOrdered { old: conversations(old), new: conversations(new) },
            Event::ConversationDeleted { conversation, entry, pin } => {
                let (pinned_at, place) = pin.map_or((0, 0), |(pinned_at, place)| (pinned_at.0, place));
                let entry = entry.map_or(0, |entry| entry.0);
                Self::ConversationDeleted { conversation: conversation.into(), entry, pinned_at, place }
            }
            Event::AccountImported => Self::AccountImported,
            Event::ProfileChanged => Self::ProfileChanged,
            Event::AccountRestored => Self::AccountRestored,
            Event::Forgotten => Self::Forgotten,
            Event::ConversationRestored { conversation, entry } => {
                Self::ConversationRestored { conversation: conversation.into(), entry: entry.0 }
            }
        }
    }
}

fn numbers(ids: &[ConversationGroupId]) -> Vec<u32> {
    ids.iter().map(|id| id.0).collect()
}

fn conversations(all: &[Conversation]) -> Vec<StoredConversation<'_>> {
    all.iter().map(StoredConversation::from).collect()
}

fn data(data: Option<&GroupData>) -> Cow<'_, str> {
    data.map_or("", GroupData::as_str).into()
}

fn text(mark: Option<&CustomMark>) -> Cow<'_, str> {
    mark.map_or("", CustomMark::as_str).into()
}
