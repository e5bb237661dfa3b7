//! The one sentence that ends a run, and its exit code.

use std::error::Error;
use std::fmt;

/// Something is wrong with what the process was given, or the service refused.
pub(crate) const REFUSED: u8 = 1;
/// The command line is wrong, or no answer came.
pub(crate) const UNUSABLE: u8 = 2;

/// Why a subcommand ends early.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    code: u8,
}

impl Failure {
    /// A failure with exit code [`REFUSED`].
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: REFUSED }
    }

    /// The same failure with exit code [`UNUSABLE`].
    pub(crate) fn unusable(self) -> Self {
        Self { code: UNUSABLE, ..self }
    }

    /// The sentence.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The exit code of the process.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

/// The sentence.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// The error and all that caused it; see [`told`].
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(told(&error))
    }
}

/// An error and all that caused it, from the outside in, each only if it adds something.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !sentence.contains(&text) {
            sentence.push_str(": ");
            sentence.push_str(&text);
        }
        source = cause.source();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<Layer>>,
    }

    #[test]
    fn a_cause_is_told_once() {
        let cause = |text, source| Some(Box::new(Layer { text, source }));
        let error = Layer { text: "no answer", source: cause("broken pipe", cause("broken pipe", None)) };
        assert_eq!(Failure::from(error).sentence, "no answer: broken pipe");
    }
}
