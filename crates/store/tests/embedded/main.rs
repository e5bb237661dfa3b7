//! Promises of the embedded backend beyond the contract: which directories it opens and refuses, and its
//! behaviour under pressure. The rules of the contract itself are in the test `conformance`.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod bulk_rows;
mod checks;
mod creation;
mod damage;
mod flipped_bytes;
mod formats;
mod history;
mod outbox;
mod pressure;
mod recents;
mod refused_directories;
mod restoring;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use pinfold_store::embedded::{OpenError, Settings};
use pinfold_store::{Backend, Embedded};

use support::{account, mark, one};

fn open(directory: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(directory, &Settings::default())
}

/// Why a directory is refused.
fn refusal(directory: &Path) -> OpenError {
    open(directory).err().expect("it is refused")
}

/// A store that was closed after a few marks of alice's: bob has bits `0b11`.
async fn closed_store(directory: &Path) {
    let backend = open(directory).unwrap();
    for bits in 1..=3 {
        mark(&backend, &account(1, "alice"), &one("bob"), bits).await;
    }
    backend.close().await.unwrap();
}

/// Whether the store in this directory opens and alice's marks are there.
async fn is_intact(directory: &Path) -> bool {
    let Ok(backend) = open(directory) else { return false };
    let state = support::state(&backend, &account(1, "alice")).await;
    backend.close().await.unwrap();
    state.arrangement(&one("bob")).standard.0 == 3
}
