//! A body is read the same whether it looks plain or not.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::Command;
use crate::commands::{CreateGroup, GetList, MarkContact, MultiaccountImport, UpdateContactGroup};

const NAMES: &str =
    r#""From_Account" "MarkItem" "UpdateGroup" "AccountList" "ContactItem" "SetMark" "Type" "0" "x" "\u0078""#;
const PLAIN: &str = r#"0 -3 "" "a" "//" "工" 999999999999999"#;
const NOT_PLAIN: &str = r#"1.5 1e999 9999999999999999 true null "\n" "\ud800""#;
/// What a change puts somewhere, besides the above.
const PIECES: &str = r#"{ } [ ] , : " \ / // - 01 "x": "\u0078":0, {"a":1} [[[[[[[[[ ]]]]]]]]]"#;
const UNSEEN: [&str; 7] = [" ", "\n", "//x\n", "\u{c}", "\0", "\u{feff}", "\"\u{1}\""];

fn one_of(pieces: &'static str) -> impl Strategy<Value = &'static str> {
    select(pieces.split(' ').collect::<Vec<_>>())
}

/// The pieces of a JSON value.
fn value() -> impl Strategy<Value = Vec<&'static str>> {
    let scalar = prop_oneof![20 => one_of(PLAIN), 1 => one_of(NOT_PLAIN)].prop_map(|piece| vec![piece]);
    scalar.prop_recursive(4, 32, 6, |inner| {
        let field = (one_of(NAMES), inner.clone()).prop_map(|(name, value)| [vec![name, ":"], value].concat());
        prop_oneof![
            1 => vec(inner, 0..6).prop_map(|values| [vec!["["], values.join(&","), vec!["]"]].concat()),
            3 => vec(field, 0..6).prop_map(|fields| [vec!["{"], fields.join(&","), vec!["}"]].concat()),
        ]
    })
}

fn is_read_the_same<C: Command<Request: PartialEq>>(text: &str, elements_max: usize) -> bool {
    let without_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    read_bounded::<C::Request>(text.as_bytes(), elements_max) == read_any(without_mark, elements_max)
}

proptest! {
    #[test]
    fn a_body_is_read_as_if_there_was_no_look_at_whether_it_is_plain(
        mut pieces in value(),
        changes in vec((any::<prop::sample::Index>(), prop_oneof![one_of(PIECES), select(&UNSEEN)]), 0..3),
        elements_max in prop_oneof![0_usize..4, Just(usize::MAX)],
    ) {
        for (at, piece) in changes {
            pieces.insert(at.index(pieces.len() + 1), piece);
        }
        let text = pieces.concat();
        prop_assert!(is_read_the_same::<MarkContact>(&text, elements_max), "{text:?}");
        prop_assert!(is_read_the_same::<UpdateContactGroup>(&text, elements_max), "{text:?}");
        prop_assert!(is_read_the_same::<MultiaccountImport>(&text, elements_max), "{text:?}");
        prop_assert!(is_read_the_same::<CreateGroup>(&text, elements_max), "{text:?}");
        prop_assert!(is_read_the_same::<GetList>(&text, elements_max), "{text:?}");
    }
}
