//! A first pass over the body that finds what the second, typed one would overlook: keys that come twice, also in
//! fields that are never read, and nesting without end.

use std::{borrow::Cow, cell::RefCell, collections::HashSet, fmt, hash::BuildHasher};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use super::{BodyError, NESTING_MAX};
use crate::key::Key;

/// Most characters of a key that a refusal repeats.
const KEY_SHOWN_CHARS_MAX: usize = 32;

/// Checks that the text is one JSON object, not too deep, with every key once in its object.
pub(super) fn check(json: &str) -> Result<(), BodyError> {
    let finding = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let walked = AnyValue { depth: 0, finding: &finding }.deserialize(&mut deserializer);
    walked.map_err(|error| match finding.take() {
        Some(finding) => finding.at(error.line(), error.column()),
        None => BodyError::not_json(&error),
    })?;
    deserializer.end().map_err(|error| BodyError::MoreFollows { line: error.line(), column: error.column() })
}

/// What ended the pass; the parser adds the place.
enum Finding {
    NotAnObject(&'static str),
    DuplicateKey(String),
    TooDeep,
}

impl Finding {
    fn at(self, line: usize, column: usize) -> BodyError {
        match self {
            Finding::NotAnObject(found) => BodyError::NotAnObject { found },
            Finding::DuplicateKey(key) => BodyError::DuplicateKey { key, line, column },
            Finding::TooDeep => BodyError::TooDeep { line, column },
        }
    }
}

/// Walks through one value. `depth` is the number of objects and arrays around it.
#[derive(Clone, Copy)]
struct AnyValue<'f> {
    depth: usize,
    finding: &'f RefCell<Option<Finding>>,
}

impl AnyValue<'_> {
    fn stop<E: Error>(&self, finding: Finding) -> E {
        self.finding.replace(Some(finding));
        E::custom("stopped")
    }

    fn scalar<E: Error>(&self, found: &'static str) -> Result<(), E> {
        if self.depth == 0 { Err(self.stop(Finding::NotAnObject(found))) } else { Ok(()) }
    }

    fn inside<E: Error>(mut self) -> Result<Self, E> {
        self.depth += 1;
        if self.depth > NESTING_MAX { Err(self.stop(Finding::TooDeep)) } else { Ok(self) }
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar("null")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.scalar("a boolean")
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.scalar("a number")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.scalar("a number")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.scalar("a number")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.scalar("a string")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.scalar("an array")?;
        let inside = self.inside()?;
        while array.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut seen = Keys::default();
        while let Some(key) = object.next_key_seed(Key)? {
            if let Some(again) = seen.insert(key).filter(|again| !again.contains(char::REPLACEMENT_CHARACTER)) {
                let shown = again.chars().take(KEY_SHOWN_CHARS_MAX).collect();
                return Err(self.stop(Finding::DuplicateKey(shown)));
            }
            object.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// The keys of one object. Keys with U+FFFD may come twice: halves of different surrogate pairs are read as the same
/// character, and no field has it in its name. Few are compared one by one, which needs no hashing. Of many only the
/// hashes are kept: a body can be nothing but keys, and a random hash of 64 bits does not come twice among those of one
/// body.
#[derive(Default)]
struct Keys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<u64>,
}

/// From this number on a set is faster than comparing.
const FEW_MAX: usize = 12;

impl<'de> Keys<'de> {
    /// Gives the key back if it was there.
    fn insert(&mut self, key: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.few.contains(&key) {
            return Some(key);
        }
        if self.few.len() < FEW_MAX {
            self.few.push(key);
            return None;
        }
        let hash = self.many.hasher().hash_one(&*key);
        (!self.many.insert(hash)).then_some(key)
    }
}
