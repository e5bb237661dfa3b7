//! Transcripts that hold for every command of a service.

use pinfold_wire::commands::COMMANDS;

use super::{Step, Transcript};

/// The calls after which every [`valid_body`] is answered with success.
pub const PREPARATIONS: [(&str, &str); 4] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#),
    (
        "recentcontact/create_contact_group",
        r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#,
    ),
    (
        "recentcontact/top",
        r#"{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
    ),
    ("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Room","GroupId":"room"}"#),
];

/// A body for the command of this name, with every field that it knows.
pub fn valid_body(name: &str) -> &'static str {
    match name {
        "create_contact_group" => {
            r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Home","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#
        }
        "update_contact_group" => {
            r#"{"From_Account":"alice","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Work","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"bob"}}]}}"#
        }
        "del_contact_group" => r#"{"From_Account":"alice","GroupName":["Work"]}"#,
        "mark_contact" => {
            r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ClearMark":[1],"SetMark":[0],"CustomMark":"vip"}]}"#
        }
        "search_contact_group" => r#"{"From_Account":"alice","ContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
        "get_contact_group" => r#"{"From_Account":"alice","StartIndex":0}"#,
        "top" => r#"{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
        "get_list" => {
            r#"{"From_Account":"alice","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":63}"#
        }
        "delete" => r#"{"From_Account":"alice","Type":1,"To_Account":"bob","ClearRamble":1}"#,
        "account_import" => r#"{"UserID":"carol","Nick":"Carol","FaceUrl":"http://example.org/carol.png"}"#,
        "multiaccount_import" => {
            r#"{"AccountList":[{"UserID":"carol","Nick":"Carol","FaceUrl":"http://example.org/carol.png"}]}"#
        }
        "account_check" => r#"{"CheckItem":[{"UserID":"bob"}]}"#,
        "account_delete" => r#"{"DeleteItem":[{"UserID":"bob"}]}"#,
        "create_group" => r#"{"Type":"Public","Name":"Chess","Owner_Account":"bob","GroupId":"chess"}"#,
        "import_group" => {
            r#"{"Type":"Public","Name":"Chess","Owner_Account":"bob","GroupId":"@TGS#chess","CreateTime":1600000000}"#
        }
        "destroy_group" => r#"{"GroupId":"room"}"#,
        "get_group_info" => r#"{"GroupIdList":["room"]}"#,
        "get_appid_group_list" => r#"{"Limit":10,"Next":0,"GroupType":"Public"}"#,
        "sendmsg" => {
            r#"{"SyncOtherMachine":2,"From_Account":"alice","To_Account":"bob","OnlineOnlyFlag":0,"MsgLifeTime":60,"MsgSeq":1,"MsgRandom":1,"MsgTimeStamp":1600000000,"ForbidCallbackControl":["ForbidAfterSendMsgCallback"],"SendMsgControl":["NoUnread"],"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"CloudCustomData":"x","SupportMessageExtension":0,"IsNeedReadReceipt":0,"OfflinePushInfo":{}}"#
        }
        "batchsendmsg" => {
            r#"{"SyncOtherMachine":2,"From_Account":"alice","To_Account":["bob"],"OnlineOnlyFlag":0,"MsgLifeTime":60,"MsgSeq":1,"MsgRandom":1,"ForbidCallbackControl":["ForbidAfterSendMsgCallback"],"SendMsgControl":["NoUnread"],"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"CloudCustomData":"x","SupportMessageExtension":0,"IsNeedReadReceipt":0,"OfflinePushInfo":{}}"#
        }
        "importmsg" => {
            r#"{"SyncFromOldSystem":1,"From_Account":"alice","To_Account":"bob","MsgSeq":1,"MsgRandom":1,"MsgTimeStamp":1600000000,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"CloudCustomData":"x"}"#
        }
        "send_group_msg" => {
            r#"{"GroupId":"room","From_Account":"alice","Random":1,"MsgPriority":"High","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"OnlineOnlyFlag":0,"SendMsgControl":["NoUnread"],"ForbidCallbackControl":["ForbidAfterSendMsgCallback"],"To_Account":["bob"],"GroupAtInfo":[{}],"TopicId":"t","CloudCustomData":"x","OfflinePushInfo":{}}"#
        }
        "import_group_msg" => {
            r#"{"GroupId":"room","RecentContactFlag":1,"MsgList":[{"From_Account":"alice","SendTime":1600000000,"Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}],"TopicId":"t"}"#
        }
        "list_groups" => r#"{"From_Account":"alice"}"#,
        "find_conversations" => {
            r#"{"From_Account":"alice","Filter":{"Type":1,"GroupName":"Work","AnyMark":[0],"NoMark":false,"CustomMark":"vip","Pinned":true,"Recent":false},"Sort":"changed","Descending":false,"Limit":10,"Cursor":""}"#
        }
        "order_groups" => r#"{"From_Account":"alice","GroupName":["Work"]}"#,
        "order_pins" => r#"{"From_Account":"alice","RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
        "set_group_data" => r#"{"From_Account":"alice","GroupName":"Work","Data":"red"}"#,
        "get_changes" => r#"{"From_Account":"alice","Before":0,"Limit":10}"#,
        "undo" => r#"{"From_Account":"alice","Revision":2}"#,
        other => panic!("{other} has no valid body here"),
    }
}

/// The transcript itself, or one of its kind for each command of the services it is for: `«command»` is the path of the
/// command, `«name»` its last part, `«body»` its [`valid_body`].
pub fn expand(transcript: &Transcript) -> Vec<Transcript> {
    if transcript.every.is_empty() {
        return vec![transcript.clone()];
    }
    let of_services = COMMANDS.iter().filter(|listed| transcript.every.contains(&listed.service));
    let one = |listed: &pinfold_wire::commands::Listed| {
        let body = valid_body(listed.name);
        let path = format!("{}/{}", listed.service.path(), listed.name);
        let fill = |text: &mut String| {
            *text = text.replace("«command»", &path).replace("«name»", listed.name).replace("«body»", body);
        };
        let mut transcript = transcript.clone();
        for step in &mut transcript.steps {
            if let Step::Call(exchange) = step {
                fill(&mut exchange.target);
                fill(&mut exchange.body);
                fill(&mut exchange.answer);
            }
        }
        transcript
    };
    of_services.map(one).collect()
}
