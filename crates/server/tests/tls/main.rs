//! TLS on the REST plane: clients, versions and certificates that are accepted or refused.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod certificates;
mod client_certificates;
mod clients;
mod handshakes;
mod key_pairs;
mod reload;
#[path = "../support/mod.rs"]
mod support;
mod versions;
