//! The fields around every answer, written and read (docs/protocol.md, section 1).
//!
//! The services differ in where these fields stand, and order is part of the contract. So they are put next to the
//! bytes of the answer; serde's `flatten` would buffer the answer and be slower.

use serde::{Deserialize, Serialize};

use crate::{Code, Command, Service, json};

/// How much of a call that is not refused was done: its `ActionStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `OK`: all of it, or its answer has a result for each item.
    Ok,
    /// `SomeError`: a part, and the answer names the rest. Only `batchsendmsg` has it.
    SomeError,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::SomeError => "SomeError",
        }
    }
}

/// The body of a successful answer: the fields of the response and the envelope, in the order of the service.
pub fn ok<R: Serialize>(service: Service, response: &R) -> Vec<u8> {
    success(service, Status::Ok, response)
}

/// The same with this `ActionStatus`.
pub fn success<R: Serialize>(service: Service, status: Status, response: &R) -> Vec<u8> {
    let status = status.as_str();
    match service {
        Service::RecentContact | Service::Pinfold => {
            let mut body = Vec::with_capacity(256);
            write(&mut body, response);
            body.pop();
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(br#""ActionStatus":""#);
            body.extend_from_slice(status.as_bytes());
            body.extend_from_slice(br#"","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#);
            body
        }
        Service::Account | Service::Group | Service::OpenIm => {
            let mut body = Vec::with_capacity(256);
            body.extend_from_slice(br#"{"ActionStatus":""#);
            body.extend_from_slice(status.as_bytes());
            body.extend_from_slice(br#"","ErrorInfo":"","ErrorCode":0"#);
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
        Some(Service::RecentContact | Service::Pinfold) | None => write(&mut body, &LastFields::refusal(code, info)),
        Some(Service::Account | Service::Group | Service::OpenIm) => {
            write(&mut body, &FirstFields::refusal(code, info));
        }
    }
    body
}

fn write<R: Serialize>(body: &mut Vec<u8>, value: &R) {
    json::write(body, value).expect("answers are made of structs, arrays, texts and numbers");
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

/// Reads only whether the call succeeded, if only in part, for callers that pass the answer on as it is.
pub fn parse_outcome(body: &[u8]) -> Result<(), AnswerError> {
    let Outcome { action_status, error_code: code, error_info: info } = serde_json::from_slice(body)?;
    let succeeded = [Status::Ok, Status::SomeError].iter().any(|status| status.as_str() == action_status);
    if code == 0 && succeeded { Ok(()) } else { Err(AnswerError::Refused { code, info }) }
}
