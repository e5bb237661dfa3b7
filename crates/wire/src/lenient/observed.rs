//! An object whose keys are observed while it is read.

use std::borrow::Cow;
use std::cell::Cell;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, MapAccess};

use crate::key::Key;

/// The kind of keys that an object has so far.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// There was none yet.
    None,
    /// Each is made of decimal digits, as those of an array that some languages write as an object.
    Numbers,
    Names,
}

/// Passes an object on.
pub(super) struct Observed<'k, A> {
    pub(super) object: A,
    pub(super) keys: &'k Cell<Keys>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Observed<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.object.next_key_seed(Key)? else { return Ok(None) };
        let is_number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        let are_numbers = is_number && self.keys.get() != Keys::Names;
        self.keys.set(if are_numbers { Keys::Numbers } else { Keys::Names });
        match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Cow::Owned(key) => seed.deserialize(StringDeserializer::new(key)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.object.next_value_seed(seed)
    }
}
