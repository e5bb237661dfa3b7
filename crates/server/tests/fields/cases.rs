//! The fields of every command, and the bad values for each.

use serde_json::{Value, json};

use crate::compat::valid_body;

/// A body that is answered with success, and its fields.
pub(crate) struct Case {
    pub(crate) command: &'static str,
    /// Another one than [`valid_body`].
    other_body: Option<&'static str>,
    pub(crate) fields: &'static [Field],
}

impl Case {
    pub(crate) fn body(&self) -> &'static str {
        let name = self.command.rsplit('/').next().unwrap_or_default();
        self.other_body.unwrap_or_else(|| valid_body(name))
    }
}

/// A field of a body.
pub(crate) struct Field {
    /// Its place as a JSON pointer.
    pointer: &'static str,
    shape: Shape,
    is_required: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// An account id; `true` if the account must be known.
    Account(bool),
    ChatGroup,
    /// The name of a conversation group: a new one, or one that must exist.
    NewName,
    OldName,
    /// A text of so many bytes; 0 for a text that is one of a few words.
    Text(usize),
    /// Any text.
    AnyText,
    /// Texts, of which one may stand alone.
    Words,
    /// One of a few numbers, of which this one is good.
    Choice(i64),
    /// A number with a smallest and, perhaps, a largest one.
    Number(i64, Option<i64>),
    /// Any number.
    Integer,
    /// Anything at all: it is not looked at.
    Anything,
    Object,
    Objects,
    /// Accounts, for which plain ids may stand.
    Accounts,
    Names,
    /// Names of conversation groups that must exist, or none.
    OldNames,
    ChatGroups,
    /// Bits; `true` where there must be one.
    Bits(bool),
    Flag,
}

use Shape::{
    Account, Accounts, AnyText, Anything, Bits, ChatGroup, ChatGroups, Choice, Flag, Integer, Names, NewName, Number,
    Object, Objects, OldName, OldNames, Text, Words,
};

const fn needs(pointer: &'static str, shape: Shape) -> Field {
    Field { pointer, shape, is_required: true }
}

const fn takes(pointer: &'static str, shape: Shape) -> Field {
    Field { pointer, shape, is_required: false }
}

const FROM: Field = needs("/From_Account", Account(true));
const BITS_32: Shape = Number(0, Some(u32::MAX as i64));
/// The times of messages at the first second of a test's clock.
const TIME: Shape = Number(1, Some(1_750_000_060));

