//! A connection before and around a call: heads, bodies, times, limits, HTTP/1 and HTTP/2. Every
//! test talks to a real server over TCP, most of them with raw sockets, because no client library would do this.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod admin;
mod arrays;
mod bodies;
mod connections_max;
mod draining;
mod expectations;
mod failing_server;
mod faults;
mod heads;
mod http2;
mod idle;
mod keep_alive;
mod methods;
mod raw;
mod signatures;
#[path = "../support/mod.rs"]
mod support;

use support::no_timeouts::{LONG, ms, no_timeouts};
