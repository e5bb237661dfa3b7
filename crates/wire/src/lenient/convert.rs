//! Building lenient fields, for clients, and writing them.

use serde::{Serialize, Serializer};

use super::{Lenient, List};

impl<T> From<T> for Lenient<T> {
    fn from(value: T) -> Self {
        Lenient::Given(value)
    }
}

impl From<&str> for Lenient<String> {
    fn from(text: &str) -> Self {
        Lenient::Given(text.to_owned())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Lenient::Given(items.into_iter().map(Lenient::Given).collect::<Vec<_>>().into())
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(items: [T; N]) -> Self {
        Vec::from(items).into()
    }
}

/// Writes what is not given as `null`; fields that are absent are skipped by their struct before that.
impl<T: Serialize> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Lenient::Given(value) => value.serialize(serializer),
            Lenient::Absent | Lenient::Malformed(_) => serializer.serialize_unit(),
        }
    }
}
