//! Calls of an account that try to reach another one, made of a valid body of any command.

use serde_json::{Map, Value};

use crate::support::{APP, TestServer};
use crate::{ATTACKER, VICTIM};

/// A call with a signature of the attacker.
pub(crate) struct Attempt {
    /// What follows the `?` of the URL.
    pub(crate) query: String,
    pub(crate) body: String,
    /// Whether it may not succeed at all. One that may succeed is about the attacker.
    pub(crate) must_fail: bool,
}

/// Values of `From_Account` that are neither the attacker nor absent.
const NOT_THE_ATTACKER: [&str; 28] = [
    r#""alice""#,
    r#""Alice""#,
    r#""ALICE""#,
    r#"" alice""#,
    r#""alice ""#,
    r#""\talice""#,
    r#""alice\n""#,
    r#""alice\u0000""#,
    r#""alice\u200b""#,
    r#""\ud83dalice""#,
    r#""mallory\u0000alice""#,
    r#""mallory,alice""#,
    r#""mallory ""#,
    r#""Mallory""#,
    r#""administrator""#,
    r#""aliceeeeeeeeeeeeeeeeeeeeeeeeeeeee""#,
    "7",
    "1.5",
    "true",
    "[]",
    "{}",
    r#"["alice"]"#,
    r#"["mallory","alice"]"#,
    r#"[["alice"]]"#,
    r#"[{"From_Account":"alice"}]"#,
    r#"{"From_Account":"alice"}"#,
    r#"{"0":"alice"}"#,
    r#"{"UserID":"alice"}"#,
];

/// Names that are not the field's, so that the call is about the caller.
const OTHER_NAMES: [&str; 12] = [
    "from_account",
    "FROM_ACCOUNT",
    "From_account",
    "From_Account ",
    " From_Account",
    "From_Account\\u0000",
    "FromAccount",
    "identifier",
    "Identifier",
    "UserID",
    "Owner_Account",
    "Request",
];

/// Every attempt for a command, of which this is a valid body.
pub(crate) fn of(valid_body: &str) -> Vec<Attempt> {
    let Value::Object(mut fields) = serde_json::from_str(valid_body).unwrap() else { panic!("{valid_body}") };
    fields.remove("From_Account");
    [in_from_account(&fields), in_two_keys(&fields), in_other_names(&fields), in_strings(&fields), in_the_url(&fields)]
        .into_iter()
        .flatten()
        .collect()
}

fn in_from_account(fields: &Map<String, Value>) -> Vec<Attempt> {
    let refused = |value: &&str| attempt(with(fields, &format!(r#""From_Account":{value}"#)), true);
    NOT_THE_ATTACKER.iter().map(refused).collect()
}

fn in_two_keys(fields: &Map<String, Value>) -> Vec<Attempt> {
    let pairs = [
        r#""From_Account":"mallory","From_Account":"alice""#,
        r#""From_Account":"alice","From_Account":"mallory""#,
        r#""From_Account":null,"From_Account":"alice""#,
        r#""From_Account":"mallory","From_Accoun\u0074":"alice""#,
        "\"From_Account\":\"mallory\", // \"\n\"From_Account\":\"alice\"",
    ];
    pairs.iter().map(|pair| attempt(with(fields, pair), true)).collect()
}

fn in_other_names(fields: &Map<String, Value>) -> Vec<Attempt> {
    let names = OTHER_NAMES.iter().flat_map(|name| [format!(r#""{name}":"alice""#), nested(name)]);
    names.map(|field| attempt(with(fields, &field), false)).collect()
}

fn nested(name: &str) -> String {
    format!(r#""{name}":{{"From_Account":"alice"}},"From_Account":"mallory""#)
}

/// Each text of the body replaced by the victim's name, and the victim's name put into each object.
fn in_strings(fields: &Map<String, Value>) -> Vec<Attempt> {
    let mut own = fields.clone();
    own.insert("From_Account".into(), ATTACKER.into());
    let own = Value::Object(own);
    let mut pointers = Vec::new();
    collect("", &own, &mut pointers);
    let changed = pointers.iter().filter_map(|pointer| {
        let mut body = own.clone();
        match body.pointer_mut(pointer)? {
            Value::String(text) => *text = VICTIM.into(),
            Value::Object(fields) => drop(fields.insert("From_Account".into(), VICTIM.into())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
        }
        Some(attempt(body.to_string(), body["From_Account"] != ATTACKER))
    });
    changed.collect()
}

fn collect(pointer: &str, value: &Value, pointers: &mut Vec<String>) {
    pointers.push(pointer.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(&format!("{pointer}/{name}"), value, pointers));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(&format!("{pointer}/{at}"), item, pointers));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn in_the_url(fields: &Map<String, Value>) -> Vec<Attempt> {
    let (own, other, absent) = (
        with(fields, r#""From_Account":"mallory""#),
        with(fields, r#""From_Account":"alice""#),
        Value::Object(fields.clone()).to_string(),
    );
    let names = ["alice", "administrator", "Mallory", "mallory%00", "mallory%20", "", "mallory&identifier=alice"];
    let mut attempts: Vec<_> = names
        .iter()
        .flat_map(|name| [&own, &other, &absent].map(|body| (format!("identifier={name}"), body)))
        .map(|(identifier, body)| {
            let is_own = identifier.starts_with("identifier=mallory&") && *body != other;
            Attempt { query: query(&identifier), body: body.clone(), must_fail: !is_own }
        })
        .collect();
    for beside in ["From_Account=alice", "Identifier=alice", "account=alice"] {
        let query = query(&format!("{beside}&identifier={ATTACKER}"));
        attempts.push(Attempt { query, body: absent.clone(), must_fail: false });
    }
    attempts
}

/// The fields, and before them some more as text.
fn with(fields: &Map<String, Value>, more: &str) -> String {
    let text = Value::Object(fields.clone()).to_string();
    let rest = text.trim_start_matches('{');
    let comma = if rest == "}" { "" } else { "," };
    format!("{{{more}{comma}{rest}")
}

fn attempt(body: String, must_fail: bool) -> Attempt {
    Attempt { query: query(&format!("identifier={ATTACKER}")), body, must_fail }
}

/// A query with this identifier and the attacker's signature.
pub(crate) fn query(identifier: &str) -> String {
    format!("sdkappid={APP}&{identifier}&usersig={}", TestServer::signature(ATTACKER))
}
