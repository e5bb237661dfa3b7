//! The key `log_format`.

use serde::{Deserialize, Serialize};

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Time, level, module, message and fields, for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
