//! TLS on the REST plane: who can connect, what is refused, and which certificates can be used.
//!
//! That TLS 1.1 and older is refused cannot be shown here, because the TLS library of these tests does not speak it
//! either; the server offers 1.2 and 1.3 by name.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod certificates;
mod clients;
mod handshakes;
mod pairs;
#[path = "../support/mod.rs"]
mod support;
