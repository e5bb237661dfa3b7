//! Flipped bits never make a database silently shorter.

use std::fs;
use std::path::Path;

use super::super::format::Fault;
use super::{batches_in, copy_of, database, edit, ends, journal, preflight, refused};
use crate::error::{Damage, Error, Proof};

/// The place of the sequence number in a batch; it is outside the checksum.
const SEQUENCE: std::ops::Range<usize> = 5..13;

fn flip(dir: &Path, byte: usize, bit: u32) {
    edit(&journal(dir), |bytes| bytes[byte] ^= 1 << bit);
}

#[test]
fn every_flipped_bit_before_the_last_batch_is_refused_or_harmless() {
    let original = database(&[10, 20, 30]);
    let ends = ends(&journal(original.path()));
    for byte in 0..ends[1] as usize {
        for bit in 0..8 {
            flip(original.path(), byte, bit);
            if preflight(original.path(), false).is_ok_and(|found| found.batches == 3 && found.torn.is_none()) {
                let in_batch = if byte < ends[0] as usize { byte } else { byte - ends[0] as usize };
                assert!(SEQUENCE.contains(&in_batch), "byte {byte} bit {bit} passed");
                assert_eq!(batches_in(copy_of(original.path()).path()), [3, 3], "byte {byte} bit {bit}");
            } else {
                assert!(matches!(refused(original.path(), false), Error::Damaged(Damage::Journal { .. })));
            }
            flip(original.path(), byte, bit);
        }
    }
}

#[test]
fn fjall_alone_drops_batches_after_a_flipped_tag_without_an_error() {
    let dir = database(&[10, 20, 30]);
    let second = ends(&journal(dir.path()))[0] as usize;
    flip(dir.path(), second, 3);
    assert_eq!(batches_in(copy_of(dir.path()).path()), [1, 1]);
    let third = ends(&journal(copy_of(dir.path()).path()))[0];
    let Error::Damaged(Damage::Journal { offset, fault, proof, .. }) = refused(dir.path(), false) else { panic!() };
    assert_eq!((offset, fault), (third, Fault::NoStart));
    assert!(matches!(proof, Proof::BatchAfter(_)));
}

#[test]
fn a_flipped_bit_in_the_last_batch_is_refused_after_a_clean_shutdown() {
    let dir = database(&[10, 20]);
    let ends = ends(&journal(dir.path()));
    for byte in ends[0] as usize..ends[1] as usize {
        flip(dir.path(), byte, 4);
        let in_sequence = SEQUENCE.contains(&(byte - ends[0] as usize));
        assert!(
            in_sequence || matches!(refused(dir.path(), true), Error::Damaged(Damage::Journal { .. })),
            "byte {byte}"
        );
        flip(dir.path(), byte, 4);
    }
}

#[test]
fn a_sequence_number_that_leaps_is_refused() {
    let dir = database(&[10, 20]);
    let last = ends(&journal(dir.path()))[0] as usize;
    flip(dir.path(), last + SEQUENCE.start + 4, 0);
    let error = refused(dir.path(), false);
    assert!(matches!(error, Error::Damaged(Damage::Journal { fault: Fault::SequenceLeap, .. })), "{error}");
}

#[test]
fn the_refusal_says_where_and_why() {
    let dir = database(&[10, 20]);
    flip(dir.path(), 0, 1);
    let text = refused(dir.path(), false).to_string();
    for part in ["0.jnl, byte 0: no batch begins here", "a whole batch follows at byte"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(fs::exists(dir.path().join("torn")).is_ok_and(|exists| !exists));
}
