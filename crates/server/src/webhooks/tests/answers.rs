//! What counts as success, and what is said of everything else.

use pinfold_wire::callback::check_sign;
use pinfold_wire::webhook::{self, ErrorCode};

use super::*;

#[tokio::test]
async fn a_message_is_a_post_in_the_form_of_a_callback_with_the_headers_of_standard_webhooks() {
    let receiver = Receiver::start([Step::Answer(OK.into())]).await;
    let url = format!("{}?tenant=1", receiver.url());
    endpoint(&url, LONG).send(&message(1), NOW).await.unwrap();
    let [request] = receiver.received().try_into().unwrap();
    let parameters = "tenant=1&SdkAppid=7&CallbackCommand=RecentContact.CallbackAfterContactMark&contenttype=json\
                      &ClientIP=&OptPlatform=RESTAPI&Sign=";
    let (sign, rest) = request.head.strip_prefix(&format!("POST /hook?{parameters}")).unwrap().split_at(64);
    assert!(rest.starts_with("&RequestTime=1750000000 HTTP/1.1\r\n"), "{rest}");
    assert_eq!(check_sign(TOKEN, "1750000000", sign, NOW), Ok(()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.body, message(1).body);
    for (name, value) in webhook::headers(TOKEN, &message(1).id, &message(1).body, NOW) {
        assert_eq!(request.header(name), Some(&*value));
    }
}

#[tokio::test]
async fn any_success_of_http_is_one_whatever_its_body_unless_that_refuses() {
    for (answer, status) in [
        (OK, 200),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok", 202),
        ("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"ErrorCode\":0}", 200),
        ("HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"ErrorCode\":1", 200),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200),
    ] {
        assert_eq!(send(Step::Answer(answer.into()), LONG).await, Ok(status), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_read_to_its_end() {
    assert_eq!(send(Step::Close("HTTP/1.1 200 OK\r\n\r\n{\"ErrorCode\":0}"), LONG).await, Ok(200));
    let error = send(Step::Close("HTTP/1.0 200 OK\r\n\r\n{\"ErrorCode\":1}"), LONG).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Refused { code: ErrorCode::Number(1), .. }), "{error}");
}

#[tokio::test]
async fn an_error_code_that_is_not_0_is_told_with_the_number_and_nothing_else_of_the_body() {
    let error =
        refused("HTTP/1.1 200 OK\r\ncontent-length: 39\r\n\r\n{\"ErrorCode\":1,\"ErrorInfo\":\"elsewhere\"}").await;
    assert!(error.to_string().ends_with(" answered with an ErrorCode 1; 0 is success"), "{error}");
    assert!(!error.is_unreachable());
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let moved = "HTTP/1.1 301 Moved Permanently\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let receiver = Receiver::start([Step::Answer(moved.into()), Step::Answer(OK.into())]).await;
    let error = endpoint(&receiver.url(), LONG).send(&message(1), NOW).await.unwrap_err();
    assert_holds_no_secret(&error);
    assert!(matches!(error, DeliveryError::Redirect { status: 301, .. }) && !error.is_unreachable(), "{error}");
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn another_status_is_told() {
    for (answer, expected) in [
        ("HTTP/1.1 500 elsewhere\r\ncontent-length: 6\r\n\r\nSecret", 500),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404),
        ("HTTP/1.1 600 What\r\ncontent-length: 0\r\n\r\n", 600),
    ] {
        let error = refused(answer).await;
        assert!(matches!(error, DeliveryError::Status { status, .. } if status == expected), "{error}");
        assert!(!error.is_unreachable());
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_or_breaks_off_is_told() {
    for answer in [
        "elsewhere\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200",
        "",
    ] {
        let error = send(Step::Close(answer), LONG).await.unwrap_err();
        assert!(matches!(error, DeliveryError::Broken { .. }) && !error.is_unreachable(), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn no_answer_in_time_is_told_wherever_it_stops() {
    for answer in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"] {
        let error = send(Step::Hang(answer), SHORT).await.unwrap_err();
        assert!(error.to_string().ends_with(" did not answer within 200 ms"), "{answer:?}: {error}");
        assert!(!error.is_unreachable(), "others may be answered");
    }
}

#[tokio::test]
async fn a_body_or_a_head_that_comes_slowly_has_no_more_time_than_any_other() {
    for (head, more) in [("HTTP/1.1 200 OK\r\n\r\n", b"x".as_slice()), ("HTTP/1.1 200 OK\r\nx: ", b"x")] {
        let error = send(Step::Endless(head, more), SHORT).await.unwrap_err();
        assert!(matches!(error, DeliveryError::NoAnswer { .. }), "{error}");
    }
}

#[tokio::test]
async fn of_an_endless_body_only_the_beginning_is_read() {
    let chunk: &[u8] = &[b'x'; 16 * 1024];
    assert_eq!(send(Step::Endless("HTTP/1.1 200 OK\r\n\r\n{\"ErrorCode\":1,\"x\":\"", chunk), LONG).await, Ok(200));
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let chunk: &[u8] = &[b'x'; 16 * 1024];
    let error = send(Step::Endless("HTTP/1.1 200 OK\r\nx: ", chunk), LONG).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn a_refusal_counts_within_the_first_64_kib_of_a_body_and_not_beyond() {
    let answer = |bytes: usize| {
        let body = format!("{{\"ErrorCode\":1,\"x\":\"{}\"}}", "x".repeat(bytes - 22));
        assert_eq!(body.len(), bytes);
        Step::Answer(format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n{body}").into())
    };
    let error = send(answer(64 * 1024), LONG).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Refused { .. }), "{error}");
    assert_eq!(send(answer(64 * 1024 + 1), LONG).await, Ok(200));
}
