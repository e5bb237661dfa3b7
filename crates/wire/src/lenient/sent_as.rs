//! Fields with synonyms: which of their names was sent.

use super::Lenient;

/// The name that a field with synonyms came under, so that a refusal can repeat it. Two of them are always equal:
/// synonyms mean the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentAs(Option<&'static str>);

impl SentAs {
    /// The name that was sent, or the documented one where none was.
    pub fn or(self, documented: &'static str) -> &'static str {
        self.0.unwrap_or(documented)
    }
}

/// The name that was sent, or that is documented where none was.
impl From<&'static str> for SentAs {
    fn from(name: &'static str) -> Self {
        Self(Some(name))
    }
}

impl PartialEq for SentAs {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for SentAs {}

/// The first of these synonyms that is not absent.
pub(crate) fn first<T, const N: usize>(synonyms: [(&'static str, Lenient<T>); N]) -> (SentAs, Lenient<T>) {
    let place = synonyms.iter().position(|(_, value)| !value.is_absent());
    nth(synonyms, place)
}

/// The same for ids: one that is empty counts only where no other is given.
pub(crate) fn first_id<const N: usize>(synonyms: [(&'static str, Lenient<String>); N]) -> (SentAs, Lenient<String>) {
    let place = synonyms.iter().position(|(_, id)| id.is_id());
    let place = place.or_else(|| synonyms.iter().position(|(_, id)| !id.is_absent()));
    nth(synonyms, place)
}

fn nth<T, const N: usize>(synonyms: [(&'static str, Lenient<T>); N], place: Option<usize>) -> (SentAs, Lenient<T>) {
    let chosen = place.and_then(|place| synonyms.into_iter().nth(place));
    chosen.map_or_else(Default::default, |(name, value)| (SentAs(Some(name)), value))
}
