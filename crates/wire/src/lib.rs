//! What travels between a caller and the service: requests, answers, codes and signatures of the REST protocol.
//!
//! One file a command: it has the request and the answer, so that server and client cannot disagree. Requests are read
//! leniently (see [`lenient`]), so a wrong field reaches the server, which can name it in its refusal. This crate knows
//! the spelling of the protocol and none of its rules.
//!
//! ```
//! use pinfold_wire::{Command, Lenient, envelope, commands::MarkContact};
//!
//! let request: <MarkContact as Command>::Request = pinfold_wire::body::read(br#"{"From_Account":"alice"}"#)?;
//! assert_eq!(request.from_account, Lenient::Given("alice".to_owned()));
//! assert!(request.mark_item.is_absent());
//! # Ok::<(), pinfold_wire::body::BodyError>(())
//! ```

pub mod account;
pub mod body;
pub mod callback;
pub mod codes;
pub mod command;
pub mod commands;
pub mod envelope;
pub mod group;
mod json;
mod key;
pub mod lenient;
pub mod open_im;
pub mod pinfold;
pub mod recent_contact;
pub mod sse;
pub mod user_sig;
pub mod webhook;

pub use codes::Code;
pub use command::{Command, Service};
pub use commands::Repeat;
pub use lenient::{Lenient, List, Malformed};
