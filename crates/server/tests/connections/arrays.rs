//! Arrays that are longer than a call may have: the first elements are looked at, and the refusal tells how many came.

use serde_json::Value;

use crate::no_timeouts;
use crate::raw::{Raw, post};
use crate::support::TestServer;

/// An array of a command, written as its call around the elements.
struct Array {
    command: &'static str,
    call: (&'static str, &'static str),
    element: &'static str,
    max: usize,
    code: u64,
    /// With `№` for the number of the elements.
    sentence: &'static str,
}

const FROM: &str = r#"{"From_Account":"administrator","#;
const BOB: &str = r#"{"Type":1,"To_Account":"bob"}"#;

const fn array(
    command: &'static str,
    call: (&'static str, &'static str),
    element: &'static str,
    max: usize,
    code: u64,
    sentence: &'static str,
) -> Array {
    Array { command, call, element, max, code, sentence }
}

const ARRAYS: [Array; 13] = [
    array(
        "recentcontact/create_contact_group",
        (r#""GroupContactItem":[{"GroupName":"Work","ContactItem":["#, "]}]}"),
        "[]",
        100,
        51006,
        "the call names № conversations; 0 to 100 are allowed",
    ),
    array(
        "recentcontact/create_contact_group",
        (r#""GroupContactItem":["#, "]}"),
        r#"{"GroupName":"Work"}"#,
        1,
        50002,
        "GroupContactItem has № elements; exactly 1 is allowed",
    ),
    array(
        "recentcontact/update_contact_group",
        (r#""UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Work","ContactUpdateItem":["#, "]}}"),
        "{}",
        100,
        51006,
        "the call names № conversations; 1 to 100 are allowed",
    ),
    array(
        "recentcontact/del_contact_group",
        (r#""GroupName":["#, "]}"),
        "\"a\"",
        1,
        50002,
        "GroupName has № elements; exactly 1 is allowed",
    ),
    array(
        "recentcontact/mark_contact",
        (r#""MarkItem":["#, "]}"),
        "[]",
        100,
        51006,
        "the call names № conversations; 1 to 100 are allowed",
    ),
    array(
        "recentcontact/search_contact_group",
        (r#""ContactItem":["#, "]}"),
        BOB,
        300,
        50002,
        "ContactItem has № conversations; 1 to 300 are allowed",
    ),
    array(
        "recentcontact/top",
        (r#""OperationType":2,"RecentContactItem":["#, "]}"),
        BOB,
        100,
        50002,
        "RecentContactItem has № conversations; 1 to 100 are allowed",
    ),
    array(
        "im_open_login_svc/multiaccount_import",
        (r#""AccountList":["#, "]}"),
        "{}",
        100,
        70402,
        "AccountList has № accounts; 1 to 100 are allowed",
    ),
    array(
        "im_open_login_svc/multiaccount_import",
        (r#""Accounts":["#, "]}"),
        "\"a\"",
        100,
        70402,
        "Accounts has № accounts; 1 to 100 are allowed",
    ),
    array(
        "im_open_login_svc/account_check",
        (r#""CheckItem":["#, "]}"),
        "{}",
        100,
        70402,
        "CheckItem has № accounts; 1 to 100 are allowed",
    ),
    array(
        "im_open_login_svc/account_delete",
        (r#""DeleteItem":["#, "]}"),
        "{}",
        100,
        70402,
        "DeleteItem has № accounts; 1 to 100 are allowed",
    ),
    array(
        "group_open_http_svc/get_group_info",
        (r#""GroupIdList":["#, "]}"),
        "\"a\"",
        50,
        10004,
        "GroupIdList has № chat groups; 1 to 50 are allowed",
    ),
    // Of a set as many may come as like.
    array(
        "recentcontact/mark_contact",
        (r#""MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"administrator"},"SetMark":["#, "]}]}"),
        "7",
        1_000_000,
        0,
        "",
    ),
];

#[tokio::test]
async fn an_array_that_is_too_long_is_refused_with_its_length_however_long_it_is() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    for Array { command, call: (before, after), element, max, code, sentence } in ARRAYS {
        for count in [max + 1, 5000, 20_000] {
            let elements = vec![element; count.min(20_000)].join(",");
            let body = format!("{FROM}{before}{elements}{after}");
            raw.send(post(&TestServer::target(command), "", &body)).await;
            let answer = raw.answer().await;
            assert_eq!(answer.code(), code, "{command}: {}", answer.text());
            let json: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(json["ErrorInfo"], sentence.replace('№', &count.to_string()), "{command}");
        }
    }
}

#[tokio::test]
async fn an_element_within_the_limit_is_refused_for_itself_and_one_beyond_it_is_not_looked_at() {
    let server = TestServer::with(no_timeouts).await;
    let mut raw = Raw::connect(&server).await;
    let mut code = async |before: usize| {
        let (good, number) =
            (vec![r#"{"OptType":1}"#; before].join(","), r#"{"ContactItem":{"Type":1,"To_Account":5}}"#);
        let comma = if before == 0 { "" } else { "," };
        let body = format!(r#"{FROM}"MarkItem":[{good}{comma}{number}]}}"#);
        raw.send(post(&TestServer::target("recentcontact/mark_contact"), "", &body)).await;
        raw.answer().await.code()
    };
    assert_eq!((code(0).await, code(99).await, code(600).await), (60015, 60015, 51006));
}
