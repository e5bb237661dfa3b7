//! The formats are known for one version of the engine; this notices another one.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;

use fjall_guard::{FJALL_VERSION, LSM_TREE_VERSION};

/// The version of a package in the lock file of the workspace.
fn locked(package: &str) -> String {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    let (_, after) = lock.split_once(&format!("name = \"{package}\"\nversion = \"")).unwrap();
    after.split_once('"').unwrap().0.to_owned()
}

#[test]
fn the_engine_in_the_lock_file_is_the_one_whose_formats_are_known() {
    assert_eq!(locked("fjall"), FJALL_VERSION);
    assert_eq!(locked("lsm-tree"), LSM_TREE_VERSION);
}
