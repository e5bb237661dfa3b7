//! Single fields: each names itself in its refusal.

use std::fmt::Display;

use pinfold_core::{AccountId, ChangeNumber, ChatGroupId, GroupData, GroupName, Limits, Refusal, Revision};
use pinfold_wire::lenient::Elements;
use pinfold_wire::{Lenient, List, Malformed};

/// "`field` is missing".
pub(super) fn missing(field: &str) -> Refusal {
    Refusal::Malformed(format!("{field} is missing"))
}

/// "`field` must be an array".
pub(super) fn wrong_type(field: impl Display, malformed: Malformed) -> Refusal {
    Refusal::Malformed(format!("{field} {}", malformed.expected()))
}

/// A field that must be there, with a value of the right type.
fn required<'a, T>(field: &str, value: &'a Lenient<T>) -> Result<&'a T, Refusal> {
    optional(field, value)?.ok_or_else(|| missing(field))
}

/// A field that may be missing.
pub(super) fn optional<'a, T>(field: &str, value: &'a Lenient<T>) -> Result<Option<&'a T>, Refusal> {
    value.as_ref().optional().map_err(|malformed| wrong_type(field, malformed))
}

/// An account id; `""` counts as missing, and a number has a refusal of its own.
pub(crate) fn account(field: &'static str, value: &Lenient<String>) -> Result<AccountId, Refusal> {
    not_a_number(field, value)?;
    let text = required(field, value)?;
    if text.is_empty() {
        return Err(missing(field));
    }
    AccountId::parse(text).map_err(|problem| Refusal::Malformed(format!("{field} {problem}")))
}

/// Refuses a number in a field for an account id.
pub(super) fn not_a_number(field: &'static str, value: &Lenient<String>) -> Result<(), Refusal> {
    match value {
        Lenient::Malformed(Malformed::NumberForString) => Err(Refusal::AccountIdNotText(field)),
        Lenient::Malformed(_) | Lenient::Given(_) | Lenient::Absent => Ok(()),
    }
}

/// `From_Account`; `None` where it is absent or `""`.
pub(crate) fn from_account(value: &Lenient<String>) -> Option<Result<AccountId, Refusal>> {
    value.is_id().then(|| account("From_Account", value))
}

/// Both values, or the refusal that comes first: a number for an account id goes before everything else.
pub(crate) fn both<A, B>(one: Result<A, Refusal>, other: Result<B, Refusal>) -> Result<(A, B), Refusal> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (_, Err(refusal @ Refusal::AccountIdNotText(_))) | (Err(refusal), _) | (Ok(_), Err(refusal)) => Err(refusal),
    }
}

/// A chat group id; `""` counts as missing.
pub(crate) fn chat_group(field: &str, value: &Lenient<String>) -> Result<ChatGroupId, Refusal> {
    let text = required(field, value)?;
    if text.is_empty() {
        return Err(missing(field));
    }
    ChatGroupId::parse(text).map_err(|problem| Refusal::Malformed(format!("{field} {problem}")))
}

/// The name of a conversation group.
pub(crate) fn group_name(field: &str, value: &Lenient<String>, limits: &Limits) -> Result<GroupName, Refusal> {
    GroupName::parse(required(field, value)?, limits)
}

/// The data of a conversation group; `""` means none.
pub(crate) fn group_data(field: &str, value: &Lenient<String>, limits: &Limits) -> Result<Option<GroupData>, Refusal> {
    GroupData::parse(required(field, value)?, limits)
}

/// A text that may be missing.
pub(crate) fn text<'a>(field: &str, value: &'a Lenient<String>) -> Result<Option<&'a str>, Refusal> {
    Ok(optional(field, value)?.map(String::as_str))
}

/// An integer that may be missing.
pub(crate) fn integer(field: &str, value: &Lenient<i64>) -> Result<Option<i64>, Refusal> {
    Ok(optional(field, value)?.copied())
}

/// The number of a change, from 1 on.
pub(crate) fn revision(field: &str, value: &Lenient<i64>) -> Result<Revision, Refusal> {
    let out_of_range = || Refusal::Malformed(format!("{field} must be an integer from 1 to {}", Revision::MAX));
    Revision::parse(*required(field, value)?).ok_or_else(out_of_range)
}

/// A boolean that may be missing.
pub(super) fn flag(field: &str, value: &Lenient<bool>) -> Result<Option<bool>, Refusal> {
    Ok(optional(field, value)?.copied())
}

