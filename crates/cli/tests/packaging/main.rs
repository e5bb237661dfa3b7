//! Files that are shipped with the binary: recipes for proxies, the unit of systemd, the files for containers.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod caller;
mod container;
mod nginx_and_caddy;
mod proxies;
mod release;
mod service;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Its text.
fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A text with changes for the machine of a test, each of which must find its place.
fn adapted(text: String, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "no {from:?} in\n{text}");
        text.replace(from, to)
    })
}
