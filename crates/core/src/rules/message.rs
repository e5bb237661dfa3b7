//! Messages: whose they may be, and the time that they leave in the lists of recent conversations.

use std::fmt;

use crate::{
    AccountId, AppPolicy, ChatGroup, ChatGroupId, ChatGroupKind, Conversation, Limits, PeerStatuses, Refusal, Timestamp,
};

/// How far ahead of the clock the time of a message may lie, in seconds.
const AHEAD_SECONDS_MAX: i64 = 60;

/// The time of a message cannot be one. Its `Display` completes a sentence that begins with the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTime {
    given: i64,
    now: Timestamp,
}

impl fmt::Display for BadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, now: Timestamp(now) } = self;
        write!(f, "is {given}; a time in seconds from 1 to {AHEAD_SECONDS_MAX} after now ({now}) is allowed")
    }
}

/// The time that a message leaves: the one given, but none that is ahead of the clock. One that is not given is now.
///
/// # Errors
/// [`BadTime`] for 0, a negative time, and one that lies more than a minute ahead.
pub fn time_of_message(given: Option<i64>, now: Timestamp) -> Result<Timestamp, BadTime> {
    let Some(given) = given else { return Ok(now) };
    if !(1..=i64::from(now.0) + AHEAD_SECONDS_MAX).contains(&given) {
        return Err(BadTime { given, now });
    }
    Ok(u32::try_from(given).map_or(now, |given| now.min(Timestamp(given))))
}

/// Refuses a message that has no receiver, or too many.
///
/// # Errors
/// [`Refusal::ListLength`].
pub fn receivers_per_message(limits: &Limits, given: usize) -> Result<(), Refusal> {
    Refusal::unless_list_fits("To_Account", "accounts", given, limits.receivers_per_message_max)
}

/// Refuses an import of no message, or of too many.
///
/// # Errors
/// [`Refusal::ListLength`].
pub fn messages_per_import(limits: &Limits, given: usize) -> Result<(), Refusal> {
    Refusal::unless_list_fits("MsgList", "messages", given, limits.messages_per_import_max)
}

/// Refuses a sender that the app does not know.
///
/// # Errors
/// [`Refusal::SenderUnknown`].
pub fn sender_is_known(policy: &AppPolicy, statuses: &PeerStatuses, sender: &AccountId) -> Result<(), Refusal> {
    if knows(policy, statuses, sender) { Ok(()) } else { Err(Refusal::SenderUnknown(sender.clone())) }
}

/// The receivers of a message, each once and in their order: those that the app knows, and those that it does not.
///
/// # Errors
/// [`Refusal::ReceiversUnknown`] where it knows none.
pub fn known_receivers<'a>(
    policy: &AppPolicy,
    statuses: &PeerStatuses,
    receivers: &'a [AccountId],
) -> Result<(Vec<&'a AccountId>, Vec<&'a AccountId>), Refusal> {
    let mut seen = std::collections::HashSet::new();
    let receivers = receivers.iter().filter(|receiver| seen.insert(*receiver));
    let (known, unknown): (Vec<_>, Vec<_>) = receivers.partition(|receiver| knows(policy, statuses, receiver));
    match (known.is_empty(), unknown.first()) {
        (true, Some(first)) => Err(Refusal::ReceiversUnknown((*first).clone())),
        _ => Ok((known, unknown)),
    }
}

/// Refuses a message in a chat group that the app does not know.
///
/// # Errors
/// [`Refusal::ChatGroupUnknown`].
pub fn takes_messages(policy: &AppPolicy, id: &ChatGroupId, registered: Option<&ChatGroup>) -> Result<(), Refusal> {
    let conversation = Conversation::ChatGroup(id.clone());
    let status = crate::PeerStatus::of_chat_group(registered);
    PeerStatuses::from_iter([(conversation.clone(), status)]).check(policy, &conversation)
}

/// Refuses to import messages into a chat group that the app does not know, or that has no history.
///
/// # Errors
/// [`Refusal::ChatGroupUnknown`], [`Refusal::ChatGroupHasNoHistory`].
pub fn takes_imports(policy: &AppPolicy, id: &ChatGroupId, registered: Option<&ChatGroup>) -> Result<(), Refusal> {
    takes_messages(policy, id, registered)?;
    match registered {
        Some(ChatGroup { kind: ChatGroupKind::AvChatRoom, .. }) => Err(Refusal::ChatGroupHasNoHistory(id.clone())),
        Some(_) | None => Ok(()),
    }
}

