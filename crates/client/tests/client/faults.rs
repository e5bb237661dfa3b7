//! Calls that get no answer, or none of the protocol.

use std::{error::Error, time::Duration};

use pinfold_client::{CallError, Client, Settings, SettingsError};
use pinfold_wire::commands::Top;
use pinfold_wire::recent_contact::top;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::stub_server::{Answer, Server};

async fn error_of(client: &Client) -> CallError {
    client.call::<Top>(&top::Request::default()).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let server = Server::start(Answer { after: Duration::from_secs(60), ..Answer::ok("") }).await;
    let client = Client::new(Settings { timeout: Duration::from_millis(50), ..server.settings() }).unwrap();
    assert!(matches!(error_of(&client).await, CallError::Timeout(_)));
}

#[tokio::test]
async fn a_port_without_a_listener_is_a_transport_error_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(Settings::new(format!("http://{address}"), 7, "admin", "key")).unwrap();
    let error = error_of(&client).await;
    assert!(matches!(error, CallError::Transport(_)));
    assert!(error.source().is_some());
}

/// Takes connections, reads a little, says the text and hangs up.
async fn hang_up_after(text: &'static str) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    Client::new(Settings::new(format!("http://{address}"), 7, "admin", "key")).unwrap()
}

#[tokio::test]
async fn a_connection_that_breaks_before_or_within_the_answer_is_a_transport_error() {
    for text in ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"Action"] {
        let error = error_of(&hang_up_after(text).await).await;
        assert!(matches!(error, CallError::Transport(_)), "{text:?}: {error:?}");
    }
}

#[tokio::test]
async fn another_status_than_200_is_told_and_a_redirect_is_not_followed() {
    for status in [302, 404, 502] {
        let server = Server::start(Answer { status, ..Answer::ok("<html>") }).await;
        assert!(matches!(error_of(&server.client()).await, CallError::Status(told) if told == status));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_the_protocol_is_unreadable() {
    for body in ["", "<html>", "{}"] {
        let server = Server::start(Answer::ok(body)).await;
        assert!(matches!(error_of(&server.client()).await, CallError::Unreadable(_)), "{body}");
    }
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_not_read_to_its_end() {
    let server = Server::start(Answer::ok(&" ".repeat(101))).await;
    let client = Client::new(Settings { answer_bytes_max: 100, ..server.settings() }).unwrap();
    assert!(matches!(error_of(&client).await, CallError::AnswerTooLong(100)));
}

#[tokio::test]
async fn a_command_that_is_none_is_not_sent() {
    let server = Server::start(Answer::ok("{}")).await;
    let error = server.client().call_raw("top?x=1", Vec::new()).await.unwrap_err();
    assert!(matches!(error, CallError::NoCommand(_)));
    assert_eq!(server.connections(), 0);
}

#[test]
fn an_identifier_that_cannot_be_signed_makes_no_client() {
    let made = Client::new(Settings::new("http://127.0.0.1:1", 7, "a\nb", "key"));
    assert!(matches!(made, Err(SettingsError::Identifier(_))));
}

#[test]
fn neither_key_nor_signature_is_shown() {
    let settings = Settings::new("http://127.0.0.1:1", 7, "admin", "very secret");
    let client = Client::new(settings.clone()).unwrap();
    for shown in [format!("{settings:?}"), format!("{client:?}")] {
        assert!(shown.contains("admin"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("usersig"), "{shown}");
    }
}
