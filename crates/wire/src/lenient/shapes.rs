//! The shapes a field can have: text, integer, boolean, object, array.

use std::cell::Cell;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, value::MapAccessDeserializer};

use super::observed::{Keys, Observed};
use super::shape::{Nested, Shape, skip_array};
use super::visitor::Element;
use super::{Elements, Lenient, Malformed};

impl Shape for String {
    const WANTED: Malformed = Malformed::NotAString;
    const WANTED_FOR_NUMBER: Malformed = Malformed::NumberForString;
    const MAY_STAND_ALONE: bool = true;

    fn text(text: &str) -> Result<Self, Malformed> {
        Ok(text.to_owned())
    }
}

/// An integer, or the same as a string of decimal digits: `1` or `"1"`. Arrays of integers are sets of bits.
impl Shape for i64 {
    const WANTED: Malformed = Malformed::NotAnInteger;
    const MAY_STAND_ALONE: bool = false;
    /// There are 64 bits, so one of these is not a bit.
    const KEPT_MAX: usize = 65;
    const IS_OF_A_SET: bool = true;

    fn text(text: &str) -> Result<Self, Malformed> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| decimal).ok_or(Self::WANTED)
    }

    fn integer(integer: i64) -> Result<Self, Malformed> {
        Ok(integer)
    }
}

/// A boolean: `true`, 1 or "1", `false`, 0 or "0".
impl Shape for bool {
    const WANTED: Malformed = Malformed::NotABoolean;
    const MAY_STAND_ALONE: bool = false;

    fn text(text: &str) -> Result<Self, Malformed> {
        match text {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(Self::WANTED),
        }
    }

    fn boolean(boolean: bool) -> Result<Self, Malformed> {
        Ok(boolean)
    }

    fn integer(integer: i64) -> Result<Self, Malformed> {
        match integer {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Self::WANTED),
        }
    }
}

/// A struct of lenient fields. Its `Deserialize` must accept every object.
pub trait Item: DeserializeOwned + PartialEq {
    /// The refusal of a number in its place.
    const WANTED_FOR_NUMBER: Malformed = Malformed::NotAnObject;
    /// The most elements of an array of it that are used.
    const KEPT_MAX: usize = usize::MAX;

    /// The item that a plain string stands for, if one may.
    fn from_text(_text: &str) -> Option<Self> {
        None
    }
}

impl<T: Item> Shape for T {
    const WANTED: Malformed = Malformed::NotAnObject;
    const WANTED_FOR_NUMBER: Malformed = <T as Item>::WANTED_FOR_NUMBER;
    const MAY_STAND_ALONE: bool = true;
    const KEPT_MAX: usize = <T as Item>::KEPT_MAX;

    fn text(text: &str) -> Result<Self, Malformed> {
        T::from_text(text).ok_or(Self::WANTED)
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Nested<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Ok)
    }

    /// Takes an array of exactly one object for that object: one PHP client can send nothing else.
    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Nested<Self, A::Error> {
        let first = array.next_element_seed(Element(PhantomData::<T>))?;
        let has_more = array.next_element::<IgnoredAny>()?.is_some();
        skip_array(array)?;
        match first {
            Some(Lenient::Given(one)) if !has_more => Ok(Ok(one)),
            Some(_) | None => Ok(Err(Self::WANTED)),
        }
    }
}

/// An array, or one element without its brackets where that element may stand alone.
impl<T: Shape> Shape for Elements<T> {
    const WANTED: Malformed = Malformed::NotAnArray;
    const MAY_STAND_ALONE: bool = false;

    fn text(text: &str) -> Result<Self, Malformed> {
        if T::MAY_STAND_ALONE { T::text(text).map(alone).map_err(|_| Self::WANTED) } else { Err(Self::WANTED) }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Nested<Self, A::Error> {
        Elements::read(array).map(Ok)
    }

    /// The keys decide what the object is: one element, or an array that some languages write so.
    fn object<'de, A: MapAccess<'de>>(object: A) -> Nested<Self, A::Error> {
        let keys = Cell::new(Keys::None);
        let one = T::object(Observed { object, keys: &keys })?;
        Ok(match keys.get() {
            Keys::Numbers => Err(Malformed::ObjectWithNumberKeys),
            Keys::None | Keys::Names => one.map(alone).map_err(|_| Self::WANTED),
        })
    }
}

fn alone<T>(one: T) -> Elements<T> {
    vec![Lenient::Given(one)].into()
}
