//! Items of `mark_contact`.

use pinfold_core::rules::{MarkChange, StandardChange};
use pinfold_core::{CustomMark, Limits, MarkBit, Refusal, StandardMarks};
use pinfold_wire::recent_contact::mark_contact::MarkItem;
use pinfold_wire::{Lenient, List};

use super::conversation::{Item, element, named, operation_echo, whole_call};
use super::fields::{elements, missing, operation, text};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    Standard,
    Custom,
    Both,
}

/// One item; the part that `OptType` does not name is ignored, however it looks.
///
/// # Errors
/// [`Refusal::AccountIdNotText`] for the whole call; everything else is the item's own.
pub(crate) fn mark_change(item: &Lenient<MarkItem>, limits: &Limits) -> Result<Item<MarkChange>, Refusal> {
    let item = match element("an element of MarkItem", item) {
        Ok(item) => item,
        Err(refusal) => return Ok(Item::unreadable(refusal)),
    };
    let (echo, conversation) = named(&item.contact_item);
    let operation_type = operation_echo(&item.opt_type);
    let change = conversation.and_then(|conversation| {
        let marks =
            operation("OptType", &item.opt_type, &[(1, Marks::Standard), (2, Marks::Custom), (3, Marks::Both)])?;
        let standard = if marks == Marks::Custom { None } else { standard(item, marks)? };
        let custom = if marks == Marks::Standard { None } else { custom(item, marks, limits)? };
        Ok(MarkChange { conversation, standard, custom })
    });
    whole_call(Item::new(echo, operation_type, change))
}

/// With `OptType` 3 the standard marks are left alone if neither array has anything in it.
fn standard(item: &MarkItem, marks: Marks) -> Result<Option<StandardChange>, Refusal> {
    let (clear, set) = (bits("ClearMark", &item.clear_mark)?, bits("SetMark", &item.set_mark)?);
    let change = StandardChange { clear, set };
    Ok((marks == Marks::Standard || change != StandardChange::default()).then_some(change))
}

fn custom(item: &MarkItem, marks: Marks, limits: &Limits) -> Result<Option<Option<CustomMark>>, Refusal> {
    match text("CustomMark", &item.custom_mark)? {
        Some(mark) => CustomMark::parse(mark, limits).map(Some),
        None if marks == Marks::Both => Ok(None),
        None => Err(missing("CustomMark")),
    }
}

/// The bits of an array, none where it is missing.
pub(super) fn bits(field: &str, list: &List<i64>) -> Result<StandardMarks, Refusal> {
    let bit = |number: &Lenient<i64>| {
        let number = number.given().copied();
        number.and_then(MarkBit::new).ok_or_else(|| match number {
            Some(number) => Refusal::Malformed(format!("{field} has the bit {number}; 0 to 63 are allowed")),
            None => Refusal::Malformed(format!("{field} must hold integers from 0 to 63")),
        })
    };
    elements(field, list)?.iter().map(bit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<MarkChange, String> {
        let item = serde_json::from_str(json).unwrap();
        mark_change(&item, &Limits::default()).unwrap().parsed.map_err(|refusal| refusal.to_string())
    }

    const BOB: &str = r#""ContactItem":{"Type":1,"To_Account":"bob"}"#;

    #[test]
    fn the_part_that_the_type_does_not_name_is_ignored_even_when_malformed() {
        let standard = parse(&format!(r#"{{"OptType":1,{BOB},"SetMark":[1],"CustomMark":7}}"#)).unwrap();
        assert!(standard.custom.is_none() && standard.standard.is_some());
        let custom = parse(&format!(r#"{{"OptType":2,{BOB},"SetMark":[99],"CustomMark":"a"}}"#)).unwrap();
        assert!(custom.custom.is_some() && custom.standard.is_none());
    }

    #[test]
    fn type_3_applies_what_is_present() {
        let nothing = parse(&format!(r#"{{"OptType":3,{BOB}}}"#)).unwrap();
        assert!(nothing.custom.is_none() && nothing.standard.is_none());
        let cleared = parse(&format!(r#"{{"OptType":3,{BOB},"CustomMark":"","ClearMark":[1]}}"#)).unwrap();
        assert_eq!(cleared.custom, Some(None));
        assert!(cleared.standard.is_some());
    }

    #[test]
    fn empty_arrays_with_type_3_change_no_standard_marks() {
        let custom = parse(&format!(r#"{{"OptType":3,{BOB},"SetMark":[],"ClearMark":[],"CustomMark":"a"}}"#)).unwrap();
        assert!(custom.custom.is_some() && custom.standard.is_none());
    }

    #[test]
    fn type_2_without_a_custom_mark_is_refused() {
        assert_eq!(parse(&format!(r#"{{"OptType":2,{BOB}}}"#)), Err("CustomMark is missing".into()));
        assert_eq!(parse(&format!(r#"{{"OptType":2,{BOB},"CustomMark":null}}"#)), Err("CustomMark is missing".into()));
    }

    #[test]
    fn a_bit_outside_0_to_63_is_named() {
        for (bits, named) in [("[64]", "bit 64"), ("[-1]", "bit -1"), ("[\"x\"]", "integers")] {
            let refusal = parse(&format!(r#"{{"OptType":1,{BOB},"SetMark":{bits}}}"#)).unwrap_err();
            assert!(refusal.contains(named), "{refusal}");
        }
    }

    #[test]
    fn an_operation_type_that_could_be_read_is_echoed_and_another_is_1() {
        for (json, echoed) in [(r#"{"OptType":7}"#, 7), (r#"{"OptType":"x"}"#, 1), ("{}", 1), (r#"{"OptType":-1}"#, 1)]
        {
            let item = serde_json::from_str(json).unwrap();
            assert_eq!(mark_change(&item, &Limits::default()).unwrap().echo.operation, echoed);
        }
    }
}
