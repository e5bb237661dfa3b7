//! What a receiver answers: any success of HTTP, unless the body says otherwise as the hosted service's callbacks do.

use std::fmt;

use serde_json::Value;

/// An `ErrorCode` that is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A whole number.
    Number(i64),
    /// Anything else, `null` and texts among them.
    Other,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Other => f.write_str("that is not a whole number"),
        }
    }
}

/// The `ErrorCode` by which the body of an answer refuses a request. `None` where it is 0 or missing, and where the body
/// is not a JSON object.
pub fn refusal(body: &[u8]) -> Option<ErrorCode> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let code = answer.as_object()?.get("ErrorCode")?;
    match code.as_i64() {
        Some(0) => None,
        Some(number) => Some(ErrorCode::Number(number)),
        None if code.as_f64() == Some(0.0) => None,
        None => Some(ErrorCode::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_without_an_error_code_refuses_nothing_whatever_it_is() {
        for body in ["", "ok", "{}", "[1]", r#"["ErrorCode"]"#, r#"{"errorcode":1}"#, r#"{"ErrorCode":1"#, "\u{feff}{}"]
        {
            assert_eq!(refusal(body.as_bytes()), None, "{body}");
        }
        assert_eq!(refusal(&[0xff, 0xfe]), None);
    }

    #[test]
    fn an_error_code_of_zero_refuses_nothing() {
        let as_documented = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
        for body in [as_documented, r#" {"ErrorCode":0.0} "#, r#"{"ErrorCode":-0}"#] {
            assert_eq!(refusal(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn any_other_error_code_refuses() {
        for (code, expected) in [
            ("1", ErrorCode::Number(1)),
            ("-1", ErrorCode::Number(-1)),
            ("0.5", ErrorCode::Other),
            ("18446744073709551615", ErrorCode::Other),
            (r#""0""#, ErrorCode::Other),
            ("null", ErrorCode::Other),
        ] {
            assert_eq!(refusal(format!(r#"{{"ErrorCode":{code}}}"#).as_bytes()), Some(expected), "{code}");
        }
    }

    #[test]
    fn a_body_of_brackets_alone_is_no_danger_to_the_stack() {
        assert_eq!(refusal("[".repeat(65_536).as_bytes()), None);
    }
}
