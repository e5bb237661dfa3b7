//! Marks, ids and names as text.

use pinfold_core::{AccountId, ChatGroupId, CustomMark, GroupName, IdProblem, Limits, MarkBit, Refusal, StandardMarks};
use proptest::collection::btree_set;
use proptest::prelude::*;

proptest! {
    #[test]
    fn standard_marks_come_back_from_their_text(bits in any::<u64>()) {
        prop_assert_eq!(StandardMarks(bits).to_string().parse(), Ok(StandardMarks(bits)));
    }

    #[test]
    fn the_text_of_standard_marks_has_the_highest_bit_first(bits in btree_set(0..64i64, 0..64)) {
        let marks: StandardMarks = bits.iter().map(|bit| MarkBit::new(*bit).unwrap()).collect();
        let highest = bits.last().copied().unwrap_or(-1);
        let text: String = (0..=highest).rev().map(|bit| if bits.contains(&bit) { '1' } else { '0' }).collect();
        prop_assert_eq!(marks.to_string(), text);
    }

    #[test]
    fn a_text_is_read_as_standard_marks_only_if_it_would_be_written_so(text in "[01 +a]{0,3}[01]{0,66}") {
        if let Ok(marks) = text.parse::<StandardMarks>() {
            prop_assert_eq!(marks.to_string(), text);
        } else {
            prop_assert!(text.len() > 64 || text.starts_with('0') || text.contains([' ', '+', 'a']));
        }
    }

    #[test]
    fn setting_and_clearing_touch_the_named_bits_only(before: u64, clear: u64, set: u64, bit in 0..64u32) {
        let after = StandardMarks(before).changed(StandardMarks(clear), StandardMarks(set)).0;
        let is = |marks: u64| marks >> bit & 1 == 1;
        prop_assert_eq!(is(after), is(set) || (is(before) && !is(clear)));
    }

    #[test]
    fn an_id_is_kept_as_it_was_given_or_refused_for_its_bytes(text in "(@TGS#)?\\PC{0,100}|\\PC{0,20}[\\x00-\\x1f\\x7f]\\PC{0,5}") {
        let expected = |bytes_max: usize| match text.len() {
            0 => Err(IdProblem::Empty),
            bytes if bytes > bytes_max => Err(IdProblem::TooLong { bytes, bytes_max }),
            _ if text.chars().any(char::is_control) => Err(IdProblem::ControlCharacter),
            _ => Ok(text.clone()),
        };
        prop_assert_eq!(AccountId::parse(&text).map(|id| id.as_str().to_owned()), expected(32));
        let bytes_max = if text.starts_with("@TGS#") { 96 } else { 48 };
        prop_assert_eq!(ChatGroupId::parse(&text).map(|id| id.as_str().to_owned()), expected(bytes_max));
    }

    #[test]
    fn names_and_custom_marks_are_measured_in_bytes(text in "\\PC{0,12}") {
        let limits = Limits { name_bytes_max: 8, custom_mark_bytes_max: 8, ..Limits::default() };
        let bytes = text.len();
        let name = GroupName::parse(&text, &limits).and_then(|name| name.fits(&limits).map(|()| name)).map(|name| name.as_str().to_owned());
        let custom = CustomMark::parse(&text, &limits).map(|mark| mark.map_or_else(String::new, |mark| mark.as_str().to_owned()));
        if (1..=8).contains(&bytes) {
            prop_assert_eq!((name, custom), (Ok(text.clone()), Ok(text)));
        } else {
            prop_assert_eq!(name, Err(Refusal::NameLength { bytes, bytes_max: 8 }));
            let too_long = Err(Refusal::TextLength { field: "CustomMark", bytes, bytes_max: 8 });
            prop_assert_eq!(custom, if bytes == 0 { Ok(String::new()) } else { too_long });
        }
    }
}
