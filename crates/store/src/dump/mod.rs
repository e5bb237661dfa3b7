//! A dump: everything a store keeps, as text, one JSON object a line. It moves data between backends.
//!
//! What each line holds is documented in `docs/operate/move.md`. The structs of `account` and `format` are that
//! format; they are not the core's types, so that those can change without a change of the files.
//!
//! An account is one line and one commit: it is read, checked and imported as a whole or not at all.

mod account;
mod account_set;
mod begun;
mod error;
mod export;
mod format;
mod held_history;
mod history;
mod import;
mod kind;
mod last_changes;
mod parts;
mod reader;
mod recents;
mod seal;
mod version;
mod writer;

pub use begun::Begun;
pub use error::{ExportError, ImportError, LineError};
pub(crate) use error::{name, name_of_chat_group};
pub use export::{Exporting, count_accounts, export};
pub use import::{Mode, import};
pub use reader::{Item, PlacedItem, Reader};
pub use version::{DumpFormat, DumpVersion, LeftOut};
pub use writer::Writer;

/// The longest line, its end included, in bytes. An account of ten thousand records takes about one million.
pub const LINE_BYTES_MAX: usize = 64 << 20;

/// How far an export or import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Accounts written to the file, or to the store.
    pub accounts: u64,
    /// Entries of recent conversations written to the file, or given to the store, which keeps the later of two times.
    pub entries: u64,
    /// Changes of the history written to the file, or put into the store, where one that is there already is replaced.
    pub changes: u64,
    /// Chat groups written to the file, or to the store.
    pub chat_groups: u64,
    /// Times of the last messages in chat groups; as entries.
    pub chat_group_times: u64,
    /// Accounts and chat groups that an import found in the store already, just as in the file. It does not look for
    /// entries, changes and times.
    pub there_already: u64,
    /// Bytes of the file up to here.
    pub bytes: u64,
}
