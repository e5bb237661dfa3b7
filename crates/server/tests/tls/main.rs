//! TLS on the REST plane: who can connect, what is refused, and which certificates can be used.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod callers;
mod certificates;
mod clients;
mod handshakes;
mod pairs;
mod reload;
#[path = "../support/mod.rs"]
mod support;
mod versions;
