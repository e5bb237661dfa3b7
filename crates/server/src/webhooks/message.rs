//! Messages: what is sent of a change, the same at every attempt.

use bytes::Bytes;
use pinfold_core::{AccountId, AppId, Event, HistoryChange, TimeMs, Via, WebhookCommand, WebhookCommands};
use pinfold_wire::webhook::{Body, COMMAND_PREFIX, MessageId};
use smol_str::{SmolStr, format_smolstr};

use crate::changes;

/// One request to an app's backend, without what differs from attempt to attempt: its time and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// What it tells.
    pub(crate) command: WebhookCommand,
    /// `webhook-id`.
    pub(crate) id: String,
    /// JSON.
    pub(crate) body: Bytes,
}

impl Message {
    /// The messages of a change in the order in which they are sent: one for each command that it has events of and that
    /// is wanted. `life` is that of the account.
    pub(crate) fn of_change(
        app: AppId,
        account: &AccountId,
        life: u64,
        change: &HistoryChange,
        wanted: WebhookCommands,
    ) -> Vec<Self> {
        let requests = WebhookCommand::split(&change.events).into_iter();
        let requests = requests.filter(|(command, _)| wanted.contains(*command));
        requests
            .map(|(command, events)| Self::new(app, life, command, &body(account, change, command, &events)))
            .collect()
    }

    /// A message for trying out: a command that every receiver knows, with nothing to apply. Its id is never repeated.
    pub(crate) fn test(app: AppId, command: WebhookCommand, now: TimeMs) -> Self {
        let body = Body {
            callback_command: callback_command(command),
            event_time: now.0,
            via: SmolStr::new_static(Via::Cli.name()),
            ..Body::default()
        };
        Self::new(app, rand::random(), command, &body)
    }

    fn new(app: AppId, life: u64, command: WebhookCommand, body: &Body) -> Self {
        let (account, revision) = (&*body.from_account, body.revision);
        let id = MessageId { app: app.0, account, life, revision, command: command.name() }.to_string();
        let body = serde_json::to_vec(body).expect("the body is a struct with named fields").into();
        Self { command, id, body }
    }
}

fn body(account: &AccountId, change: &HistoryChange, command: WebhookCommand, events: &[&Event]) -> Body {
    Body {
        callback_command: callback_command(command),
        from_account: account.as_str().into(),
        event_time: change.at.0,
        revision: change.revision.0,
        caller: change.caller.as_ref().map_or("", AccountId::as_str).into(),
        via: SmolStr::new_static(change.via.name()),
        event: events.iter().map(|event| changes::event(event)).collect(),
    }
}

fn callback_command(command: WebhookCommand) -> SmolStr {
    format_smolstr!("{COMMAND_PREFIX}{}", command.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinfold_core::{Conversation, ConversationGroupId, GroupName, Revision, Timestamp};

    fn bob() -> Conversation {
        Conversation::OneToOne(AccountId::parse("bob").unwrap())
    }

    /// A group that was created with a member, and a pin.
    fn change() -> HistoryChange {
        let (id, name) = (ConversationGroupId(1), GroupName::stored("Work"));
        let added = Event::ConversationsAdded { id, name: name.clone(), members: vec![bob()] };
        let pinned = Event::Pinned { conversation: bob(), pinned_at: Timestamp(1_750_000_000), place: 0 };
        HistoryChange {
            revision: Revision(12),
            at: TimeMs(1_750_000_000_123),
            caller: AccountId::parse("administrator").ok(),
            via: Via::Call,
            command: "create_contact_group".into(),
            events: vec![Event::GroupCreated { id, name }, added, pinned],
        }
    }

    fn messages(wanted: &[WebhookCommand]) -> Vec<Message> {
        let alice = AccountId::parse("alice").unwrap();
        Message::of_change(AppId(7), &alice, 1, &change(), wanted.iter().copied().collect())
    }

    #[test]
    fn a_change_is_one_message_for_each_command_with_the_events_of_that_command() {
        let [created, pinned] = messages(&WebhookCommand::ALL).try_into().unwrap();
        assert_eq!(created.id, "7-alice-0000000000000001-12-ContactGroupCreate");
        let sample = r#"{"CallbackCommand":"RecentContact.CallbackAfterContactGroupCreate","From_Account":"alice","EventTime":1750000000123,"Revision":12,"Caller":"administrator","Via":"call","Event":[{"EventType":"GroupCreated","GroupId":1,"GroupName":"Work"},{"EventType":"ConversationsAdded","GroupId":1,"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#;
        assert_eq!(created.body, sample);
        assert_eq!(pinned.id, "7-alice-0000000000000001-12-ContactTop");
        let sample = r#"{"CallbackCommand":"RecentContact.CallbackAfterContactTop","From_Account":"alice","EventTime":1750000000123,"Revision":12,"Caller":"administrator","Via":"call","Event":[{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}]}"#;
        assert_eq!(pinned.body, sample);
    }

    #[test]
    fn commands_that_are_not_wanted_give_no_message() {
        let commands =
            |wanted: &[WebhookCommand]| messages(wanted).iter().map(|message| message.command).collect::<Vec<_>>();
        assert_eq!(commands(&[WebhookCommand::ContactTop]), [WebhookCommand::ContactTop]);
        assert_eq!(commands(&[WebhookCommand::ContactMark]), []);
    }

    #[test]
    fn a_test_message_has_nothing_to_apply_and_an_id_of_its_own() {
        let test = || Message::test(AppId(7), WebhookCommand::ContactMark, TimeMs(1_750_000_000_123));
        let sample = r#"{"CallbackCommand":"RecentContact.CallbackAfterContactMark","From_Account":"","EventTime":1750000000123,"Revision":0,"Caller":"","Via":"cli","Event":[]}"#;
        assert_eq!(test().body, sample);
        let id = test().id;
        assert!(id.starts_with("7--") && id.ends_with("-0-ContactMark") && id != test().id, "{id}");
    }
}
