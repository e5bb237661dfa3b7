//! Ends that a power cut can leave: they are cut, and everything before them can be read.

use std::fs;

use super::super::format::Fault;
use super::super::scan::{Rest, rest};
use super::super::{Known, TornTail};
use super::{batches_in, copy_of, database, edit, ends, journal, number, open, passes, preflight};
use crate::error::{Damage, Error, Proof};

/// More than a sector, so that one fits between the header of a row and its end.
const LONG_BYTES: usize = 1_500;

#[test]
fn an_intact_database_passes() {
    let dir = database(&[10, 20, 30]);
    let found = passes(dir.path());
    assert_eq!((found.journals, found.batches), (1, 3));
    assert_eq!(batches_in(dir.path()), [3, 3]);
}

#[test]
fn space_reserved_and_not_written_is_a_clean_end() {
    let dir = database(&[10, 20]);
    edit(&journal(dir.path()), |bytes| bytes.resize(bytes.len() + 1_000_000, 0));
    assert_eq!(passes(dir.path()).batches, 2);
    assert!(preflight(dir.path(), true).is_ok(), "also after a clean shutdown");
}

#[test]
fn writes_outside_a_batch_removals_and_compressed_values_pass() {
    let dir = database(&[10]);
    let db = open(dir.path()).unwrap();
    let rows = db.keyspace("rows", Default::default).unwrap();
    rows.insert("compressed", vec![7; 100_000]).unwrap();
    rows.remove("compressed").unwrap();
    drop((rows, db));
    assert_eq!(passes(dir.path()).batches, 3);
}

#[test]
fn an_end_torn_at_any_byte_is_cut() {
    let original = database(&[10, 20, 30]);
    let ends = ends(&journal(original.path()));
    for length in ends[1] + 1..ends[2] {
        let dir = copy_of(original.path());
        let lost = fs::read(journal(dir.path())).unwrap()[ends[1] as usize..length as usize].to_vec();
        edit(&journal(dir.path()), |bytes| bytes.truncate(length as usize));
        let torn = preflight(dir.path(), false).unwrap().torn.unwrap();
        assert_eq!((torn.offset, torn.fault), (ends[1], Fault::EndOfFile));
        let mut kept = fs::read(torn.copy).unwrap();
        kept.resize(lost.len(), 0);
        assert_eq!(kept, lost, "all but zeros at the end is kept");
        assert_eq!(batches_in(dir.path()), [2, 2], "cut to {length} bytes");
    }
}

#[test]
fn a_lost_sector_in_a_value_is_cut_where_fjall_alone_refuses() {
    let dir = database(&[10, LONG_BYTES]);
    let ends = ends(&journal(dir.path()));
    let sector = ends[0] as usize + 600;
    edit(&journal(dir.path()), |bytes| bytes[sector..sector + 512].fill(0));
    let error = open(copy_of(dir.path()).path()).map(|_| ()).unwrap_err();
    assert!(format!("{error:?}").contains("ChecksumMismatch"), "{error:?}");
    let torn = preflight(dir.path(), false).unwrap().torn.unwrap();
    let journal = journal(dir.path());
    let copy = dir.path().join(format!("torn/000001-0.jnl-at-{}", ends[0]));
    let (offset, bytes) = (ends[0], ends[1] - ends[0]);
    assert_eq!(torn, TornTail { journal, offset, bytes, fault: Fault::Checksum, copy, in_doubt: None });
    assert_eq!(batches_in(dir.path()), [1, 1]);
}

#[test]
fn a_second_look_after_a_cut_finds_nothing() {
    let dir = database(&[10, 20]);
    edit(&journal(dir.path()), |bytes| bytes.truncate(bytes.len() - 1));
    assert!(preflight(dir.path(), false).unwrap().torn.is_some());
    assert_eq!(passes(dir.path()).batches, 1);
}

#[test]
fn only_the_newest_copies_are_kept() {
    let dir = database(&[10]);
    for _ in 0..10 {
        edit(&journal(dir.path()), |bytes| bytes.push(1));
        preflight(dir.path(), false).unwrap();
    }
    let mut names: Vec<_> = fs::read_dir(dir.path().join("torn")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 8);
    assert!(names[0].to_str().unwrap().starts_with("000003-"), "{names:?}");
}

