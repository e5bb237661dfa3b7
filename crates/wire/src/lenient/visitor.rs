//! Hands each kind of JSON value to the shape that is wanted.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use super::shape::{Shape, skip_array};
use super::{Lenient, Malformed};

impl<'de, T: Shape> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue { is_element: false, shape: PhantomData })
    }
}

/// Reads an element of an array. An array within an array is malformed: no element stands for itself in brackets.
pub(super) struct Element<T>(pub(super) PhantomData<T>);

impl<'de, T: Shape> DeserializeSeed<'de> for Element<T> {
    type Value = Lenient<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(AnyValue { is_element: true, shape: PhantomData })
    }
}

struct AnyValue<T> {
    is_element: bool,
    shape: PhantomData<T>,
}

impl<T> From<Result<T, Malformed>> for Lenient<T> {
    fn from(read: Result<T, Malformed>) -> Self {
        match read {
            Ok(value) => Lenient::Given(value),
            Err(malformed) => Lenient::Malformed(malformed),
        }
    }
}

impl<'de, T: Shape> Visitor<'de> for AnyValue<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Lenient::Absent)
    }

    fn visit_bool<E: Error>(self, boolean: bool) -> Result<Self::Value, E> {
        Ok(T::boolean(boolean).into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::text(text).into())
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<Self::Value, E> {
        Ok(T::integer(integer).into())
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(integer).map_err(|_| T::WANTED_FOR_NUMBER).and_then(T::integer).into())
    }

    /// Numbers with a fraction or an exponent, and integers of more than 64 bits.
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Lenient::Malformed(T::WANTED_FOR_NUMBER))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        if self.is_element {
            skip_array(array)?;
            return Ok(Lenient::Malformed(T::WANTED));
        }
        T::array(array).map(Lenient::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::object(object).map(Lenient::from)
    }
}
