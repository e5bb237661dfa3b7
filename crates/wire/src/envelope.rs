//! The fields around every answer, written and read (docs/protocol.md, section 1).
//!
//! The services differ in where these fields stand, and order is part of the contract. So they are put next to the
//! bytes of the answer; serde's `flatten` would buffer the answer and be slower.

use serde::{Deserialize, Serialize};

use crate::{Code, Command, Service};

const OK_LAST: &[u8] = br#""ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;
const OK_FIRST: &[u8] = br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0"#;

/// The body of a successful answer: the fields of the response and the envelope, in the order of the service.
pub fn ok<R: Serialize>(service: Service, response: &R) -> Vec<u8> {
    match service {
        Service::RecentContact => {
            let mut body = Vec::with_capacity(256);
            write(&mut body, response);
            body.pop();
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(OK_LAST);
            body
        }
        Service::Account | Service::Group => {
            let mut body = OK_FIRST.to_vec();
            let response_at = body.len();
            write(&mut body, response);
            if body[response_at..] == *b"{}" {
                body.remove(response_at);
            } else {
                body[response_at] = b',';
            }
            body
        }
    }
}

/// The body of a refused call: the envelope alone. `service` is `None` while the path is unknown.
///
/// ```
/// use pinfold_wire::{Code, envelope};
///
/// let body = envelope::fail(None, Code::NoSuchCommand, "there is no command \"mark\"");
/// let text = r#"{"ActionStatus":"FAIL","ErrorCode":60009,"ErrorInfo":"there is no command \"mark\"","ErrorDisplay":""}"#;
/// assert_eq!(body, text.as_bytes());
/// ```
pub fn fail(service: Option<Service>, code: Code, info: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(128);
    match service {
        Some(Service::RecentContact) | None => write(&mut body, &LastFields::refusal(code, info)),
        Some(Service::Account | Service::Group) => write(&mut body, &FirstFields::refusal(code, info)),
    }
    body
}

fn write<R: Serialize>(body: &mut Vec<u8>, value: &R) {
    serde_json::to_writer(body, value).expect("answers are structs, and a Vec takes every write");
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LastFields<'a> {
    action_status: &'static str,
    error_code: u32,
    error_info: &'a str,
    error_display: &'static str,
}

impl<'a> LastFields<'a> {
    fn refusal(code: Code, error_info: &'a str) -> Self {
        Self { action_status: "FAIL", error_code: code.number(), error_info, error_display: "" }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FirstFields<'a> {
    action_status: &'static str,
    error_info: &'a str,
    error_code: u32,
}

impl<'a> FirstFields<'a> {
    fn refusal(code: Code, error_info: &'a str) -> Self {
        Self { action_status: "FAIL", error_info, error_code: code.number() }
    }
}

/// Why an answer holds no response.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The service said no.
    #[error("refused with {code}: {info}")]
    Refused {
        /// `ErrorCode`; not every service that speaks the protocol keeps to the numbers of [`Code`].
        code: u32,
        /// `ErrorInfo`.
        info: String,
    },
    /// It is not an answer of the protocol.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome {
    action_status: String,
    error_code: u32,
    #[serde(default)]
    error_info: String,
}

/// Reads the body of an answer: the response of a successful call, or why there is none.
pub fn parse_answer<C: Command>(body: &[u8]) -> Result<C::Response, AnswerError> {
    parse_outcome(body)?;
    Ok(serde_json::from_slice(body)?)
}

/// Reads only whether the call succeeded, for callers that pass the answer on as it is.
pub fn parse_outcome(body: &[u8]) -> Result<(), AnswerError> {
    let Outcome { action_status, error_code: code, error_info: info } = serde_json::from_slice(body)?;
    if code == 0 && action_status == "OK" { Ok(()) } else { Err(AnswerError::Refused { code, info }) }
}
