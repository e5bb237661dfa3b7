//! Requests, answers and envelopes as they are on the wire.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod answers;
mod arranging;
mod body;
mod envelopes;
mod history;
mod lenient;
mod messages;
mod properties;
mod requests;
mod spellings;
mod sse;
mod webhooks;
