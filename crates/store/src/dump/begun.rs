//! What is left of an export that was interrupted, and can be kept.

use std::io::BufRead;

use sha2::Sha256;

use super::account_set::AccountSet;
use super::last_changes::LastChanges;
use super::{DumpFormat, Item, Reader};
use crate::AccountKey;

/// The begin of a dump, up to the last account that is whole.
pub struct Begun {
    /// Its format, in which it continues.
    pub format: DumpFormat,
    /// Its length; the rest of the file has to be cut off.
    pub bytes: u64,
    pub(super) last: AccountKey,
    /// How many accounts it holds.
    pub accounts: u64,
    pub(super) sha256: Sha256,
    pub(super) set: AccountSet,
    pub(super) last_changes: LastChanges,
}

impl Begun {
    /// Reads as far as the lines are good; `None` without one good account.
    pub fn read<R: BufRead>(mut reader: Reader<R>) -> Option<Self> {
        let (mut begun, mut last_changes) = (None, LastChanges::default());
        // A cut, damage and the end are the same here: the export continues after the last good account.
        while let Ok(Some(read)) = reader.read() {
            let Item::Account(last, state) = read.item else { break };
            last_changes.insert(&last, &state);
            let sha256 = reader.sha256();
            begun = Some((read.bytes, last, sha256));
        }
        let (bytes, last, sha256) = begun?;
        let (format, accounts) = (reader.format(), reader.read_so_far().accounts);
        Some(Self { format, bytes, last, accounts, sha256, set: reader.into_accounts(), last_changes })
    }
}
