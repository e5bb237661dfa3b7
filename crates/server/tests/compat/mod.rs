//! The transcripts under `compat/transcripts`, read; `compat/README.md` describes their format.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "test code, of which each test uses a part"
)]

mod blocks;
pub mod codes;
mod every_command;
pub mod placeholders;
mod read;

use std::fs;
use std::path::{Path, PathBuf};

pub use every_command::{PREPARATIONS, expand, valid_body};
pub use read::read;

use pinfold_core::Touches;
use pinfold_wire::Service;

/// One file: what it says, and the steps that show it.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// Path below `compat/transcripts` without its ending, such as `mark_contact/bit_63`.
    pub name: String,
    /// The rule that is shown, in one sentence.
    pub sentence: String,
    /// The section of docs/protocol.md that has the rule.
    pub section: u8,
    /// Whether no document settles the point, so that the rule is the project's own.
    pub decided: bool,
    /// The services for each of whose commands the steps are to be replayed.
    pub every: Vec<Service>,
    /// Settings and preparations, in the order of the file.
    pub given: Vec<Given>,
    /// The steps, in the order of the file.
    pub steps: Vec<Step>,
}

/// Something that holds before the first step.
#[derive(Clone, Debug)]
pub enum Given {
    /// A key of the configuration with its value; `app.` keys are those of the app.
    Setting(String, toml::Value),
    /// These accounts are imported.
    Accounts(Vec<String>),
}

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// The clock goes to this unix second, also backwards.
    Clock(u64),
    /// The store behaves like this from now on.
    Store(StoreMode),
    /// The server and the store are closed and opened again, with these settings besides.
    Restart(Vec<Given>),
    /// Times of messages are kept, as if they had been sent.
    Touch(Touches),
    /// A call and its answer.
    Call(Exchange),
}

/// How the store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreMode {
    Works,
    Fails,
    Stalls,
    IsFull,
}

/// A call and the answer it must get.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Line of the call in its file, from 1.
    pub line: usize,
    /// The method.
    pub method: String,
    /// Path with or without `/v4/`, with or without a query.
    pub target: String,
    /// Who signs the query that a target without one gets; the administrator if it is none.
    pub identifier: Option<String>,
    /// Whether the last byte of the body is announced and never sent.
    pub is_incomplete: bool,
    /// The body, with its placeholders.
    pub body: String,
    /// The body of the answer, with its placeholders; `?` stands for one that is not written down yet.
    pub answer: String,
}

impl Exchange {
    /// Service and command of the path, such as `recentcontact/top`.
    pub fn path(&self) -> &str {
        let target = self.target.strip_prefix("/v4/").unwrap_or(&self.target);
        target.split('?').next().unwrap_or_default()
    }
}

impl Transcript {
    /// The calls among its steps.
    pub fn calls(&self) -> impl Iterator<Item = &Exchange> {
        self.steps.iter().filter_map(|step| match step {
            Step::Call(exchange) => Some(exchange),
            Step::Clock(_) | Step::Store(_) | Step::Restart(_) | Step::Touch(_) => None,
        })
    }

    /// The file it was read from.
    pub fn file(&self) -> PathBuf {
        directory().join(format!("{}.txt", self.name))
    }
}

/// Every transcript as it stands in its file, by name.
pub fn all() -> Vec<Transcript> {
    let mut files = Vec::new();
    collect(&directory(), &mut files);
    files.sort();
    let transcript = |file: &PathBuf| {
        let name = file.strip_prefix(directory()).unwrap().with_extension("");
        read(name.to_str().unwrap(), &fs::read_to_string(file).unwrap())
    };
    files.iter().map(transcript).collect::<Result<_, _>>().unwrap_or_else(|problem: String| panic!("{problem}"))
}

/// Every transcript, those of a whole service once for each of its commands.
pub fn all_expanded() -> Vec<Transcript> {
    all().iter().flat_map(expand).collect()
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn directory() -> PathBuf {
    root().join("compat/transcripts")
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "txt") {
            files.push(path);
        }
    }
}
