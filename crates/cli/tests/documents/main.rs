//! The documents for operators say what is: their commands work, their links lead somewhere, and the sentences they
//! quote are those of the program.
//!
//! | in a document | means |
//! | --- | --- |
//! | a block of `sh` | it is run, in order with the others of its document, in a directory of the document's own |
//! | a block of `sh not-run: REASON` | it cannot be run here; [`commands::NOT_RUN`] counts them |
//! | a block with `file=NAME` | it is written to this file first |
//! | a comment that begins with `<!-- run` | it is run like a block, and no reader sees it |
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod blocks;
mod commands;
mod links;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod sentences;
mod source;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A document, named as from the root of the repository.
struct Document {
    name: String,
    text: String,
}

/// All that is for operators.
fn documents() -> Vec<Document> {
    let operate = fs::read_dir(root().join("docs/operate")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = operate.map(|name| format!("docs/operate/{}", name.to_str().unwrap())).collect();
    names.retain(|name| name.ends_with(".md"));
    let others = ["docs/history-and-undo.md", "docs/live-clients.md", "docs/webhooks.md", "README.md", "SECURITY.md"];
    names.extend(others.map(str::to_owned));
    names.sort();
    let read = |name: String| Document { text: fs::read_to_string(root().join(&name)).unwrap(), name };
    names.into_iter().map(read).collect()
}
