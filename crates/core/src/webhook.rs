//! What an app's backend is told of a change: one request for each webhook command, with the events that belong to it
//! (docs/protocol.md, section 8).

use std::collections::BTreeMap;

use crate::{ConversationGroupId, Event};

/// What a webhook request tells. The order of the variants is the order in which those of one change are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookCommand {
    /// Conversation groups were created, or came back, with their conversations.
    ContactGroupCreate,
    /// Conversation groups got another name, other data, other conversations or another order.
    ContactGroupUpdate,
    /// Conversation groups were deleted.
    ContactGroupDelete,
    /// Marks of conversations changed.
    ContactMark,
    /// Conversations were pinned or unpinned, or the pins were put into another order.
    ContactTop,
    /// Conversations left the list of recent conversations, or came back to it.
    ContactDelete,
}

impl WebhookCommand {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::ContactGroupCreate,
        Self::ContactGroupUpdate,
        Self::ContactGroupDelete,
        Self::ContactMark,
        Self::ContactTop,
        Self::ContactDelete,
    ];

    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ContactGroupCreate => "ContactGroupCreate",
            Self::ContactGroupUpdate => "ContactGroupUpdate",
            Self::ContactGroupDelete => "ContactGroupDelete",
            Self::ContactMark => "ContactMark",
            Self::ContactTop => "ContactTop",
            Self::ContactDelete => "ContactDelete",
        }
    }

    /// The events of one change by the command that tells them, each in the order of the change. Those of the account
    /// itself belong to no command.
    pub fn split(events: &[Event]) -> BTreeMap<Self, Vec<&Event>> {
        let mut requests = BTreeMap::<_, Vec<_>>::new();
        for event in events {
            if let Some(command) = Self::of(event, events) {
                requests.entry(command).or_default().push(event);
            }
        }
        requests
    }

    /// The command that tells an event of a change; `events` are all of that change.
    fn of(event: &Event, events: &[Event]) -> Option<Self> {
        match event {
            Event::GroupCreated { .. } => Some(Self::ContactGroupCreate),
            Event::ConversationsAdded { id, .. } if creates(events, *id) => Some(Self::ContactGroupCreate),
            Event::GroupRenamed { .. }
            | Event::GroupDataChanged { .. }
            | Event::GroupsOrdered { .. }
            | Event::ConversationsAdded { .. }
            | Event::ConversationsRemoved { .. } => Some(Self::ContactGroupUpdate),
            Event::GroupDeleted { .. } => Some(Self::ContactGroupDelete),
            Event::MarkChanged { .. } => Some(Self::ContactMark),
            Event::Pinned { .. } | Event::Unpinned { .. } | Event::PinsOrdered { .. } => Some(Self::ContactTop),
            Event::ConversationDeleted { .. } | Event::ConversationRestored { .. } => Some(Self::ContactDelete),
            Event::AccountImported | Event::ProfileChanged | Event::AccountRestored | Event::Forgotten => None,
        }
    }
}

/// Whether one of these events creates this group.
fn creates(events: &[Event], group: ConversationGroupId) -> bool {
    events.iter().any(|event| matches!(event, Event::GroupCreated { id, .. } if *id == group))
}

/// A set of webhook commands; empty where an app has no webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookCommands(u8);

impl WebhookCommands {
    /// No command.
    pub const NONE: Self = Self(0);
    /// Every command.
    pub const ALL: Self = Self((1 << WebhookCommand::ALL.len()) - 1);

