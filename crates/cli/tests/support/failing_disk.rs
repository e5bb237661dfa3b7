//! A disk that fails when a test wants it to.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, Workspace, text};

/// A server over a disk that fails while the file exists whose path is returned: `PINFOLD_TEST_SYNC_FAILS` fails syncs,
/// `PINFOLD_TEST_DISK_FULL` writes.
pub fn serve_over_failing_disk(workspace: &Workspace, failure: &str) -> (Server, PathBuf) {
    let trigger = workspace.path("disk-fails");
    let mut command = workspace.command("serve");
    command.env("LD_PRELOAD", failing_disk(workspace)).env(failure, &trigger);
    (Server::start(command), trigger)
}

/// A library that makes writes or syncs fail while a file exists. The build needs a C compiler too, so there is one.
fn failing_disk(workspace: &Workspace) -> PathBuf {
    let library = workspace.path("failing_disk.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/failing_disk.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o", text(&library), text(&source), "-ldl"]);
    assert!(compiler.status().expect("a C compiler named cc").success());
    library
}
