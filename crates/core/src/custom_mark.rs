//! The custom mark: a text of the app's own on a conversation.

use smol_str::SmolStr;

use crate::{Limits, Refusal};

/// A custom mark: 1 to [`Limits::custom_mark_bytes_max`] bytes. No mark is `None`, never an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomMark(SmolStr);

impl CustomMark {
    /// Reads a custom mark; the empty text means none.
    ///
    /// # Errors
    /// [`Refusal::TextLength`] over the limit.
    pub fn parse(text: &str, limits: &Limits) -> Result<Option<Self>, Refusal> {
        Refusal::unless_text_fits("CustomMark", text, limits.custom_mark_bytes_max)?;
        Ok(Self::stored(text))
    }

    /// A mark that was accepted before, as it comes back from a store: limits may have shrunk since.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// The mark as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_custom_mark_is_none_and_257_bytes_are_too_many() {
        let limits = Limits::default();
        assert_eq!(CustomMark::parse("", &limits), Ok(None));
        assert!(CustomMark::parse(&"m".repeat(256), &limits).unwrap().is_some());
        assert_eq!(
            CustomMark::parse(&"m".repeat(257), &limits),
            Err(Refusal::TextLength { field: "CustomMark", bytes: 257, bytes_max: 256 })
        );
    }
}
