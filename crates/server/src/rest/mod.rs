//! The protocol over HTTP: a request is checked in the protocol's order, dispatched to its handler, and answered.

pub(crate) mod account_rates;
pub(crate) mod answer;
pub(crate) mod apps;
mod body;
mod call_in_progress;
mod callback;
mod checks;
mod coding;
mod dispatch;
pub(crate) mod error;
pub(crate) mod failed_signatures;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod plane;
mod query;
mod request;
pub(crate) mod signatures;
pub(crate) mod signer;
mod traces;
mod unknown_path;
mod watch;

pub use plane::Plane;
pub use traces::TRACES_TARGET;