pub(crate) const CASES: [Case; 32] = [
    Case {
        command: "recentcontact/create_contact_group",
        other_body: None,
        fields: &[
            FROM,
            needs("/GroupContactItem", Objects),
            needs("/GroupContactItem/0/GroupName", NewName),
            takes("/GroupContactItem/0/ContactItem", Objects),
            takes("/GroupContactItem/0/ContactItem/0/Type", Choice(1)),
            needs("/GroupContactItem/0/ContactItem/0/To_Account", Account(true)),
        ],
    },
    Case {
        command: "recentcontact/update_contact_group",
        other_body: None,
        fields: &[
            FROM,
            takes("/UpdateType", Choice(1)),
            needs("/UpdateGroup", Object),
            needs("/UpdateGroup/UpdateGroupType", Choice(2)),
            needs("/UpdateGroup/OldGroupName", OldName),
            needs("/UpdateGroup/ContactUpdateItem", Objects),
            needs("/UpdateGroup/ContactUpdateItem/0/ContactOptType", Choice(1)),
            needs("/UpdateGroup/ContactUpdateItem/0/ContactItem", Object),
            takes("/UpdateGroup/ContactUpdateItem/0/ContactItem/Type", Choice(1)),
            needs("/UpdateGroup/ContactUpdateItem/0/ContactItem/To_Account", Account(true)),
        ],
    },
    Case {
        command: "recentcontact/update_contact_group",
        other_body: Some(
            r#"{"From_Account":"alice","UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"Work","NewGroupName":"Office"}}"#,
        ),
        fields: &[needs("/UpdateGroup/OldGroupName", OldName), needs("/UpdateGroup/NewGroupName", NewName)],
    },
    Case {
        command: "recentcontact/del_contact_group",
        other_body: None,
        fields: &[FROM, needs("/GroupName", Names), needs("/GroupName/0", OldName)],
    },
    Case {
        command: "recentcontact/mark_contact",
        other_body: None,
        fields: &[
            FROM,
            needs("/MarkItem", Objects),
            needs("/MarkItem/0/OptType", Choice(3)),
            needs("/MarkItem/0/ContactItem", Object),
            takes("/MarkItem/0/ContactItem/Type", Choice(1)),
            needs("/MarkItem/0/ContactItem/To_Account", Account(true)),
            takes("/MarkItem/0/ClearMark", Bits(false)),
            takes("/MarkItem/0/SetMark", Bits(false)),
            takes("/MarkItem/0/CustomMark", Text(256)),
        ],
    },
    Case {
        command: "recentcontact/mark_contact",
        other_body: Some(
            r#"{"From_Account":"alice","MarkItem":[{"OptType":2,"ContactItem":{"Type":2,"ToGroupId":"room"},"CustomMark":"a"}]}"#,
        ),
        fields: &[needs("/MarkItem/0/ContactItem/ToGroupId", ChatGroup), needs("/MarkItem/0/CustomMark", Text(256))],
    },
    Case {
        command: "recentcontact/search_contact_group",
        other_body: None,
        fields: &[
            FROM,
            needs("/ContactItem", Objects),
            takes("/ContactItem/0/Type", Choice(1)),
            needs("/ContactItem/0/To_Account", Account(false)),
        ],
    },
    Case {
        command: "recentcontact/get_contact_group",
        other_body: None,
        fields: &[FROM, takes("/StartIndex", Number(0, None))],
    },
    Case {
        command: "recentcontact/top",
        other_body: None,
        fields: &[
            FROM,
            needs("/OperationType", Choice(1)),
            needs("/RecentContactItem", Objects),
            takes("/RecentContactItem/0/Type", Choice(1)),
            needs("/RecentContactItem/0/To_Account", Account(true)),
        ],
    },
    Case {
        command: "recentcontact/get_list",
        other_body: None,
        fields: &[
            FROM,
            takes("/TimeStamp", Anything),
            takes("/StartIndex", Anything),
            takes("/TopTimeStamp", Anything),
            takes("/TopStartIndex", Anything),
            takes("/AssistFlags", Integer),
        ],
    },
    Case {
        command: "recentcontact/delete",
        other_body: None,
        fields: &[
            FROM,
            takes("/Type", Choice(1)),
            needs("/To_Account", Account(false)),
            takes("/ClearRamble", Anything),
        ],
    },
    Case {
        command: "recentcontact/delete",
        other_body: Some(r#"{"From_Account":"alice","Type":2,"ToGroupid":"room"}"#),
        fields: &[needs("/ToGroupid", ChatGroup)],
    },
    Case {
        command: "im_open_login_svc/account_import",
        other_body: None,
        fields: &[needs("/UserID", Account(false)), takes("/Nick", Text(500)), takes("/FaceUrl", Text(500))],
    },
    Case {
        command: "im_open_login_svc/multiaccount_import",
        other_body: None,
        fields: &[
            needs("/AccountList", Accounts),
            needs("/AccountList/0/UserID", Account(false)),
            takes("/AccountList/0/Nick", Text(500)),
            takes("/AccountList/0/FaceUrl", Text(500)),
        ],
    },
    Case {
        command: "im_open_login_svc/account_check",
        other_body: None,
        fields: &[needs("/CheckItem", Objects), needs("/CheckItem/0/UserID", Account(false))],
    },
    Case {
        command: "im_open_login_svc/account_delete",
        other_body: None,
        fields: &[needs("/DeleteItem", Objects), needs("/DeleteItem/0/UserID", Account(true))],
    },
    Case {
        command: "group_open_http_svc/create_group",
        other_body: None,
        fields: &[
            needs("/Type", Text(0)),
            needs("/Name", Text(100)),
            takes("/Owner_Account", Account(false)),
            takes("/GroupId", ChatGroup),
        ],
    },
    Case {
        command: "group_open_http_svc/import_group",
        other_body: None,
        fields: &[
            needs("/Type", Text(0)),
            needs("/Name", Text(100)),
            takes("/Owner_Account", Account(false)),
            takes("/GroupId", ChatGroup),
            takes("/CreateTime", Number(0, Some(i32::MAX as i64))),
        ],
    },
    Case { command: "group_open_http_svc/destroy_group", other_body: None, fields: &[needs("/GroupId", ChatGroup)] },
    Case {
        command: "group_open_http_svc/get_group_info",
        other_body: None,
        fields: &[needs("/GroupIdList", ChatGroups), needs("/GroupIdList/0", ChatGroup)],
    },
    Case {
        command: "group_open_http_svc/get_appid_group_list",
        other_body: None,
        fields: &[
            takes("/Limit", Number(1, Some(10_000))),
            takes("/Next", Number(0, Some(i32::MAX as i64))),
            takes("/GroupType", Text(0)),
        ],
    },
    Case {
        command: "openim/sendmsg",
        other_body: None,
        fields: &[
            takes("/SyncOtherMachine", Choice(2)),
            takes("/From_Account", Account(true)),
            needs("/To_Account", Account(true)),
            takes("/OnlineOnlyFlag", Integer),
            takes("/MsgLifeTime", Number(0, None)),
            takes("/MsgSeq", BITS_32),
            needs("/MsgRandom", BITS_32),
            takes("/MsgTimeStamp", Integer),
            takes("/ForbidCallbackControl", Words),
            takes("/SendMsgControl", Words),
            needs("/MsgBody", Objects),
            needs("/MsgBody/0/MsgType", AnyText),
            needs("/MsgBody/0/MsgContent", Object),
            takes("/CloudCustomData", AnyText),
            takes("/SupportMessageExtension", Integer),
            takes("/IsNeedReadReceipt", Integer),
            takes("/OfflinePushInfo", Object),
        ],
    },
    Case {
        command: "openim/batchsendmsg",
        other_body: None,
        fields: &[
            takes("/SyncOtherMachine", Choice(2)),
            takes("/From_Account", Account(true)),
            needs("/To_Account", Names),
            needs("/To_Account/0", Account(true)),
            takes("/OnlineOnlyFlag", Integer),
            takes("/MsgLifeTime", Number(0, None)),
            takes("/MsgSeq", BITS_32),
            needs("/MsgRandom", BITS_32),
            takes("/ForbidCallbackControl", Words),
            takes("/SendMsgControl", Words),
            needs("/MsgBody", Objects),
            needs("/MsgBody/0/MsgType", AnyText),
            needs("/MsgBody/0/MsgContent", Object),
            takes("/CloudCustomData", AnyText),
            takes("/SupportMessageExtension", Integer),
            takes("/IsNeedReadReceipt", Integer),
            takes("/OfflinePushInfo", Object),
        ],
    },
    Case {
        command: "openim/importmsg",
        other_body: None,
        fields: &[
            needs("/SyncFromOldSystem", Choice(1)),
            needs("/From_Account", Account(true)),
            needs("/To_Account", Account(true)),
            takes("/MsgSeq", BITS_32),
            needs("/MsgRandom", BITS_32),
            needs("/MsgTimeStamp", TIME),
            needs("/MsgBody", Objects),
            needs("/MsgBody/0/MsgType", AnyText),
            needs("/MsgBody/0/MsgContent", Object),
            takes("/CloudCustomData", AnyText),
        ],
    },
    Case {
        command: "group_open_http_svc/send_group_msg",
        other_body: None,
        fields: &[
            needs("/GroupId", ChatGroup),
            takes("/From_Account", Account(true)),
            needs("/Random", BITS_32),
            takes("/MsgPriority", AnyText),
            needs("/MsgBody", Objects),
            needs("/MsgBody/0/MsgType", AnyText),
            needs("/MsgBody/0/MsgContent", Object),
            takes("/OnlineOnlyFlag", Integer),
            takes("/SendMsgControl", Words),
            takes("/ForbidCallbackControl", Words),
            takes("/To_Account", Words),
            takes("/GroupAtInfo", Objects),
            takes("/TopicId", AnyText),
            takes("/CloudCustomData", AnyText),
            takes("/OfflinePushInfo", Object),
        ],
    },
    Case {
        command: "group_open_http_svc/import_group_msg",
        other_body: None,
        fields: &[
            needs("/GroupId", ChatGroup),
            takes("/RecentContactFlag", Integer),
            needs("/MsgList", Objects),
            needs("/MsgList/0/From_Account", Account(true)),
            needs("/MsgList/0/SendTime", TIME),
            takes("/MsgList/0/Random", BITS_32),
            needs("/MsgList/0/MsgBody", Objects),
            needs("/MsgList/0/MsgBody/0/MsgType", AnyText),
            needs("/MsgList/0/MsgBody/0/MsgContent", Object),
            takes("/TopicId", AnyText),
        ],
    },
    Case { command: "pinfold/list_groups", other_body: None, fields: &[FROM] },
    Case {
        command: "pinfold/find_conversations",
        other_body: None,
        fields: &[
            FROM,
            takes("/Filter", Object),
            takes("/Filter/Type", Choice(1)),
            takes("/Filter/GroupName", OldName),
            takes("/Filter/AnyMark", Bits(true)),
            takes("/Filter/NoMark", Flag),
            takes("/Filter/CustomMark", Text(256)),
            takes("/Filter/Pinned", Flag),
            takes("/Filter/Recent", Flag),
            takes("/Sort", Text(0)),
            takes("/Descending", Flag),
            takes("/Limit", Number(1, Some(200))),
            takes("/Cursor", Text(0)),
        ],
    },
    Case {
        command: "pinfold/find_conversations",
        other_body: Some(r#"{"From_Account":"alice","Filter":{"InNoGroup":true}}"#),
        fields: &[takes("/Filter/InNoGroup", Flag)],
    },
    Case { command: "pinfold/order_groups", other_body: None, fields: &[FROM, needs("/GroupName", OldNames)] },
    Case {
        command: "pinfold/order_pins",
        other_body: None,
        fields: &[
            FROM,
            needs("/RecentContactItem", Objects),
            takes("/RecentContactItem/0/Type", Choice(1)),
            needs("/RecentContactItem/0/To_Account", Account(true)),
        ],
    },
    Case {
        command: "pinfold/set_group_data",
        other_body: None,
        fields: &[FROM, needs("/GroupName", OldName), needs("/Data", Text(1024))],
    },
];

impl Field {
    /// The field's name; an element of an array has that of the array.
    pub(crate) fn name(&self) -> &'static str {
        let is_name = |part: &&str| part.parse::<usize>().is_err();
        self.pointer.rsplit('/').find(is_name).unwrap_or_default()
    }

    /// The body with another value in this place, or with none.
    pub(crate) fn put(&self, body: &str, value: Option<&Value>) -> String {
        let mut body: Value = serde_json::from_str(body).unwrap();
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        match (value, body.pointer_mut(parent).unwrap()) {
            (Some(value), _) => *body.pointer_mut(self.pointer).unwrap() = value.clone(),
            (None, Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
            (None, parent) => drop(parent.as_object_mut().unwrap().remove(name)),
        }
        body.to_string()
    }

    /// The values to try, `None` for leaving the field out, and whether each must be refused.
    pub(crate) fn values(&self) -> Vec<(Option<Value>, bool)> {
        let mut values = vec![(None, self.is_required), (Some(Value::Null), self.is_required)];
        let takes_all = self.shape == Anything;
        values.extend([(Some(json!(true)), !takes_all && self.shape != Flag), (Some(json!(1.5)), !takes_all)]);
        values.extend(self.shape.values().into_iter().map(|(value, is_refused)| (Some(value), is_refused)));
        values
    }

    /// Whether a refusal names the field, or says in other words what is wrong with this value.
    pub(crate) fn is_named_in(&self, text: &str, value: Option<&Value>) -> bool {
        let value = value.and_then(Value::as_str).unwrap_or("no text");
        let other = match self.shape {
            NewName | OldName => "conversation group name",
            // Where accounts fail their ids are listed and nothing is said.
            Accounts | Account(_) | Text(_) if text == "FailAccounts" => "FailAccounts",
            Accounts => "UserID",
            ChatGroups | ChatGroup => "GroupId",
            Objects => "conversations",
            OldNames => "conversation group",
            Account(_) | Text(_) | AnyText | Words | Choice(_) | Number(..) | Integer | Anything | Object | Names
            | Bits(_) | Flag => self.name(),
        };
        text.contains(self.name()) || text.contains(other) || text.contains(value)
    }
}

impl Shape {
    /// Values besides none, null, a boolean and a fraction, and whether each must be refused.
    fn values(self) -> Vec<(Value, bool)> {
        let long = |bytes: usize| json!("x".repeat(bytes));
        let no_text = [(json!(7), true), (json!([]), true), (json!({}), true)];
        let no_number = [(json!("many"), true), (json!([]), true), (json!({}), true), (json!(1e30), true)];
        let mut values = match self {
            Account(must_be_known) => {
                vec![(long(33), true), (json!("a\u{0}b"), true), (json!("stranger"), must_be_known)]
            }
            ChatGroup => vec![(long(49), true), (json!("a\nb"), true)],
            NewName => vec![(long(33), true), (json!(""), true)],
            OldName => vec![(long(33), true), (json!(""), true), (json!("Nowhere"), true)],
            Text(0) => vec![(json!("Unknown"), true), (long(1000), true)],
            Text(bytes_max) => vec![(long(bytes_max + 1), true), (long(bytes_max), false)],
            AnyText => vec![(long(1000), false)],
            Words => vec![(json!(7), true), (json!([7]), true), (json!([]), false), (json!("word"), false)],
            Choice(good) => vec![(json!(99), true), (json!(-1), true), (json!(good.to_string()), false)],
            Number(min, max) => {
                let above = max.map(|max| (json!(max + 1), true));
                above.into_iter().chain([(json!(min - 1), true), (json!("1"), false)]).collect()
            }
            Integer => vec![(json!(-1), false), (json!(i64::MAX), false), (json!("1"), false)],
            Anything => vec![(json!("text"), false), (json!(1e30), false), (json!([]), false), (json!({}), false)],
            Object => {
                [json!("text"), json!(7), json!([]), json!([7]), json!([{}, {}])].map(|value| (value, true)).into()
            }
            Objects | Accounts => vec![
                (json!(7), true),
                (json!([7]), true),
                (json!({"0": {}, "2": {}}), true),
                (json!("text"), self != Accounts),
            ],
            Names | ChatGroups => vec![
                (json!(7), true),
                (json!([]), true),
                (json!([7]), true),
                (json!({}), true),
                (json!({"0": "Work"}), true),
            ],
            OldNames => vec![
                (json!(7), true),
                (json!([]), false),
                (json!("Work"), false),
                (json!([7]), true),
                (json!([null]), true),
                (json!([""]), true),
                (json!(["Work", "Nowhere"]), true),
                (json!(["x".repeat(33)]), true),
                (json!(vec!["Work"; 501]), true),
                (json!({}), true),
                (json!({"0": "Work"}), true),
            ],
            Bits(must_have_one) => vec![
                (json!([64]), true),
                (json!([-1]), true),
                (json!(["many"]), true),
                (json!({"0": 1}), true),
                (json!("many"), true),
                (json!([]), must_have_one),
            ],
            Flag => vec![
                (json!(false), false),
                (json!(1), false),
                (json!("0"), false),
                (json!(2), true),
                (json!("true"), true),
                (json!([]), true),
                (json!({}), true),
            ],
        };
        match self {
            Account(_) | ChatGroup | NewName | OldName | Text(_) | AnyText => values.extend(no_text),
            Choice(_) | Number(..) | Integer => values.extend(no_number),
            Anything | Object | Objects | Accounts | Names | OldNames | Words | ChatGroups | Bits(_) | Flag => {}
        }
        values
    }
}