/// `StartIndex`, a cursor of change numbers; one beyond every number is beyond the end like any other.
pub(crate) fn start_index(value: &Lenient<i64>) -> Result<ChangeNumber, Refusal> {
    let start_index = integer("StartIndex", value)?.unwrap_or(0);
    if start_index < 0 {
        return Err(Refusal::Malformed(format!("StartIndex is {start_index}; 0 or a NextStartIndex is allowed")));
    }
    Ok(ChangeNumber(u32::try_from(start_index).unwrap_or(u32::MAX)))
}

/// An integer from `min` to `max`; one that is missing is `default`.
pub(crate) fn within(field: &str, value: &Lenient<i64>, [min, max]: [u32; 2], default: u32) -> Result<u32, Refusal> {
    let value = integer(field, value)?.unwrap_or(default.into());
    let allowed = |value: &u32| (min..=max).contains(value);
    u32::try_from(value)
        .ok()
        .filter(allowed)
        .ok_or_else(|| Refusal::Malformed(format!("{field} is {value}; {min} to {max} are allowed")))
}

/// An integer that must be one of those in the table; the refusal lists them.
pub(crate) fn operation<T: Copy>(field: &str, value: &Lenient<i64>, table: &[(i64, T)]) -> Result<T, Refusal> {
    let number = *required(field, value)?;
    table.iter().find(|(allowed, _)| *allowed == number).map(|(_, operation)| *operation).ok_or_else(|| {
        let allowed: Vec<_> = table.iter().map(|(allowed, _)| allowed.to_string()).collect();
        Refusal::Malformed(format!("{field} is {number}; {} is allowed", allowed.join(" or ")))
    })
}

/// An object that must be there.
pub(crate) fn object<'a, T>(field: &str, value: &'a Lenient<T>) -> Result<&'a T, Refusal> {
    required(field, value)
}

/// Checks an object that may be missing.
pub(super) fn optional_object<T>(field: &str, value: &Lenient<T>) -> Result<(), Refusal> {
    optional(field, value).map(|_| ())
}

/// An array that must be there.
pub(crate) fn list<'a, T>(field: &str, value: &'a List<T>) -> Result<&'a Elements<T>, Refusal> {
    required(field, value)
}

/// An array that may be missing, which is as good as empty.
pub(crate) fn elements<'a, T>(field: &str, value: &'a List<T>) -> Result<&'a [Lenient<T>], Refusal> {
    Ok(optional(field, value)?.map_or(&[], |elements| elements))
}

/// The number of elements of an array, of any kind; `None` if the value is not an array.
pub(crate) fn count<T>(value: &List<T>) -> usize {
    value.given().map_or(0, Elements::count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_absent_account_id_is_missing_and_a_number_is_no_string() {
        for value in [Lenient::Absent, Lenient::Given(String::new())] {
            let refusal = account("From_Account", &value).unwrap_err();
            assert_eq!(refusal, Refusal::Malformed("From_Account is missing".into()));
        }
        let number = Lenient::Malformed(Malformed::NumberForString);
        assert_eq!(account("From_Account", &number), Err(Refusal::AccountIdNotText("From_Account")));
    }

    #[test]
    fn a_number_for_an_account_id_goes_before_whatever_else_is_wrong() {
        let missing = || Err::<(), _>(missing("From_Account"));
        let number = || Err::<(), _>(Refusal::AccountIdNotText("To_Account"));
        assert_eq!(both(missing(), number()), Err(Refusal::AccountIdNotText("To_Account")));
        assert_eq!(both(number(), missing()), Err(Refusal::AccountIdNotText("To_Account")));
        assert_eq!(both(missing(), Err::<(), _>(super::missing("MarkItem"))), Err(super::missing("From_Account")));
    }

    #[test]
    fn a_missing_name_is_malformed_and_an_empty_one_has_a_wrong_length() {
        let limits = Limits::default();
        assert!(matches!(group_name("GroupName", &Lenient::Absent, &limits), Err(Refusal::Malformed(_))));
        let empty = group_name("GroupName", &Lenient::Given(String::new()), &limits);
        assert!(matches!(empty, Err(Refusal::NameLength { .. })));
    }

    #[test]
    fn an_operation_that_is_not_in_the_table_is_refused_with_those_that_are() {
        let refusal = operation("OperationType", &Lenient::Given(3), &[(1, 'a'), (2, 'b')]).unwrap_err();
        assert_eq!(refusal.to_string(), "OperationType is 3; 1 or 2 is allowed");
    }
}
