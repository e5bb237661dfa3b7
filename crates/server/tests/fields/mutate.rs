//! Valid bodies with one field changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// The body after one to four random changes: values replaced, fields removed, fields put where they do not belong.
pub(crate) fn mutated(body: Value) -> impl Strategy<Value = Value> {
    let changes = vec((any::<Index>(), change()), 1..=4);
    changes.prop_map(move |changes| {
        let mut body = body.clone();
        for (place, change) in changes {
            let mut pointers = Vec::new();
            collect("", &body, &mut pointers);
            let pointer = place.get(&pointers).clone();
            // The body itself stays an object: what else it may be is shown by transcripts.
            if !pointer.is_empty() {
                apply(&mut body, &pointer, change);
            }
        }
        body
    })
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Remove,
    Wrap,
    Double,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => value().prop_map(Change::Replace),
        1 => Just(Change::Remove),
        1 => Just(Change::Wrap),
        1 => Just(Change::Double),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..4i64).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "@TGS#[A-Z]{0,100}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"0": {}, "2": {}})),
        Just(json!([null, 7, "x", [], {}])),
    ]
}

fn apply(body: &mut Value, pointer: &str, change: Change) {
    let place = body.pointer_mut(pointer).unwrap();
    match change {
        Change::Replace(value) => *place = value,
        Change::Wrap => *place = json!([place.take()]),
        Change::Double => *place = json!([place.clone(), place.take()]),
        Change::Remove => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match body.pointer_mut(parent).unwrap() {
                Value::Object(fields) => drop(fields.remove(name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }
}

/// The JSON pointers of all values within, the value itself first.
fn collect(pointer: &str, value: &Value, pointers: &mut Vec<String>) {
    pointers.push(pointer.to_owned());
    match value {
        // No name in a body has a character that a pointer would have to escape.
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(&format!("{pointer}/{name}"), value, pointers));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(&format!("{pointer}/{index}"), item, pointers));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
