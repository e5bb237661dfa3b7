//! What is shipped beside the binary: recipes for proxies, the unit of systemd, the files for containers.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod caller;
mod container;
mod nginx_and_caddy;
mod proxies;
mod service;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::Write as _;
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

/// Whether a program is installed that a test needs. What is left out is said, and fails where
/// `PINFOLD_TEST_REQUIRE_PROGRAMS` is set, as in CI.
fn installed(program: &str) -> bool {
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<_> = std::env::split_paths(&directories).collect();
    directories.push("/usr/sbin".into());
    let found = directories.iter().any(|directory| directory.join(program).is_file());
    let required = std::env::var_os("PINFOLD_TEST_REQUIRE_PROGRAMS").is_some_and(|value| !value.is_empty());
    assert!(found || !required, "{program} is not installed: apt-get install nginx caddy systemd");
    if !found {
        // Not by a macro: of a test that passes nothing printed by one is shown.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {program} is not installed");
    }
    found
}
