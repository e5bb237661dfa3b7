//! A few calls through all layers, over TCP.

mod support;

use support::TestServer;

#[tokio::test]
async fn a_conversation_is_marked_grouped_found_and_listed() {
    let server = TestServer::start().await;
    let import = r#"{"Accounts":["alice","bob"]}"#;
    assert_eq!(
        server.post("im_open_login_svc/multiaccount_import", import).await,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"FailAccounts":[]}"#
    );
    let mark = r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0,33],"CustomMark":"vip"}]}"#;
    assert_eq!(
        server.post("recentcontact/mark_contact", mark).await,
        r#"{"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    let create = r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#;
    assert_eq!(
        server.post("recentcontact/create_contact_group", create).await,
        r#"{"GroupResultItem":[{"GroupItem":{"GroupName":"Work","GroupId":1},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":""}]}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    let get = server.post("recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#).await;
    assert_eq!(
        get,
        r#"{"ContactItem":[{"Type":1,"To_Account":"bob","StandardMark":"1000000000000000000000000000000001","CustomMark":"vip","ContactGroupId":[1],"Timestamp":1750000000}],"GroupItem":[{"GroupName":"Work","GroupId":1}],"CompleteFlag":1,"NextStartIndex":0,"CompleteTime":1750000000,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#
    );
    server.stop().await;
}
