//! Refusals, empty answers and answers that are none.

use pinfold_wire::commands::{AccountImport, GetContactGroup, Top};
use pinfold_wire::{
    Code, Command, Service,
    account::account_import,
    envelope::{self, AnswerError},
    recent_contact::top,
};

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

#[test]
fn an_answer_without_fields_is_the_envelope_alone() {
    let top = text(envelope::ok(Top::SERVICE, &top::Response {}));
    assert_eq!(top, r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#);
    let import = text(envelope::ok(AccountImport::SERVICE, &account_import::Response {}));
    assert_eq!(import, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
}

#[test]
fn a_refusal_is_the_envelope_alone_and_its_text_is_escaped() {
    let info = r#"conversation group "Work" does not exist"#;
    let body = text(envelope::fail(Some(Service::RecentContact), Code::ConversationGroupUnknown, info));
    let sample = r#"{"ActionStatus":"FAIL","ErrorCode":51009,"ErrorInfo":"conversation group \"Work\" does not exist","ErrorDisplay":""}"#;
    assert_eq!(body, sample);
}

#[test]
fn an_unknown_service_and_pinfold_refuse_like_recentcontact() {
    let of = |service| envelope::fail(service, Code::NoSuchCommand, "no");
    assert_eq!(of(None), of(Some(Service::RecentContact)));
    assert_eq!(of(None), of(Some(Service::Pinfold)));
}

#[test]
fn the_other_services_refuse_in_their_own_order() {
    for service in [Service::Account, Service::Group, Service::OpenIm] {
        let body = text(envelope::fail(Some(service), Code::AccountBadParameter, "no"));
        assert_eq!(body, r#"{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":70402}"#);
    }
}

#[test]
fn a_refusal_is_read_with_its_number_and_text() {
    for service in Service::ALL {
        let body = envelope::fail(Some(service), Code::Overloaded, "later");
        let error = envelope::parse_answer::<Top>(&body).unwrap_err();
        assert!(matches!(error, AnswerError::Refused { code: 60018, info } if info == "later"), "{service:?}");
    }
}

#[test]
fn a_body_that_is_not_an_answer_is_unreadable() {
    for body in ["", "<html>", "{}", "[]", r#"{"ActionStatus":"OK"}"#, r#"{"ErrorCode":0}"#] {
        let read = envelope::parse_answer::<Top>(body.as_bytes());
        assert!(matches!(read, Err(AnswerError::Unreadable(_))), "{body}");
    }
}

#[test]
fn a_success_whose_fields_have_wrong_types_is_unreadable() {
    let body = br#"{"CompleteFlag":"yes","ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
    assert!(matches!(envelope::parse_answer::<GetContactGroup>(body), Err(AnswerError::Unreadable(_))));
}

#[test]
fn a_failure_with_number_0_is_no_success() {
    for status in ["FAIL", "ok", "someerror", ""] {
        let body = format!(r#"{{"ActionStatus":"{status}","ErrorCode":0,"ErrorInfo":"odd"}}"#);
        let read = envelope::parse_answer::<Top>(body.as_bytes());
        assert!(matches!(read, Err(AnswerError::Refused { code: 0, .. })), "{status}");
    }
}
