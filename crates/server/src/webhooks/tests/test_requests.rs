//! Test requests, as an operator sends them.

use pinfold_wire::webhook::Body;

use super::*;
use crate::config::{AppConfig, WebhookConfig};

/// An app that wants pins only, with a receiver that does this.
async fn test(step: Step) -> (Receiver, TestReport) {
    let receiver = Receiver::start([step]).await;
    let (url, token) = (WebhookUrl::parse(&receiver.url()).unwrap(), Secret::new(TOKEN).unwrap());
    let events = [WebhookCommand::ContactTop].into_iter().collect();
    let webhook = Some(WebhookConfig { events, ..WebhookConfig::new(url, token) });
    let report = webhook_test(&AppConfig { webhook, ..AppConfig::new(AppId(7), Vec::new()) }).await.unwrap();
    (receiver, report)
}

#[tokio::test]
async fn a_test_request_tells_a_wanted_command_and_nothing_to_apply() {
    let (receiver, report) = test(Step::Answer(OK.into())).await;
    assert_eq!((report.app, report.taken, report.status, report.reason), (7, true, Some(200), None));
    let [request] = receiver.received().try_into().unwrap();
    let body: Body = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body.callback_command, "RecentContact.CallbackAfterContactTop");
    assert_eq!((&*body.from_account, body.revision, body.event), ("", 0, Vec::new()));
    assert!(request.header("webhook-signature").is_some());
}

#[tokio::test]
async fn a_test_request_that_is_refused_is_told_with_status_and_reason() {
    let (receiver, report) = test(Step::Close("HTTP/1.1 403 elsewhere\r\n\r\n")).await;
    assert_eq!((report.taken, report.status), (false, Some(403)));
    let host = format!("127.0.0.1:{}", receiver.port());
    assert_eq!(report.host, host);
    assert_eq!(report.reason.unwrap(), format!("{host} answered with HTTP status 403"));
    let (_, report) = test(Step::Close("")).await;
    assert_eq!((report.taken, report.status), (false, None));
}

#[tokio::test]
async fn an_app_without_a_webhook_cannot_be_tested() {
    let error = webhook_test(&AppConfig::new(AppId(7), Vec::new())).await.unwrap_err();
    assert_eq!(error.to_string(), "the webhook of app 7: it has no [app.webhook]");
}
