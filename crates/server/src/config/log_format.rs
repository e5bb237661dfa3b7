//! The key `log_format`.

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Time, level, module, message and fields, for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
