//! The type of a field, as it is read from each kind of JSON value.

use serde::{
    Deserialize,
    de::{
        IgnoredAny, MapAccess, SeqAccess,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::Malformed;

/// The result of reading a nested value: an error only if the JSON itself is broken.
pub(super) type Nested<T, E> = Result<Result<T, Malformed>, E>;

/// A type of field, and how it reads each kind of JSON value. Kinds without a method of their own are malformed.
pub trait Shape: Sized + PartialEq {
    /// The refusal of a value that does not fit.
    const WANTED: Malformed;
    /// The refusal of a number that does not fit.
    const WANTED_FOR_NUMBER: Malformed = Self::WANTED;
    /// Whether one of it may stand where an array of it is documented.
    const MAY_STAND_ALONE: bool;
    /// The most elements of an array of it that are used.
    const KEPT_MAX: usize = usize::MAX;
    /// Whether an array of it is a set: an element that is equal to one before says nothing.
    const IS_OF_A_SET: bool = false;

    /// Reads a string.
    fn text(_text: &str) -> Result<Self, Malformed> {
        Err(Self::WANTED)
    }

    /// Reads `true` or `false`.
    fn boolean(_boolean: bool) -> Result<Self, Malformed> {
        Err(Self::WANTED)
    }

    /// Reads a number without fraction and exponent that fits 64 bits.
    fn integer(_integer: i64) -> Result<Self, Malformed> {
        Err(Self::WANTED_FOR_NUMBER)
    }

    /// Reads an array, to its end in any case.
    fn array<'de, A: SeqAccess<'de>>(array: A) -> Nested<Self, A::Error> {
        skip_array(array)?;
        Ok(Err(Self::WANTED))
    }

    /// Reads an object, to its end in any case.
    fn object<'de, A: MapAccess<'de>>(object: A) -> Nested<Self, A::Error> {
        skip_object(object)?;
        Ok(Err(Self::WANTED))
    }
}

/// Reads an array to its end and drops it.
pub(super) fn skip_array<'de, A: SeqAccess<'de>>(array: A) -> Result<(), A::Error> {
    Deserialize::deserialize(SeqAccessDeserializer::new(array)).map(|IgnoredAny| ())
}

fn skip_object<'de, A: MapAccess<'de>>(object: A) -> Result<(), A::Error> {
    Deserialize::deserialize(MapAccessDeserializer::new(object)).map(|IgnoredAny| ())
}
