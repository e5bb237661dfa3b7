//! What is left of an export that was interrupted, and can be kept.

use std::io::BufRead;

use sha2::Sha256;

use super::account_set::AccountSet;
use super::{DumpVersion, Item, Reader};
use crate::AccountKey;

/// The begin of a dump, up to the last account that is whole.
pub struct Begun {
    /// Its version, in which it continues.
    pub version: DumpVersion,
    /// Its length; the rest of the file has to be cut off.
    pub bytes: u64,
    pub(super) last: AccountKey,
    /// How many accounts it holds.
    pub accounts: u64,
    pub(super) sha256: Sha256,
    pub(super) set: AccountSet,
}

impl Begun {
    /// Reads as far as the lines are good; `None` without one good account.
    pub fn read<R: BufRead>(mut reader: Reader<R>) -> Option<Self> {
        let mut begun = None;
        // A cut, damage and the end are the same here: the export continues after the last good account.
        while let Ok(Some(read)) = reader.read() {
            let Item::Account(last, _) = read.item else { break };
            let sha256 = reader.sha256();
            begun = Some((read.bytes, last, sha256));
        }
        let (bytes, last, sha256) = begun?;
        let (version, accounts) = (reader.version(), reader.read_so_far().accounts);
        Some(Self { version, bytes, last, accounts, sha256, set: reader.into_accounts() })
    }
}
