//! The interface between the formats of a line and the event that is written to it.

use std::fmt::Debug;

use tracing::field::Visit;

/// A line that takes the fields of an event.
pub(super) trait Fields: Visit {
    /// Takes the message, which is not a field in every format.
    fn message(&mut self, message: &dyn Debug);
}
