//! Bad input, field by field: every command with each field missing, null, of every wrong type, too long and unknown.

#![allow(clippy::unwrap_used, reason = "test code")]

#[path = "fields/cases.rs"]
mod cases;
mod compat;
#[path = "fields/field.rs"]
mod field;
#[path = "transcripts/http.rs"]
mod http;
#[path = "fields/mutate.rs"]
mod mutate;
mod support;

use std::collections::BTreeSet;

use cases::{CASES, Case};
use compat::{PREPARATIONS, valid_body};
use field::Field;
use http::Request;
use pinfold_wire::commands::COMMANDS;
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::Value;
use support::TestServer;

/// Codes that would put the blame for bad input on the service.
const INTERNAL: [u64; 7] = [10002, 50004, 50005, 60008, 60018, 70500, 90992];

#[tokio::test]
async fn a_bad_field_is_refused_by_its_name_and_never_as_an_internal_error() {
    let mut problems = Vec::new();
    for case in &CASES {
        let good = answer(case.command, case.body()).await.unwrap();
        assert!(refusals(&good).is_empty(), "{}: {good}", case.command);
        for field in case.fields {
            problems.extend(problems_of(case, field).await);
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_command_and_every_field_of_a_valid_body_is_tried() {
    for command in &COMMANDS {
        let (path, body) = (format!("{}/{}", command.service.path(), command.name), valid_body(command.name));
        let cases = CASES.iter().filter(|case| case.command == path);
        let tried: BTreeSet<_> = cases.flat_map(|case| case.fields).map(|field| field.name().to_owned()).collect();
        let mut named = BTreeSet::new();
        names(&serde_json::from_str(body).unwrap(), &mut named);
        assert!(named.is_subset(&tried), "{path}: {:?} is not tried", named.difference(&tried));
    }
}

#[test]
fn a_mutated_body_is_answered_in_json_and_never_as_an_internal_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(prepared());
    let mut runner = TestRunner::new(Runs { cases: 512, failure_persistence: None, ..Runs::default() });
    let body_of = |place: usize| serde_json::from_str(valid_body(COMMANDS[place].name)).unwrap();
    let bodies = (0..COMMANDS.len()).prop_flat_map(move |place| (Just(place), mutate::mutated(body_of(place))));
    runner
        .run(&bodies, |(place, body)| {
            let path = format!("{}/{}", COMMANDS[place].service.path(), COMMANDS[place].name);
            let answer = runtime.block_on(send(&server, &path, &body.to_string()));
            let answer = answer.map_err(TestCaseError::fail)?;
            let internal: Vec<_> = refusals(&answer).into_iter().filter(|(code, _)| INTERNAL.contains(code)).collect();
            prop_assert!(internal.is_empty(), "{path} {body}: {answer}");
            Ok(())
        })
        .unwrap();
    runtime.block_on(server.stop());
}

async fn problems_of(case: &Case, field: &Field) -> Vec<String> {
    let mut problems = Vec::new();
    for (value, must_be_refused) in field.values() {
        let body = field.put(case.body(), value.as_ref());
        let of_problem = |problem: &str| format!("{} {body}: {problem}", case.command);
        let answer = match answer(case.command, &body).await {
            Ok(answer) => answer,
            Err(problem) => {
                problems.push(of_problem(&problem));
                continue;
            }
        };
        let refusals = refusals(&answer);
        let is_named = refusals.iter().all(|(_, text)| field.is_named_in(text, value.as_ref()));
        let is_internal = refusals.iter().any(|(code, _)| INTERNAL.contains(code));
        if is_internal || refusals.is_empty() == must_be_refused || !is_named {
            let expected = if must_be_refused { "should be refused by name" } else { "should be accepted" };
            problems.push(of_problem(&format!("{expected}, was answered {answer}")));
        }
    }
    problems
}

/// The answer of a fresh server.
async fn answer(command: &str, body: &str) -> Result<Value, String> {
    let server = prepared().await;
    let answer = send(&server, command, body).await;
    server.stop().await;
    answer
}

async fn prepared() -> TestServer {
    let server = TestServer::start().await;
    for (command, body) in PREPARATIONS {
        send(&server, command, body).await.unwrap();
    }
    server
}

async fn send(server: &TestServer, command: &str, body: &str) -> Result<Value, String> {
    let target = TestServer::target(command);
    let request = Request { method: "POST", target: &target, body, is_incomplete: false };
    let answer = http::send(server.address, &request).await?;
    serde_json::from_str(&answer).map_err(|error| format!("{error} in {answer}"))
}

/// Each code that is not 0 with its text, of the call and of its items. A failed account has no text but its id, and an
/// imported message none: only its time is wrong.
fn refusals(answer: &Value) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    match answer {
        Value::Object(fields) => {
            for (code, text) in [("ErrorCode", "ErrorInfo"), ("ResultCode", "ResultInfo")] {
                if let Some(code) = fields.get(code).and_then(Value::as_u64).filter(|code| *code != 0) {
                    let text = fields.get(text).and_then(Value::as_str).unwrap_or_default();
                    found.push((code, text.to_owned()));
                }
            }
            if let Some(Value::Array(failed)) = fields.get("FailAccounts") {
                found.extend(failed.iter().map(|_| (70402, "FailAccounts".to_owned())));
            }
            if fields.get("Result").and_then(Value::as_u64).is_some_and(|result| result != 0) {
                found.push((10004, "SendTime".to_owned()));
            }
            found.extend(fields.values().flat_map(refusals));
        }
        Value::Array(items) => found.extend(items.iter().flat_map(refusals)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.keys().cloned());
            fields.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
