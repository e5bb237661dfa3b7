//! The data of a conversation group: a text of the app's own on it, such as a colour.

use smol_str::SmolStr;

use crate::{Limits, Refusal};

/// The data of a conversation group: 1 to [`Limits::group_data_bytes_max`] bytes. No data is `None`, never an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupData(SmolStr);

impl GroupData {
    /// Reads data; the empty text means none.
    ///
    /// # Errors
    /// [`Refusal::TextLength`] over the limit.
    pub fn parse(text: &str, limits: &Limits) -> Result<Option<Self>, Refusal> {
        Refusal::unless_text_fits("Data", text, limits.group_data_bytes_max)?;
        Ok(Self::stored(text))
    }

    /// Data that was accepted before, as it comes back from a store: limits may have shrunk since.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// The data as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_data_is_none_and_1025_bytes_are_too_many() {
        let limits = Limits::default();
        assert_eq!(GroupData::parse("", &limits), Ok(None));
        assert!(GroupData::parse(&"d".repeat(1024), &limits).unwrap().is_some());
        assert_eq!(
            GroupData::parse(&"d".repeat(1025), &limits),
            Err(Refusal::TextLength { field: "Data", bytes: 1025, bytes_max: 1024 })
        );
    }
}
