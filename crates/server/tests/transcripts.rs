//! Every transcript under `compat/transcripts`, replayed through a real server over TCP and compared byte for byte.
//!
//! An answer that is not known yet is written `< ?`; with `UPDATE_EXPECT=1` the test fills it in, to be read and
//! judged by a person.

#![allow(clippy::unwrap_used, reason = "test code")]

mod compat;
#[path = "transcripts/faulty_backend.rs"]
mod faulty_backend;
#[path = "transcripts/http.rs"]
mod http;
#[path = "transcripts/open_answers.rs"]
mod open_answers;
#[path = "../../store/tests/support/postgres.rs"]
mod postgres;
#[path = "transcripts/replay.rs"]
mod replay;
mod support;

use std::collections::BTreeSet;

use compat::{Given, Step, Transcript, codes};
use expect_test::expect_file;
use futures_util::{StreamExt, stream};
use open_answers::filled_in;
use pinfold_wire::Code;
use pinfold_wire::commands::COMMANDS;
use replay::{SharedStore, replay};
use support::TestServer;

/// Servers at a time.
const SERVERS_MAX: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_is_answered_byte_for_byte_over_the_memory_store() {
    replay_all(&SharedStore::in_memory(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_is_answered_byte_for_byte_over_the_embedded_store() {
    replay_all(&SharedStore::on_disk(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn every_transcript_is_answered_byte_for_byte_over_postgres() {
    replay_all(&SharedStore::in_postgres(postgres::shared().new_schema()).await, false).await;
}

async fn replay_all(store: &SharedStore, fills_in: bool) {
    let transcripts = compat::all_expanded();
    let (restarting, others): (Vec<_>, Vec<_>) =
        transcripts.iter().partition(|transcript| transcript.steps.iter().any(|step| matches!(step, Step::Restart(_))));
    let replays = others.into_iter().map(|transcript| check(transcript, store, fills_in));
    let mut results: Vec<_> = stream::iter(replays).buffer_unordered(SERVERS_MAX).collect().await;
    for transcript in restarting {
        results.push(check(transcript, store, fills_in).await);
    }
    let problems: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(problems.is_empty(), "{} of {} fail:\n{}", problems.len(), transcripts.len(), problems.join("\n"));
}

async fn check(transcript: &Transcript, store: &SharedStore, fills_in: bool) -> Result<(), String> {
    let mut result = replay(transcript, store).await;
    for _ in 1..tries(transcript) {
        if result.is_err() {
            result = replay(transcript, store).await;
        }
    }
    let answers = result?;
    if transcript.calls().all(|exchange| exchange.answer != "?") {
        return Ok(());
    }
    if !fills_in || !transcript.every.is_empty() {
        return Err(format!("{}.txt has an answer \"?\"; it was {answers:#?}", transcript.name));
    }
    expect_file![transcript.file()].assert_eq(&filled_in(transcript, &answers));
    Ok(())
}

/// Call rates are measured by the system's clock: on a busy machine a second may pass between two calls.
fn tries(transcript: &Transcript) -> usize {
    let limits_rate = |given: &Given| matches!(given, Given::Setting(key, _) if key.ends_with("calls_per_second_max"));
    if transcript.given.iter().any(limits_rate) { 5 } else { 1 }
}

#[test]
fn the_transcripts_of_a_command_show_every_code_that_can_come_from_it_and_no_other() {
    let shown = codes::shown(&compat::all_expanded());
    for command in &COMMANDS {
        let path = format!("{}/{}", command.service.path(), command.name);
        assert_eq!(shown[&path], codes::possible(command), "{path}: shown by transcripts, possible");
    }
}

#[test]
fn every_code_is_shown_but_one_that_is_never_answered() {
    let shown: BTreeSet<Code> = codes::shown(&compat::all_expanded()).into_values().flatten().collect();
    // A code that only services without commands have cannot be answered yet.
    let has_commands = |service| COMMANDS.iter().any(|command| command.service == service);
    let can_come = |code: &Code| code.services().iter().any(|service| has_commands(*service));
    let never: Vec<_> = Code::ALL.into_iter().filter(can_come).filter(|code| !shown.contains(code)).collect();
    assert_eq!(never, [Code::AppTooOften]);
}

#[test]
fn every_command_has_a_sample() {
    let transcripts = compat::all();
    for command in &COMMANDS {
        let beginning = format!("{}/sample", command.name);
        assert!(transcripts.iter().any(|transcript| transcript.name.starts_with(&beginning)), "{beginning}");
    }
}

#[test]
fn the_valid_bodies_are_answered_with_success() {
    // They are what the transcripts of a whole service send, so a mistake in one would hide what those show.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for command in &COMMANDS {
        let body = compat::valid_body(command.name);
        let path = format!("{}/{}", command.service.path(), command.name);
        let answer = runtime.block_on(async {
            let server = TestServer::start().await;
            for (path, body) in compat::PREPARATIONS {
                server.post(path, body).await;
            }
            let answer = server.post(&path, body).await;
            server.stop().await;
            answer
        });
        assert!(answer.contains(r#""ErrorCode":0"#) && !answer.contains("FAIL"), "{path}: {answer}");
    }
}