fn knows(policy: &AppPolicy, statuses: &PeerStatuses, account: &AccountId) -> bool {
    statuses.check(policy, &Conversation::OneToOne(account.clone())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PeerStatus, Registration};

    const NOW: Timestamp = Timestamp(1_750_000_000);

    fn time(given: i64) -> Option<u32> {
        time_of_message(Some(given), NOW).ok().map(|at| at.0)
    }

    fn id(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn statuses(imported: &[&str]) -> PeerStatuses {
        imported.iter().map(|text| (Conversation::OneToOne(id(text)), PeerStatus::Registered)).collect()
    }

    #[test]
    fn the_time_of_a_message_is_from_1_to_a_minute_ahead_and_never_later_than_now() {
        let now = i64::from(NOW.0);
        assert_eq!([1, now - 1, now].map(time), [Some(1), Some(NOW.0 - 1), Some(NOW.0)]);
        assert_eq!([now + 1, now + 60].map(time), [Some(NOW.0); 2]);
        assert_eq!([0, -1, now + 61, now + 86_400, now * 1000, i64::MAX, i64::MIN].map(time), [None; 7]);
        assert_eq!(time_of_message(None, NOW), Ok(NOW));
    }

    #[test]
    fn a_bad_time_says_what_is_allowed() {
        let bad = time_of_message(Some(-1), NOW).unwrap_err().to_string();
        assert_eq!(bad, "is -1; a time in seconds from 1 to 60 after now (1750000000) is allowed");
    }

    #[test]
    fn a_message_has_1_to_500_receivers_and_an_import_1_to_7_messages() {
        let limits = Limits::default();
        for (given, fits) in [(0, false), (1, true), (500, true), (501, false)] {
            assert_eq!(receivers_per_message(&limits, given).is_ok(), fits, "{given}");
        }
        for (given, fits) in [(0, false), (1, true), (7, true), (8, false)] {
            assert_eq!(messages_per_import(&limits, given).is_ok(), fits, "{given}");
        }
    }

    #[test]
    fn receivers_are_told_apart_each_once_and_must_not_all_be_unknown() {
        let (policy, statuses) = (AppPolicy::default(), statuses(&["amy", "bob"]));
        let receivers = ["zoe", "bob", "amy", "zoe", "bob"].map(id);
        let (known, unknown) = known_receivers(&policy, &statuses, &receivers).unwrap();
        assert_eq!((known, unknown), (vec![&id("bob"), &id("amy")], vec![&id("zoe")]));
        let none = known_receivers(&policy, &statuses, &receivers[..1]);
        assert_eq!(none, Err(Refusal::ReceiversUnknown(id("zoe"))));
    }

    #[test]
    fn a_sender_is_known_if_imported_an_administrator_or_where_any_id_is_accepted() {
        let mut policy = AppPolicy { administrators: [id("admin")].into(), ..AppPolicy::default() };
        let statuses = statuses(&["amy"]);
        assert!(sender_is_known(&policy, &statuses, &id("amy")).is_ok());
        assert!(sender_is_known(&policy, &statuses, &id("admin")).is_ok());
        assert_eq!(sender_is_known(&policy, &statuses, &id("zoe")), Err(Refusal::SenderUnknown(id("zoe"))));
        policy.accounts = Registration::Any;
        assert!(sender_is_known(&policy, &statuses, &id("zoe")).is_ok());
    }

    #[test]
    fn an_audio_video_room_takes_messages_and_no_import_and_a_destroyed_chat_group_neither() {
        let (policy, group) = (AppPolicy::default(), ChatGroupId::parse("g").unwrap());
        let kind = ChatGroupKind::AvChatRoom;
        let room = ChatGroup { kind, name: String::new(), owner: None, created_at: NOW, destroyed: false };
        assert!(takes_messages(&policy, &group, Some(&room)).is_ok());
        let refused = takes_imports(&policy, &group, Some(&room));
        assert_eq!(refused, Err(Refusal::ChatGroupHasNoHistory(group.clone())));
        assert!(takes_imports(&policy, &group, None).is_ok());
        let destroyed = ChatGroup { destroyed: true, ..room };
        assert_eq!(takes_messages(&policy, &group, Some(&destroyed)), Err(Refusal::ChatGroupUnknown(group.clone())));
        assert_eq!(takes_imports(&policy, &group, Some(&destroyed)), Err(Refusal::ChatGroupUnknown(group)));
    }
}
