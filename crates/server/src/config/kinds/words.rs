//! One of a few words.

use pinfold_core::{Edition, Messages, Registration, Users};
use toml::Value;

use crate::config::LogFormat;
use crate::config::kind::{Kind, Shape, Wrong};

pub(in crate::config) const EDITION: Kind<Edition> = one_of(r#""standard", "pro", "pro-plus" or "enterprise""#);
pub(in crate::config) const REGISTRATION: Kind<Registration> = one_of(r#""imported" or "any""#);
pub(in crate::config) const USERS: Kind<Users> = one_of(r#""none" or "own""#);
pub(in crate::config) const MESSAGES: Kind<Messages> = one_of(r#""refuse" or "touch""#);
pub(in crate::config) const LOG_FORMAT: Kind<LogFormat> = one_of(r#""text" or "json""#);

const fn one_of<T: Words>(allowed: &'static str) -> Kind<T> {
    Kind::new(allowed, Shape::Text, read, show)
}

fn read<T: Words>(value: &Value) -> Result<T, Wrong> {
    let found = T::WORDS.iter().find(|(word, _)| value.as_str() == Some(word));
    found.map(|(_, value)| *value).ok_or(Wrong { element: None })
}

fn show<T: Words>(field: &T) -> Option<Value> {
    T::WORDS.iter().find(|(_, value)| value == field).map(|(word, _)| Value::from(*word))
}

/// A type with a word for each of its values.
pub(super) trait Words: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for Edition {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("standard", Self::Standard),
        ("pro", Self::Pro),
        ("pro-plus", Self::ProPlus),
        ("enterprise", Self::Enterprise),
    ];
}

impl Words for Registration {
    const WORDS: &'static [(&'static str, Self)] = &[("imported", Self::Imported), ("any", Self::Any)];
}

impl Words for Users {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("own", Self::Own)];
}

impl Words for Messages {
    const WORDS: &'static [(&'static str, Self)] = &[("refuse", Self::Refuse), ("touch", Self::Touch)];
}

impl Words for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}
