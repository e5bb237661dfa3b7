//! Where a stream stands.

use std::fmt;

/// A place in the changes of an account: a text of the service's own. It proves nothing and opens nothing without a
/// signature, so it may be kept anywhere. One that the service does not know is answered by a reset.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// The text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that was kept.
impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Cursor(text)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
