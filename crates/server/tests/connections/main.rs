//! What goes over a connection before and around a call: heads, bodies, times, limits, HTTP/1 and HTTP/2. Every
//! test talks to a real server over TCP, most of them with raw sockets, because no client library would do this.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod bodies;
mod draining;
mod expectations;
mod faults;
mod heads;
mod http2;
mod idle;
mod keep_alive;
mod methods;
mod places;
mod raw;
mod signatures;
#[path = "../support/mod.rs"]
mod support;
mod troubled;

use std::time::Duration;

use pinfold_server::config::{Config, Timeouts};

/// Long enough for everything that should happen at once, and the limit for what should end.
const LONG: Duration = Duration::from_secs(20);

/// No time runs out by itself, so that a test sees the one it is about.
fn patient(config: &mut Config) {
    config.timeouts =
        Timeouts { header: LONG, body: LONG, idle: LONG, send: LONG, answer: LONG, drain: LONG, tls_handshake: LONG };
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
