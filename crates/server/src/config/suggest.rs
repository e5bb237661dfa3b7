//! Suggests a known key for an unknown one.

use super::keys::{KEYS, is_section, last_part, section_of};

/// The nearest known name, of a key or a section, if one is near. Both names are dotted, without indexes.
pub(super) fn nearest(unknown: &str) -> Option<&'static str> {
    let keys = KEYS.iter().map(|key| key.name);
    let sections = KEYS.iter().map(|key| section_of(key.name)).filter(|name| is_section(name));
    let ranked = keys.chain(sections).map(|known| (distance(unknown, known), known));
    let (_, known) = ranked.min()?;
    let far = last_part(unknown).chars().count() / 3;
    (distance(unknown, known).0 <= far.max(1)).then_some(known)
}

/// Compares the last parts first, since the key may be in the wrong section, then the whole names.
fn distance(unknown: &str, known: &str) -> (usize, usize) {
    let (last, known_last) = (last_part(unknown), last_part(known));
    let whole = strsim::levenshtein(unknown, known);
    let begun = last.len() >= 3 && known_last.starts_with(last);
    let of_last = if begun { 1 } else { strsim::levenshtein(last, known_last) };
    (of_last.min(whole), whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_name_finds_the_key_of_the_same_section() {
        assert_eq!(nearest("app.limits.pin_max"), Some("app.limits.pins_max"));
        assert_eq!(nearest("app.key_file"), Some("app.keys_file"));
    }

    #[test]
    fn the_begin_of_a_name_finds_it() {
        assert_eq!(nearest("timeouts.header"), Some("timeouts.header_ms"));
    }

    #[test]
    fn a_key_in_the_wrong_section_finds_the_right_one() {
        assert_eq!(nearest("store.log"), Some("log"));
        assert_eq!(nearest("app.pins_max"), Some("app.limits.pins_max"));
    }

    #[test]
    fn a_section_is_found_too() {
        assert_eq!(nearest("stor"), Some("store"));
        assert_eq!(nearest("limits"), Some("app.limits"));
    }

    #[test]
    fn what_is_near_to_nothing_finds_nothing() {
        assert_eq!(nearest("colour"), None);
        assert_eq!(nearest("x"), None);
    }
}
