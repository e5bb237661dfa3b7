//! Checks the files of a [fjall](https://docs.rs/fjall) database before fjall opens them, and reads past damage while
//! it is open.
//!
//! fjall recovers from a power cut by cutting a journal at the first place that does not parse, and it trusts its lists
//! of tables. So damaged storage can cost data that was committed and synced, without an error:
//!
//! | damage | fjall alone | this crate |
//! | --- | --- | --- |
//! | a flipped bit in the middle of a journal | drops all batches after it | [`preflight`] refuses, and names the place |
//! | a lost sector in the last, torn batch | refuses to open | [`preflight`] cuts the torn end and keeps a copy |
//! | a journal that is missing, or cut short | opens without the batches | [`preflight`] refuses, if it is told what was acknowledged |
//! | a flipped byte in a list of tables | panics, aborts, or removes a table | [`tables`] refuses |
//! | a flipped byte in a table | returns an error for each block read | [`ListedFile::verify`] finds it, [`SkippingScan`] reads the rows around it |
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! use fjall_guard::{Known, preflight, tables};
//!
//! let known = Known { closed_cleanly: false, acknowledged: None, number: |_, _| None };
//! tables(dir.path())?;
//! preflight(dir.path(), &known)?;
//! let database = fjall::Database::builder(dir.path()).open()?;
//! # Ok(()) }
//! ```
//!
//! # Versions
//!
//! The formats of journals and lists are not part of fjall's API. They are known for fjall [`FJALL_VERSION`] with
//! lsm-tree [`LSM_TREE_VERSION`]; a program that uses this crate pins fjall with `=`. A test compares both with the
//! lock file, so that no other version is used unnoticed. All other tests make their databases with fjall itself: a
//! format that changed fails them. Take a new version only when they pass, then change the two constants.

mod error;
mod manifest;
mod preflight;
mod skipping_scan;

pub use error::{Damage, Error, Proof};
pub use manifest::{FileFault, ListedFile, tables};
pub use preflight::{Fault, Known, Preflight, TornTail, preflight};
pub use skipping_scan::{SkippingScan, Unreadable};

/// The version of fjall whose journals are known.
pub const FJALL_VERSION: &str = "3.1.13";
/// The version of lsm-tree whose lists of tables are known.
pub const LSM_TREE_VERSION: &str = "3.1.10";
