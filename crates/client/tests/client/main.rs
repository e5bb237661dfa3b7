//! The client against a small server of this test.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod calls;
mod faults;
mod https;
mod script;
mod stub_server;
mod watching;
