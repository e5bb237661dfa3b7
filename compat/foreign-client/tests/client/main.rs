//! A client that was not written for pinfold, against a pinfold that runs as users run it: `pinfold dev --tls`.
//!
//! The client reads answers into strict types and drops the whole answer when a field has another shape. So every
//! answer here is compared as the client understood it.

mod accounts;
mod commands;
mod messages;
mod recent;
mod refusals;
mod server;
