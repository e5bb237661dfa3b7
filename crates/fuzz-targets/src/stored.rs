//! Keys and values as they lie on the disk of the embedded store, whatever became of them there.
//!
//! The first byte says what the rest is: `k` the key of a row of an account, `o` that of another row; `a` the rows of an
//! account, each as the length of its key in a byte, the key after the account's prefix, the length of its value in two
//! bytes, the larger half first, and the value; `0` to `9`, `:` and `;`, which come after `9`, a value of that kind. Nothing
//! may panic, and what is read must be the same when it is written and read once more.

use std::collections::BTreeMap;

use pinfold_core::{AccountId, AppId};
use pinfold_store::AccountKey;
use pinfold_store::embedded::fuzzing::{self, Row, Value};

use crate::state::is_kept;

/// The target; true if something could be read.
pub fn stored(data: &[u8]) -> bool {
    match data.split_first() {
        Some((b'k', key)) => is_read_as_written(key),
        Some((b'o', key)) => is_read_as_written_beside_accounts(key),
        Some((b'a', rows)) => account(rows),
        Some((kind, value)) => decoded(kind.wrapping_sub(b'0') % Value::KINDS, value),
        None => false,
    }
}

fn decoded(kind: u8, bytes: &[u8]) -> bool {
    let Ok(value) = Value::read(kind, bytes) else { return false };
    let written = value.write();
    assert_eq!(Value::read(kind, &written).as_ref().ok(), Some(&value), "it is written as {written:?}");
    let longer = [&written, &b"\0"[..]].concat();
    assert!(Value::read(kind, &longer).is_err(), "a byte more is not noticed: {longer:?}");
    true
}

fn is_read_as_written(key: &[u8]) -> bool {
    let Ok((account, written)) = fuzzing::key(key) else { return false };
    assert_eq!(fuzzing::key(&written).ok(), Some((account, written.clone())));
    // The letter in front says that it is the key of an account; who scans accounts asks for no other.
    assert_eq!(key[1..], written[1..]);
    true
}

fn is_read_as_written_beside_accounts(key: &[u8]) -> bool {
    let Ok(written) = fuzzing::other_key(key) else { return false };
    assert_eq!(key, written);
    true
}

fn account(bytes: &[u8]) -> bool {
    // The engine gives rows in the order of their keys, and none twice.
    let rows: BTreeMap<_, _> = rows(bytes).collect();
    let rows: Vec<Row> = rows.into_iter().collect();
    let Ok(Some((_, state))) = fuzzing::account(&rows) else { return false };
    if state.check().is_ok() {
        is_kept(&AccountKey { app: AppId(1), account: AccountId::parse("a").expect("it is one") }, &state);
    }
    true
}

fn rows(mut bytes: &[u8]) -> impl Iterator<Item = Row> {
    let mut part = move |length_bytes: usize| {
        let (length, rest) = bytes.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (part, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        Some(part.to_vec())
    };
    std::iter::from_fn(move || Some((part(1)?, part(2)?)))
}
