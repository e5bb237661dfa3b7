//! Dumps: everything comes back as it was, and what is damaged is told with its line and never taken in part.

#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod damage;
mod handwritten;
mod history;
mod interrupted;
mod random_states;
mod recents;
mod refusals;
mod round_trip;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod versions;
