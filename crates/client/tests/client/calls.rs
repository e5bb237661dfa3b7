//! Calls that get an answer.

use pinfold_client::{CallError, Client};
use pinfold_wire::commands::{self, COMMANDS, DelContactGroup, FindConversations, GetChanges, SetGroupData, Top, Undo};
use pinfold_wire::{
    pinfold::{change::Event, find_conversations, get_changes, set_group_data, undo},
    recent_contact::{GroupItem, del_contact_group, top},
    user_sig::UserSig,
};

use crate::stub_server::{Answer, Server};

const OK: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
const REFUSAL: &str = r#"{"ActionStatus":"FAIL","ErrorCode":51009,"ErrorInfo":"no such group","ErrorDisplay":""}"#;

#[tokio::test]
async fn a_call_is_a_post_of_its_request_to_its_path() {
    let server = Server::start(Answer::ok(OK)).await;
    let request = top::Request { from_account: "alice".into(), ..Default::default() };
    server.client().call::<Top>(&request).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v4/recentcontact/top"));
    assert_eq!((seen.content_type.as_str(), seen.body.as_str()), ("application/json", r#"{"From_Account":"alice"}"#));
}

#[tokio::test]
async fn a_call_says_who_calls_and_proves_it() {
    let server = Server::start(Answer::ok(OK)).await;
    server.client().call::<Top>(&top::Request::default()).await.unwrap();
    let query = &server.seen()[0].query;
    let names: Vec<&str> = query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["sdkappid", "identifier", "usersig", "random", "contenttype"]);
    assert!(query.starts_with("sdkappid=7&identifier=admin%2A&usersig="));
    let usersig = query.split('&').nth(2).unwrap().strip_prefix("usersig=").unwrap().replace("%2A", "*");
    let sig = UserSig::decode(&usersig).unwrap();
    assert_eq!(sig.check(7, "admin*", sig.claims().time, &["key"]), Ok(()));
}

#[tokio::test]
async fn a_response_is_typed() {
    let answer = r#"{"GroupItem":[{"GroupName":"Work","GroupId":3}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    let server = Server::start(Answer::ok(answer)).await;
    let request = del_contact_group::Request { from_account: "alice".into(), group_name: ["Work".to_owned()].into() };
    let response = server.client().call::<DelContactGroup>(&request).await.unwrap();
    assert_eq!(response.group_item, [GroupItem { group_name: "Work".to_owned(), group_id: 3 }]);
}

#[tokio::test]
async fn a_search_is_typed_page_by_page() {
    let answer = r#"{"ConversationItem":[{"Type":1,"To_Account":"bob","StandardMark":"1","Timestamp":7,"TopFlag":1,"MsgTime":9}],"GroupItem":[],"CompleteFlag":0,"Cursor":"AQEAAAAAAQ","ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    let server = Server::start(Answer::ok(answer)).await;
    let filter = find_conversations::Filter { any_mark: [0].into(), pinned: true.into(), ..Default::default() };
    let first =
        find_conversations::Request { from_account: "alice".into(), filter: filter.into(), ..Default::default() };
    let page = server.client().call::<FindConversations>(&first).await.unwrap();
    let found = &page.conversation_item[0];
    assert_eq!((found.record.to_account.as_deref(), found.top_flag, found.msg_time), (Some("bob"), 1, Some(9)));
    let next = find_conversations::Request { cursor: page.cursor.as_str().into(), ..first };
    server.client().call::<FindConversations>(&next).await.unwrap();
    let body = r#"{"From_Account":"alice","Filter":{"AnyMark":[0],"Pinned":true},"Cursor":"AQEAAAAAAQ"}"#;
    assert_eq!(
        (server.seen()[1].path.as_str(), server.seen()[1].body.as_str()),
        ("/v4/pinfold/find_conversations", body)
    );
}

#[tokio::test]
async fn the_data_of_a_group_comes_back_typed() {
    let answer = r#"{"GroupItem":[{"GroupName":"Work","GroupId":1,"Count":2,"Data":"red"}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    let server = Server::start(Answer::ok(answer)).await;
    let request =
        set_group_data::Request { from_account: "alice".into(), group_name: "Work".into(), data: "red".into() };
    let response = server.client().call::<SetGroupData>(&request).await.unwrap();
    assert_eq!((response.group_item[0].data.as_str(), response.group_item[0].count), ("red", 2));
}

#[tokio::test]
async fn changes_come_back_typed_and_are_undone_by_their_revision() {
    let answer = r#"{"Change":[{"Revision":7,"Time":1750000000123,"Caller":"administrator","Via":"call","Command":"top","Event":[{"EventType":"Pinned","ContactItem":{"Type":1,"To_Account":"bob"},"PinnedAt":1750000000,"Place":0}]}],"CompleteFlag":0,"Before":7,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
    let server = Server::start(Answer::ok(answer)).await;
    let request = get_changes::Request { from_account: "alice".into(), limit: 1.into(), ..Default::default() };
    let page = server.client().call::<GetChanges>(&request).await.unwrap();
    let newest = &page.change[0];
    assert_eq!((newest.revision, newest.time, page.before), (7, 1_750_000_000_123, 7));
    assert!(
        matches!(&newest.event[..], [Event::Pinned { contact_item, .. }] if contact_item.to_account.as_deref() == Some("bob"))
    );
    let undo = undo::Request { from_account: "alice".into(), revision: i64::from(newest.revision).into() };
    server.client().call::<Undo>(&undo).await.unwrap();
    assert_eq!(server.seen()[1].body, r#"{"From_Account":"alice","Revision":7}"#);
}

macro_rules! call_every_command {
    ($($service:ident $name:literal $command:ident($($module:ident)::+), $rate:literal, $repeat:ident;)*) => {
        async fn call_every_command(client: &Client) {
            $(client.call::<commands::$command>(&Default::default()).await.unwrap();)*
        }
    };
}

pinfold_wire::commands!(call_every_command);

#[tokio::test]
async fn every_command_there_is_can_be_called_by_its_type() {
    let server = Server::start(Answer::ok(OK)).await;
    call_every_command(&server.client()).await;
    let paths: Vec<_> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, COMMANDS.map(|command| format!("/v4/{}/{}", command.service.path(), command.name)));
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection_and_a_signature() {
    let server = Server::start(Answer::ok(OK)).await;
    let client = server.client();
    for _ in 0..5 {
        client.clone().call::<Top>(&top::Request::default()).await.unwrap();
    }
    assert_eq!((server.connections(), server.seen().len()), (1, 5));
    let usersig = |at: usize| server.seen()[at].query.split('&').nth(2).unwrap().to_owned();
    assert_eq!(usersig(0), usersig(4));
}

#[tokio::test]
async fn a_refusal_is_told_with_its_number_and_text_and_not_repeated() {
    let server = Server::start(Answer::ok(REFUSAL)).await;
    let error = server.client().call::<Top>(&top::Request::default()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused { code: 51009, info } if info == "no such group"));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_raw_call_gives_the_answer_as_it_came() {
    let server = Server::start(Answer::ok(REFUSAL)).await;
    let answer = server.client().call_raw("some_service/some_command", b"{ not json".to_vec()).await.unwrap();
    assert_eq!(answer, REFUSAL.as_bytes());
    assert_eq!(
        (server.seen()[0].path.as_str(), server.seen()[0].body.as_str()),
        ("/v4/some_service/some_command", "{ not json")
    );
}
