//! Restores that are given up or never begin: what is there before stays, and nothing else does.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

use pinfold_store::embedded::{OpenError, Restoring};

use super::refusal;

#[test]
fn a_restore_that_is_given_up_removes_its_own_files_only() {
    let top = tempfile::tempdir().unwrap();
    let (above, inside) = (top.path().join("above"), top.path().join("above/inside"));
    Restoring::begin(&inside).unwrap().abandon().unwrap();
    assert!(!above.exists());
    let restoring = Restoring::begin(&inside).unwrap();
    fs::write(above.join("thesis.txt"), "years of work").unwrap();
    restoring.abandon().unwrap();
    assert!(!inside.exists());
    assert_eq!(fs::read_to_string(above.join("thesis.txt")).unwrap(), "years of work");
}

#[test]
fn a_restore_that_never_begins_leaves_the_lock_of_another_process() {
    let top = tempfile::tempdir().unwrap();
    let lock = File::create(top.path().join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(Restoring::begin(top.path()), Err(OpenError::InUse(_))));
    assert!(top.path().join("lock").exists());
}

/// A path that cannot be read is not taken for one that is missing: neither damage nor an interrupted restore.
#[test]
fn a_part_of_a_store_that_cannot_be_looked_at_is_told_with_what_the_system_says() {
    let top = tempfile::tempdir().unwrap();
    let looped = |name: &str| symlink(name, top.path().join(name)).unwrap();
    looped("data.new");
    fs::write(top.path().join("format"), "pinfold 2\n").unwrap();
    let refusal = refusal(top.path());
    assert!(matches!(refusal, OpenError::Io { action: "look into the directory", .. }), "{refusal}");
    fs::remove_file(top.path().join("data.new")).unwrap();
    looped("data");
    fs::create_dir(top.path().join("restoring")).unwrap();
    let refusal = Restoring::check_empty(top.path()).unwrap_err();
    assert!(matches!(refusal, OpenError::Io { action: "look into the directory", .. }), "{refusal}");
}
