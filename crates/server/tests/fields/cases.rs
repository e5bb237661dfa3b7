//! The fields of every command.

use crate::compat::valid_body;
use crate::field::Shape::{
    Account, Accounts, AnyText, Anything, Bits, ChatGroup, ChatGroups, Choice, Flag, Integer, Names, NewName, Number,
    Object, Objects, OldName, OldNames, Revision, Text, Words,
};
use crate::field::{Field, Shape, needs, takes};

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

const FROM: Field = needs("/From_Account", Account(true));
const BITS_32: Shape = Number(0, Some(u32::MAX as i64));
/// The times of messages at the first second of a test's clock.
const TIME: Shape = Number(1, Some(1_750_000_060));

pub(crate) const CASES: [Case; 34] = [
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
    Case {
        command: "pinfold/get_changes",
        other_body: None,
        fields: &[FROM, takes("/Before", Number(0, Some(2_147_483_647))), takes("/Limit", Number(1, Some(100)))],
    },
    Case { command: "pinfold/undo", other_body: None, fields: &[FROM, needs("/Revision", Revision)] },
];
