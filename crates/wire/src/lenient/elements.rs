//! The elements of an array: as many as a call may have are kept, the others are counted.
//!
//! A body of a mebibyte can hold 350,000 elements, each of which takes a hundred times its text when it is read.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{IgnoredAny, SeqAccess};
use serde::{Serialize, Serializer};

use super::Lenient;
use super::shape::Shape;
use super::visitor::Element;

thread_local! {
    /// The most elements that are kept by a request that is read on this thread. Derived code hands no argument on.
    static KEPT_MAX: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The elements of an array that came. It derefs to those that are kept, which are the first ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elements<T> {
    kept: Vec<Lenient<T>>,
    count: usize,
}

impl<T> Elements<T> {
    /// How many came; of a set how many are kept.
    pub const fn count(&self) -> usize {
        self.count
    }
}

impl<T> Default for Elements<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), count: 0 }
    }
}

impl<T> Deref for Elements<T> {
    type Target = [Lenient<T>];

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl<T> From<Vec<Lenient<T>>> for Elements<T> {
    fn from(kept: Vec<Lenient<T>>) -> Self {
        Self { count: kept.len(), kept }
    }
}

impl<T: Serialize> Serialize for Elements<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.kept.serialize(serializer)
    }
}

impl<T: Shape> Elements<T> {
    /// Reads an array to its end.
    pub(super) fn read<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let kept_max = match KEPT_MAX.get() {
            usize::MAX if !T::IS_OF_A_SET => usize::MAX,
            bound => bound.min(T::KEPT_MAX),
        };
        let mut elements = Self::default();
        while elements.kept.len() < kept_max {
            let Some(element) = array.next_element_seed(Element(PhantomData))? else { return Ok(elements) };
            if !(T::IS_OF_A_SET && elements.kept.contains(&element)) {
                elements.kept.push(element);
                elements.count += 1;
            }
        }
        while array.next_element::<IgnoredAny>()?.is_some() {
            elements.count += usize::from(!T::IS_OF_A_SET);
        }
        Ok(elements)
    }
}

/// Runs `read`; arrays keep no more elements than this meanwhile.
pub(crate) fn keeping<R>(max: usize, read: impl FnOnce() -> R) -> R {
    let _restored = Restored(KEPT_MAX.replace(max));
    read()
}

struct Restored(usize);

impl Drop for Restored {
    fn drop(&mut self) {
        KEPT_MAX.set(self.0);
    }
}
