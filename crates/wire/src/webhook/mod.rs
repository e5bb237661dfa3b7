//! Webhooks: the requests that tell an app's backend of its accounts' changes (docs/protocol.md, section 8).
//!
//! They have the form of the hosted service's callbacks, which [`callback`](crate::callback) takes: the same parameters
//! of the URL and the same `Sign`. It does not cover the body, so each request also carries the three headers of the
//! *Standard Webhooks* specification (<https://www.standardwebhooks.com>).

mod answer;
mod message_id;
mod signed;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::pinfold::change::Event;

pub use answer::{ErrorCode, refusal};
pub use message_id::MessageId;
pub use signed::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, headers, url};

/// Begins every `CallbackCommand`; the short name of the webhook command follows.
pub const COMMAND_PREFIX: &str = "RecentContact.CallbackAfter";

/// The body of a request: a change of an account, and those of its events that the command tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Body {
    /// [`COMMAND_PREFIX`] and the short name of the command; the URL names it too.
    pub callback_command: SmolStr,
    /// The account that changed.
    #[serde(rename = "From_Account")]
    pub from_account: SmolStr,
    /// When the change was made, unix milliseconds.
    pub event_time: u64,
    /// Which change of the account it is: 1 for the first, without gaps.
    pub revision: u32,
    /// The account that signed the call; `""` where none did.
    pub caller: SmolStr,
    /// Through what it came: `call`, `console`, `cli`, `import` or `undo`.
    pub via: SmolStr,
    /// What happened, in the order of the change.
    pub event: Vec<Event>,
}
