//! The server: configuration, the REST plane and the admin plane.
//!
//! A request comes through `plane` (connection, order of checks, body), is dispatched to one of the
//! `handlers`, which has `parse` turn wire values into those of the core, lets a rule decide over the
//! store, and writes the answer. Refusals get their codes in `error` and nowhere else.

mod admin;
mod apps;
pub mod config;
mod error;
mod handlers;
mod open_store;
mod parse;
mod plane;
mod query;
mod signatures;

pub use admin::AdminPlane;
pub use open_store::{OpenStoreError, migrate_store, open_store};
#[doc(hidden)]
pub use plane::fuzzing;
pub use plane::{Clock, Plane, StartError, TlsError, check_tls, system_clock};
