//! An account that is watched, over what happens to a server: kills and stops, restores, a full disk, hosts that vanish.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod account;
mod full_disk;
mod half_open;
mod history;
mod killed;
mod kills;
mod restored;
#[path = "../support/mod.rs"]
mod support;