    /// Whether this command is one of them.
    pub fn contains(self, command: WebhookCommand) -> bool {
        self.0 & Self::bit(command) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether a command of this set tells one of these events, which are all of a change. Allocates nothing.
    pub fn tell_any(self, events: &[Event]) -> bool {
        let mut told = events.iter().filter_map(|event| WebhookCommand::of(event, events));
        !self.is_empty() && told.any(|command| self.contains(command))
    }

    fn bit(command: WebhookCommand) -> u8 {
        1 << command as u8
    }
}

impl FromIterator<WebhookCommand> for WebhookCommands {
    fn from_iter<I: IntoIterator<Item = WebhookCommand>>(commands: I) -> Self {
        Self(commands.into_iter().fold(0, |bits, command| bits | Self::bit(command)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Conversation, GroupData, GroupName, StandardMarks, Timestamp};

    const WORK: ConversationGroupId = ConversationGroupId(1);
    const HOME: ConversationGroupId = ConversationGroupId(2);

    fn bob() -> Conversation {
        Conversation::OneToOne(AccountId::parse("bob").unwrap())
    }

    fn created(id: ConversationGroupId) -> Event {
        Event::GroupCreated { id, name: GroupName::stored("g") }
    }

    fn data(id: ConversationGroupId) -> Event {
        Event::GroupDataChanged { id, name: GroupName::stored("g"), old_data: None, data: GroupData::stored("red") }
    }

    fn added(id: ConversationGroupId) -> Event {
        Event::ConversationsAdded { id, name: GroupName::stored("g"), members: vec![bob()] }
    }

    fn removed(id: ConversationGroupId) -> Event {
        Event::ConversationsRemoved { id, name: GroupName::stored("g"), members: vec![bob()] }
    }

    fn pinned() -> Event {
        Event::Pinned { conversation: bob(), pinned_at: Timestamp(1), place: 0 }
    }

    fn restored() -> Event {
        Event::ConversationRestored { conversation: bob(), entry: Timestamp(1) }
    }

    fn marked() -> Event {
        Event::MarkChanged {
            conversation: bob(),
            old_standard: StandardMarks(0),
            standard: StandardMarks(1),
            old_custom: None,
            custom: None,
        }
    }

    /// The requests of a change, with the events as their places in it.
    fn split(events: &[Event]) -> Vec<(WebhookCommand, Vec<usize>)> {
        let place = |event: &&Event| events.iter().position(|other| std::ptr::eq(other, *event)).unwrap();
        let requests = WebhookCommand::split(events).into_iter();
        requests.map(|(command, events)| (command, events.iter().map(place).collect())).collect()
    }

    #[test]
    fn a_group_is_told_as_created_with_the_conversations_that_the_same_change_put_in() {
        assert_eq!(split(&[created(WORK), added(WORK)]), [(WebhookCommand::ContactGroupCreate, vec![0, 1])]);
    }

    #[test]
    fn data_order_and_other_groups_conversations_are_told_as_an_update_after_the_creation() {
        let ordered = Event::GroupsOrdered { old: vec![HOME], new: vec![WORK, HOME] };
        let events = [created(WORK), data(WORK), ordered, added(WORK), added(HOME), removed(HOME)];
        let update = (WebhookCommand::ContactGroupUpdate, vec![1, 2, 4, 5]);
        assert_eq!(split(&events), [(WebhookCommand::ContactGroupCreate, vec![0, 3]), update]);
    }

    #[test]
    fn a_change_is_told_by_its_commands_in_their_order_whatever_the_order_of_its_events() {
        let renamed = Event::GroupRenamed { id: HOME, old_name: GroupName::stored("h"), name: GroupName::stored("g") };
        let (place, members) = (0, Vec::new());
        let deleted = Event::GroupDeleted { id: HOME, name: GroupName::stored("g"), data: None, place, members };
        let commands = split(&[restored(), pinned(), marked(), deleted, renamed, created(WORK)]);
        assert_eq!(
            commands,
            WebhookCommand::ALL.into_iter().zip([5, 4, 3, 2, 1, 0].map(|at| vec![at])).collect::<Vec<_>>()
        );
    }

    #[test]
    fn events_of_one_command_stay_together_in_the_order_of_the_change() {
        let unpinned = Event::Unpinned { conversation: bob(), pinned_at: Timestamp(1), place: 0 };
        let ordered = Event::PinsOrdered { old: vec![bob()], new: vec![bob()] };
        let gone = Event::ConversationDeleted { conversation: bob(), entry: None, pin: None };
        let told = split(&[unpinned, gone, pinned(), ordered, restored()]);
        assert_eq!(told, [(WebhookCommand::ContactTop, vec![0, 2, 3]), (WebhookCommand::ContactDelete, vec![1, 4])]);
    }

    #[test]
    fn what_happens_to_the_account_itself_is_told_by_no_command() {
        let events = [Event::AccountImported, Event::ProfileChanged, Event::AccountRestored, Event::Forgotten];
        assert_eq!(split(&events), []);
    }

    #[test]
    fn the_order_of_sending_is_that_of_the_list() {
        assert!(WebhookCommand::ALL.is_sorted());
        assert!(WebhookCommand::ALL.iter().enumerate().all(|(place, command)| *command as usize == place));
    }

    #[test]
    fn a_set_holds_the_commands_that_it_was_made_of_and_no_others() {
        let two = WebhookCommands::from_iter([WebhookCommand::ContactMark, WebhookCommand::ContactTop]);
        let held = WebhookCommand::ALL.map(|command| two.contains(command));
        assert_eq!(held, [false, false, false, true, true, false]);
        assert_eq!(WebhookCommands::from_iter(WebhookCommand::ALL), WebhookCommands::ALL);
        assert_eq!(WebhookCommands::from_iter([]), WebhookCommands::NONE);
        assert!(WebhookCommands::NONE.is_empty() && !WebhookCommands::ALL.is_empty());
    }

    #[test]
    fn a_change_is_told_by_a_set_that_holds_one_of_its_commands() {
        let events = [Event::ProfileChanged, created(WORK), added(WORK), marked()];
        for command in WebhookCommand::ALL {
            let is_one = WebhookCommand::split(&events).contains_key(&command);
            assert_eq!(WebhookCommands::from_iter([command]).tell_any(&events), is_one, "{command:?}");
        }
        assert!(WebhookCommands::ALL.tell_any(&events) && !WebhookCommands::NONE.tell_any(&events));
        assert!(!WebhookCommands::ALL.tell_any(&[Event::AccountImported]));
    }
}
