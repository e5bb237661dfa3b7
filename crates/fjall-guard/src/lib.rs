//! Checks the files of a fjall database before fjall opens them.

mod manifest;
mod preflight;
mod skipping_scan;

pub use manifest::{Listed, ManifestError, checksum, tables};
pub use preflight::{Fault, Known, Preflight, PreflightError, Proof, TornTail, preflight};
pub use skipping_scan::{SkippingScan, Unreadable};
