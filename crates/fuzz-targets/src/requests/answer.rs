//! Checks that every answer must pass (docs/protocol.md, section 1).

use pinfold_wire::Code;
use serde_json::{Map, Value};

/// Codes that say that something is wrong with the service: a store in memory gives no reason for any.
const OURS: [Code; 7] = [
    Code::Internal,
    Code::AccountInternal,
    Code::GroupInternal,
    Code::MessageInternal,
    Code::StoreTimeout,
    Code::TimedOut,
    Code::Overloaded,
];

/// `ErrorCode` of an answer that is one.
pub(super) fn code(answer: &[u8]) -> u32 {
    let text = str::from_utf8(answer).expect("an answer is UTF-8");
    let object: Map<String, Value> = serde_json::from_str(text).expect("an answer is a JSON object");
    object.values().for_each(look);
    let code = object.get("ErrorCode").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    let code = code.expect("an answer has a code");
    let (status, info) = (object.get("ActionStatus"), object.get("ErrorInfo").and_then(Value::as_str));
    if code == 0 {
        let some_failed = object.get("ErrorList").and_then(Value::as_array).is_some_and(|failed| !failed.is_empty());
        let expected = if some_failed { "SomeError" } else { "OK" };
        assert_eq!((status, info), (Some(&expected.into()), Some("")), "{text}");
        return code;
    }
    let known = Code::from_number(code).unwrap_or_else(|| panic!("an unknown code: {text}"));
    assert!(!OURS.contains(&known), "{text}");
    assert!(status == Some(&"FAIL".into()) && info.is_some_and(|info| !info.is_empty()), "{text}");
    code
}

/// Arrays are always arrays; numbers fit 31 bits, but for the `Time` of a change, which is in milliseconds.
fn look(value: &Value) {
    match value {
        Value::Null | Value::Bool(_) => panic!("an answer holds {value}"),
        Value::Number(number) => {
            let number = number.as_u64().expect("a number of an answer is whole and not negative");
            assert!(number <= i32::MAX as u64, "{number} needs more than 31 bits");
        }
        Value::String(_) => {}
        Value::Array(items) => items.iter().for_each(look),
        Value::Object(fields) => {
            fields.iter().filter(|(name, value)| *name != "Time" || !value.is_u64()).for_each(|(_, value)| look(value));
        }
    }
}
