//! Checks the files of a fjall database before fjall opens them.

mod error;
mod manifest;
mod preflight;
mod skipping_scan;

pub use error::{Damage, Error, Proof};
pub use manifest::{Listed, checksum, tables};
pub use preflight::{Fault, Known, Preflight, TornTail, preflight};
pub use skipping_scan::{SkippingScan, Unreadable};
