//! Several journals, databases that are in use, and databases without files.

use std::fs;
use std::path::Path;

use super::super::Preflight;
use super::super::format::Fault;
use super::{batches_in, database, edit, ends, journal, open, passes, preflight, refused};
use crate::error::{Damage, Error, Proof};

/// Moves the batches from this one on to a journal of their own.
fn split(dir: &Path, batch: usize, number: u32) {
    let place = ends(&journal(dir))[batch - 1] as usize;
    let bytes = fs::read(journal(dir)).unwrap();
    fs::write(dir.join(format!("{number}.jnl")), &bytes[place..]).unwrap();
    fs::write(journal(dir), &bytes[..place]).unwrap();
}

#[test]
fn journals_are_read_in_the_order_of_their_numbers() {
    let dir = database(&[10, 20, 30]);
    split(dir.path(), 2, 10);
    split(dir.path(), 1, 9);
    let found = passes(dir.path());
    assert_eq!((found.journals, found.batches), (3, 3));
    assert_eq!(batches_in(dir.path()), [3, 3]);
}

#[test]
fn a_torn_end_of_an_older_journal_is_refused() {
    let dir = database(&[10, 20, 30]);
    split(dir.path(), 2, 1);
    fs::write(dir.path().join("1.jnl"), []).unwrap();
    edit(&journal(dir.path()), |bytes| bytes.truncate(bytes.len() - 1));
    let error = refused(dir.path(), false);
    assert!(matches!(error, Error::Damaged(Damage::Journal { proof: Proof::NewerJournal, .. })), "{error}");
}

#[test]
fn a_sequence_number_that_goes_back_is_refused() {
    let dir = database(&[10, 20]);
    let doubled = fs::read(journal(dir.path())).unwrap();
    fs::write(dir.path().join("1.jnl"), doubled).unwrap();
    let error = refused(dir.path(), false);
    assert!(matches!(error, Error::Damaged(Damage::Journal { fault: Fault::SequenceBack, .. })), "{error}");
}

#[test]
fn a_gap_in_the_numbers_may_leap() {
    let dir = database(&[10, 20]);
    split(dir.path(), 1, 5);
    edit(&dir.path().join("5.jnl"), |bytes| bytes[5 + 3] = 1);
    assert_eq!(passes(dir.path()).batches, 2);
}

#[test]
fn a_database_in_use_is_left_alone() {
    let dir = database(&[10]);
    let db = open(dir.path()).unwrap();
    edit(&journal(dir.path()), |bytes| bytes.push(1));
    assert!(matches!(refused(dir.path(), false), Error::InUse(_)));
    drop(db);
}

#[test]
fn a_missing_or_empty_directory_passes() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(preflight(&dir.path().join("none"), false).unwrap(), Preflight::default());
    assert_eq!(passes(dir.path()).journals, 0);
    assert_eq!(batches_in(dir.path()), [0, 0]);
}

#[test]
fn a_database_without_journals_is_refused() {
    let dir = database(&[10]);
    fs::remove_file(journal(dir.path())).unwrap();
    assert!(matches!(preflight(dir.path(), false), Err(Error::Damaged(Damage::NoJournal(_)))));
}

#[test]
fn a_journal_whose_name_is_not_a_number_is_refused() {
    let dir = database(&[10]);
    fs::write(dir.path().join("old.jnl"), []).unwrap();
    assert!(matches!(preflight(dir.path(), false), Err(Error::Damaged(Damage::JournalName(_)))));
}