#[test]
fn a_batch_after_a_bad_place_is_found_at_any_distance() {
    let dir = database(&[10]);
    let path = journal(dir.path());
    let batch = fs::read(&path).unwrap();
    for gap in [0, 1, 262_131, 262_132, 262_143, 262_144, 262_145, 600_000] {
        fs::write(&path, [vec![9; gap], batch.clone(), vec![0; 40]].concat()).unwrap();
        assert_eq!(rest(&path, 0, |_| true).unwrap(), Rest::Batch(gap as u64));
        let end = (gap + batch.len()) as u64;
        assert_eq!(rest(&path, 0, |_| false).unwrap(), Rest::Torn(end));
    }
}

/// A cut at the end of a batch looks like no end at all, and one inside a batch like the end of a write.
#[test]
fn an_end_that_lacks_what_was_acknowledged_is_refused_and_not_cut() {
    let original = database(&[10, 20, 30]);
    let ends = ends(&journal(original.path()));
    let known = |acknowledged| Known { closed_cleanly: false, acknowledged: Some(acknowledged), number };
    for length in [ends[1], ends[1] + 1, ends[2] - 1] {
        let dir = copy_of(original.path());
        edit(&journal(dir.path()), |bytes| bytes.truncate(length as usize));
        let error = super::super::preflight(dir.path(), &known(2)).unwrap_err();
        assert!(matches!(error, Error::Damaged(Damage::CutShort { last: 1, acknowledged: 2, .. })), "{error}");
        assert_eq!(fs::metadata(journal(dir.path())).unwrap().len(), length, "it is left untouched");
        assert_eq!(super::super::preflight(dir.path(), &known(1)).unwrap().last_commit, Some(1));
        assert_eq!(batches_in(dir.path()), [2, 2]);
    }
}

/// The newest journal holds nothing but the torn batch, which may be the one that was acknowledged.
#[test]
fn a_torn_first_batch_of_the_newest_journal_is_cut_only_where_it_was_not_acknowledged() {
    let original = database(&[10, 20, 30]);
    let ends = ends(&journal(original.path()));
    let known = |acknowledged| Known { closed_cleanly: false, acknowledged: Some(acknowledged), number };
    let torn = |length: u64, newest: &str, is_older_kept: bool| {
        let dir = copy_of(original.path());
        let bytes = fs::read(journal(dir.path())).unwrap();
        fs::write(dir.path().join(newest), &bytes[ends[1] as usize..length as usize]).unwrap();
        edit(&journal(dir.path()), |bytes| bytes.truncate(ends[1] as usize));
        if !is_older_kept {
            fs::remove_file(journal(dir.path())).unwrap();
        }
        dir
    };
    for (newest, is_older_kept) in [("1.jnl", true), ("1.jnl", false), ("7.jnl", true)] {
        let dir = torn(ends[2] - 1, newest, is_older_kept);
        let before = fs::read(dir.path().join(newest)).unwrap();
        let error = super::super::preflight(dir.path(), &known(2)).unwrap_err();
        let is_refused = matches!(
            error,
            Error::Damaged(Damage::CutShort { last: 1, acknowledged: 2, .. })
                | Error::Damaged(Damage::Journal { proof: Proof::Acknowledged(2), .. })
        );
        assert!(is_refused, "{newest}: {error}");
        assert_eq!(fs::read(dir.path().join(newest)).unwrap(), before, "it is left untouched");
        assert!(super::super::preflight(dir.path(), &known(1)).unwrap().torn.is_some(), "{newest}");
    }
}

/// Only the tables tell then whether the acknowledged commit is there: the caller looks after opening.
#[test]
fn a_torn_batch_without_a_number_is_cut_in_doubt_and_can_be_put_back() {
    let original = database(&[10, 20]);
    let path = journal(original.path());
    let (bytes, known) = (fs::read(&path).unwrap(), Known { closed_cleanly: false, acknowledged: Some(1), number });
    fs::remove_file(&path).unwrap();
    for torn in [bytes[..2].to_vec(), [vec![0; 40], bytes[40..59].to_vec()].concat()] {
        let newest = original.path().join("1.jnl");
        fs::write(&newest, &torn).unwrap();
        let cut = super::super::preflight(original.path(), &known).unwrap().torn.unwrap();
        assert_eq!((cut.in_doubt, fs::metadata(&newest).unwrap().len()), (Some(1), 0));
        cut.put_back().unwrap();
        assert_eq!(fs::read(&newest).unwrap(), torn);
    }
}
