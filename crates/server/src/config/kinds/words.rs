//! One of a few words.

use pinfold_core::{Edition, Registration};
use toml::Value;

use crate::config::LogFormat;
use crate::config::kind::{Kind, Wrong};

/// One of the words of a type, written in quotes.
pub(in crate::config) struct OneOf;

/// A type with a word for each of its values.
pub(in crate::config) trait Words: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
    const ALLOWED: &'static str;
}

impl<T: Words> Kind<T> for OneOf {
    const ALLOWED: &'static str = T::ALLOWED;

    fn read(value: &Value) -> Result<T, Wrong> {
        let found = T::WORDS.iter().find(|(word, _)| value.as_str() == Some(word));
        found.map(|(_, value)| *value).ok_or(Wrong { element: None })
    }

    fn show(field: &T) -> Option<Value> {
        T::WORDS.iter().find(|(_, value)| value == field).map(|(word, _)| Value::from(*word))
    }
}

impl Words for Edition {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("standard", Self::Standard),
        ("pro", Self::Pro),
        ("pro-plus", Self::ProPlus),
        ("enterprise", Self::Enterprise),
    ];
    const ALLOWED: &'static str = r#""standard", "pro", "pro-plus" or "enterprise""#;
}

impl Words for Registration {
    const WORDS: &'static [(&'static str, Self)] = &[("imported", Self::Imported), ("any", Self::Any)];
    const ALLOWED: &'static str = r#""imported" or "any""#;
}

impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
    const ALLOWED: &'static str = r#""text" or "json""#;
}
