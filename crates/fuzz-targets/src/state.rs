//! Checks that every state of an account must pass, wherever it came from.

use std::io::Cursor;

use pinfold_core::AccountState;
use pinfold_store::dump::{Item, Reader, Writer};
use pinfold_store::embedded::fuzzing;
use pinfold_store::{AccountKey, Version};

/// The state is consistent, and it comes back as it was from the rows of the embedded store and from a dump.
pub(crate) fn is_kept(account: &AccountKey, state: &AccountState) {
    if let Err(problem) = state.check() {
        panic!("{problem}: {state:?}");
    }
    let version = Version::numbered(7);
    let rows = fuzzing::rows(account, version, state);
    assert_eq!(fuzzing::account(&rows).expect("what was written is read"), Some((version, state.clone())));
    let mut writer = Writer::begin(Vec::new(), 0).expect("writing to memory cannot fail");
    writer.account(account, state).expect("what is consistent can be exported");
    let dump = writer.end().expect("writing to memory cannot fail");
    let read = Reader::new(Cursor::new(dump)).read().expect("what was exported is read");
    assert_eq!(read.map(|read| read.item), Some(Item::Account(account.clone(), state.clone())));
}
