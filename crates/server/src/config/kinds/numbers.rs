//! Whole numbers.

use std::time::Duration;

use pinfold_core::AppId;
use toml::Value;

use crate::config::kind::{Kind, Shape, Wrong};

pub(in crate::config) const COUNT: Kind<u32> = number::<_, 1>();
pub(in crate::config) const COUNT_OR_ZERO: Kind<u32> = number::<_, 0>();
pub(in crate::config) const MILLIS: Kind<Duration> = number::<_, 1>();
pub(in crate::config) const APP_ID: Kind<AppId> = number::<_, 1>();

/// At most a hundred years.
pub(in crate::config) const DAYS_OR_ZERO: Kind<u32> =
    Kind::new("a whole number from 0 to 36500", Shape::Number, read::<_, 0, 36_500>, show::<_, 0>);

/// A whole number from `MIN` to `MAX`, as `allowed` says in words.
pub(in crate::config) const fn limit<const MIN: u32, const MAX: u32>(allowed: &'static str) -> Kind<usize> {
    Kind::new(allowed, Shape::Number, read::<_, MIN, MAX>, show::<_, MIN>)
}

/// A whole number from `MIN`, which is 0 or 1, to what 32 bits hold.
const fn number<T: Numeric, const MIN: u32>() -> Kind<T> {
    let allowed = match MIN {
        0 => "a whole number from 0 to 4294967295",
        _ => "a whole number from 1 to 4294967295",
    };
    Kind::new(allowed, Shape::Number, read::<T, MIN, { u32::MAX }>, show::<T, MIN>)
}

fn read<T: Numeric, const MIN: u32, const MAX: u32>(value: &Value) -> Result<T, Wrong> {
    let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
    number.filter(|number| (MIN..=MAX).contains(number)).map(T::from_number).ok_or(Wrong { element: None })
}

fn show<T: Numeric, const MIN: u32>(field: &T) -> Option<Value> {
    let number = field.to_number();
    (number >= i64::from(MIN)).then(|| Value::from(number))
}

/// A type that is a number in the file.
trait Numeric {
    fn from_number(number: u32) -> Self;
    fn to_number(&self) -> i64;
}

impl Numeric for u32 {
    fn from_number(number: u32) -> Self {
        number
    }

    fn to_number(&self) -> i64 {
        i64::from(*self)
    }
}

impl Numeric for usize {
    fn from_number(number: u32) -> Self {
        number as usize
    }

    fn to_number(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

/// In milliseconds.
impl Numeric for Duration {
    fn from_number(number: u32) -> Self {
        Self::from_millis(number.into())
    }

    fn to_number(&self) -> i64 {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Numeric for AppId {
    fn from_number(number: u32) -> Self {
        Self(number)
    }

    fn to_number(&self) -> i64 {
        i64::from(self.0)
    }
}
