//! Dumps: everything comes back as it was, and what is damaged is told with its line and never taken in part.

#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod damage;
mod interrupted;
mod lines;
mod places;
mod refusals;
mod round_trip;
mod states;
#[path = "../support/mod.rs"]
mod support;
