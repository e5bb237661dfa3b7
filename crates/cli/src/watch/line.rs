//! What is told of an account as a line.

use std::fmt::Write as _;

use pinfold_client::Watched;
use pinfold_wire::pinfold::change::{Change, Event};
use pinfold_wire::recent_contact::ConversationEcho;

use crate::dates::utc;

/// For programs.
pub(super) fn json(told: &Watched) -> serde_json::Result<Option<String>> {
    let (event, cursor, data) = match told {
        Watched::Began(cursor) => ("began", cursor, "{}".to_owned()),
        Watched::Change(cursor, change) => ("change", cursor, serde_json::to_string(change)?),
        Watched::Reset(cursor) => ("reset", cursor, "{}".to_owned()),
        Watched::Waiting(..) => return Ok(None),
    };
    let id = serde_json::to_string(cursor.as_str())?;
    Ok(Some(format!(r#"{{"event":"{event}","id":{id},"data":{data}}}"#)))
}

/// For people.
pub(super) fn text(told: &Watched) -> Option<String> {
    match told {
        Watched::Change(_, change) => Some(of_change(change)),
        Watched::Reset(_) => Some("reset  changes may be missing, or the account was deleted or restored".to_owned()),
        Watched::Began(_) | Watched::Waiting(..) => None,
    }
}

fn of_change(change: &Change) -> String {
    let Change { revision, time, caller, via, command, event } = change;
    let events: Vec<_> = event.iter().map(of_event).collect();
    let caller = if caller.is_empty() { "-" } else { caller };
    format!("{revision}  {}  {}  {via}  {command}  {}", of_time(*time), plain(caller), events.join("; "))
}

/// Unix milliseconds as a date and a time in UTC.
fn of_time(milliseconds: u64) -> String {
    let ((year, month, day), (hour, minute, second)) = utc(milliseconds / 1000);
    let milliseconds = milliseconds % 1000;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

fn of_event(event: &Event) -> String {
    match event {
        Event::GroupCreated { group_id, group_name } => format!("{}: created", group(group_name, *group_id)),
        Event::GroupRenamed { group_id, old_group_name, group_name } => {
            format!("{}: renamed, was {}", group(group_name, *group_id), plain(old_group_name))
        }
        Event::GroupDeleted { group_id, group_name, contact_item, .. } => {
            let members = if contact_item.is_empty() { String::new() } else { format!(", was {}", list(contact_item)) };
            format!("{}: deleted{members}", group(group_name, *group_id))
        }
        Event::GroupDataChanged { group_id, group_name, old_data, data } => {
            format!("{}: data {data:?}, was {old_data:?}", group(group_name, *group_id))
        }
        Event::GroupsOrdered { group_id, .. } => {
            let ids: Vec<_> = group_id.iter().map(u32::to_string).collect();
            format!("groups ordered: {}", ids.join(", "))
        }
        Event::ConversationsAdded { group_id, group_name, contact_item } => {
            format!("{}: + {}", group(group_name, *group_id), list(contact_item))
        }
        Event::ConversationsRemoved { group_id, group_name, contact_item } => {
            format!("{}: - {}", group(group_name, *group_id), list(contact_item))
        }
        Event::MarkChanged { contact_item, old_standard_mark, standard_mark, old_custom_mark, custom_mark } => {
            let mut marks = bits(old_standard_mark, standard_mark);
            if old_custom_mark != custom_mark {
                let _ = write!(marks, " custom mark {custom_mark:?}, was {old_custom_mark:?}");
            }
            format!("{}:{marks}", conversation(contact_item))
        }
        Event::Pinned { contact_item, place, .. } => format!("{}: pinned at place {place}", conversation(contact_item)),
        Event::Unpinned { contact_item, place, .. } => {
            format!("{}: unpinned, was at place {place}", conversation(contact_item))
        }
        Event::PinsOrdered { contact_item, .. } => format!("pins ordered: {}", list(contact_item)),
        Event::ConversationDeleted { contact_item, .. } => {
            format!("{}: deleted from the list", conversation(contact_item))
        }
        Event::ConversationRestored { contact_item, .. } => {
            format!("{}: back in the list", conversation(contact_item))
        }
        Event::AccountImported => "account imported".to_owned(),
        Event::ProfileChanged => "profile changed".to_owned(),
        Event::AccountRestored => "account restored".to_owned(),
        Event::Forgotten => "erased".to_owned(),
        Event::Unknown => "something that this version does not know".to_owned(),
    }
}

fn group(name: &str, id: u32) -> String {
    format!("{} ({id})", plain(name))
}

fn list(conversations: &[ConversationEcho]) -> String {
    conversations.iter().map(conversation).collect::<Vec<_>>().join(", ")
}

fn conversation(echo: &ConversationEcho) -> String {
    plain(echo.to_account.as_ref().or(echo.to_group_id.as_ref()).map_or("", |id| id.as_str()))
}

/// The numbers of the bits that were set and cleared, each with a space before it.
fn bits(old: &str, new: &str) -> String {
    let mut changed = String::new();
    for bit in 0..old.len().max(new.len()) {
        // The text shows the highest bit first.
        let is_set = |mark: &str| mark.as_bytes().iter().rev().nth(bit) == Some(&b'1');
        match (is_set(old), is_set(new)) {
            (false, true) => changed.push_str(&format!(" +{bit}")),
            (true, false) => changed.push_str(&format!(" -{bit}")),
            (true, true) | (false, false) => {}
        }
    }
    changed
}

/// A text without anything that moves the cursor of a terminal or ends the line.
fn plain(text: &str) -> String {
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use pinfold_client::Cursor;

    use super::*;

    fn change(events: &str) -> Watched {
        let json = format!(
            r#"{{"Revision":12,"Time":1750003700123,"Caller":"administrator","Via":"call","Command":"c","Event":{events}}}"#
        );
        Watched::Change(Cursor::from("a\"b".to_owned()), serde_json::from_str(&json).unwrap())
    }

    fn line(events: &str) -> String {
        text(&change(events)).unwrap()
    }

    /// What is told of one event.
    fn told(event: &str) -> String {
        let line = line(&format!("[{event}]"));
        line.strip_prefix("12  2025-06-15 16:08:20.123Z  administrator  call  c  ").unwrap().to_owned()
    }

    const BOB: &str = r#""ContactItem":{"Type":1,"To_Account":"bob"}"#;
    const BOTH: &str = r#""ContactItem":[{"Type":1,"To_Account":"bob"},{"Type":2,"ToGroupId":"@TGS#1"}]"#;
    const WORK: &str = r#""GroupId":1,"GroupName":"Work""#;

    #[test]
    fn a_change_is_a_line_with_all_of_its_events() {
        let events =
            format!(r#"[{{"EventType":"GroupCreated",{WORK}}},{{"EventType":"ConversationsAdded",{WORK},{BOTH}}}]"#);
        assert_eq!(
            line(&events),
            "12  2025-06-15 16:08:20.123Z  administrator  call  c  Work (1): created; Work (1): + bob, @TGS#1"
        );
    }

    #[test]
    fn each_event_of_a_group_says_what_was_and_what_is() {
        for (event, expected) in [
            (format!(r#""GroupRenamed",{WORK},"OldGroupName":"Old""#), "Work (1): renamed, was Old"),
            (format!(r#""GroupDeleted",{WORK},"Data":"","Place":0,{BOTH}"#), "Work (1): deleted, was bob, @TGS#1"),
            (format!(r#""GroupDeleted",{WORK},"Data":"","Place":0,"ContactItem":[]"#), "Work (1): deleted"),
            (format!(r#""GroupDataChanged",{WORK},"OldData":"","Data":"red""#), r#"Work (1): data "red", was """#),
            (r#""GroupsOrdered","OldGroupId":[1,2],"GroupId":[2,1]"#.to_owned(), "groups ordered: 2, 1"),
            (format!(r#""ConversationsRemoved",{WORK},{BOTH}"#), "Work (1): - bob, @TGS#1"),
        ] {
            assert_eq!(told(&format!(r#"{{"EventType":{event}}}"#)), expected);
        }
    }

    #[test]
    fn each_event_of_a_conversation_or_the_account_is_told() {
        for (event, expected) in [
            (format!(r#""Pinned",{BOB},"PinnedAt":1,"Place":2"#), "bob: pinned at place 2"),
            (format!(r#""Unpinned",{BOB},"PinnedAt":1,"Place":2"#), "bob: unpinned, was at place 2"),
            (format!(r#""PinsOrdered","OldContactItem":[],{BOTH}"#), "pins ordered: bob, @TGS#1"),
            (format!(r#""ConversationDeleted",{BOB}"#), "bob: deleted from the list"),
            (format!(r#""ConversationRestored",{BOB},"MsgTime":1"#), "bob: back in the list"),
            (r#""AccountImported""#.to_owned(), "account imported"),
            (r#""ProfileChanged""#.to_owned(), "profile changed"),
            (r#""AccountRestored""#.to_owned(), "account restored"),
            (r#""Forgotten""#.to_owned(), "erased"),
            (r#""OfLater","Field":1"#.to_owned(), "something that this version does not know"),
        ] {
            assert_eq!(told(&format!(r#"{{"EventType":{event}}}"#)), expected);
        }
    }

    #[test]
    fn marks_are_told_by_the_bits_and_the_text_that_changed() {
        let marks = |old: &str, new: &str, old_text: &str, text: &str| {
            told(&format!(
                r#"{{"EventType":"MarkChanged",{BOB},"OldStandardMark":"{old}","StandardMark":"{new}","OldCustomMark":"{old_text}","CustomMark":"{text}"}}"#
            ))
        };
        assert_eq!(marks("101", "10001", "", ""), "bob: -2 +4");
        assert_eq!(marks("", "1", "", "vip"), r#"bob: +0 custom mark "vip", was """#);
        assert_eq!(marks("1", "", "vip", "vip"), "bob: -0");
    }

    #[test]
    fn no_name_can_end_the_line_or_move_the_cursor_of_a_terminal() {
        let told = told("{\"EventType\":\"GroupCreated\",\"GroupId\":1,\"GroupName\":\"a\\n\\u001b[2Jé\"}");
        assert_eq!(told, "a\\n\\u{1b}[2Jé (1): created");
    }

    #[test]
    fn a_change_that_no_account_signed_has_a_dash_for_its_caller() {
        let change = Change { revision: 1, via: "cli".into(), command: "undo".into(), ..Change::default() };
        assert_eq!(of_change(&change), "1  1970-01-01 00:00:00.000Z  -  cli  undo  ");
    }

    #[test]
    fn json_has_the_cursor_and_the_change_as_it_came() {
        let expected = concat!(
            r#"{"event":"change","id":"a\"b","data":{"Revision":12,"Time":1750003700123,"Caller":"administrator","#,
            r#""Via":"call","Command":"c","Event":[{"EventType":"AccountImported"}]}}"#
        );
        assert_eq!(json(&change(r#"[{"EventType":"AccountImported"}]"#)).unwrap().unwrap(), expected);
        let reset = Watched::Reset(Cursor::from("x".to_owned()));
        assert_eq!(json(&reset).unwrap().unwrap(), r#"{"event":"reset","id":"x","data":{}}"#);
    }
}
