//! The filter, the order and the page of `find_conversations`.

use pinfold_core::rules::{self, ConversationKind, Cursor, Filter, GroupFilter, Query, Sort};
use pinfold_core::{CustomMark, GroupName, Limits, Refusal, StandardMarks};
use pinfold_wire::pinfold::find_conversations::{self as wire, Request, cursor_bytes};
use pinfold_wire::{Lenient, List};

use super::fields::{flag, integer, operation, optional, text};
use super::marks::bits;

/// The conversations to find, and the page of them.
pub(crate) fn query(request: &Request, limits: &Limits) -> Result<Query, Refusal> {
    let filter = optional("Filter", &request.filter)?.map(|given| filter(given, limits)).transpose()?;
    let sort = sort(&request.sort)?;
    let descending = flag("Descending", &request.descending)?.unwrap_or(false);
    let limit = rules::find_page(limits, integer("Limit", &request.limit)?)?;
    let from = cursor(&request.cursor, sort, descending)?;
    Ok(Query { filter: filter.unwrap_or_default(), from, limit })
}

fn filter(given: &wire::Filter, limits: &Limits) -> Result<Filter, Refusal> {
    let name = text("GroupName", &given.group_name)?.map(|name| GroupName::parse(name, limits)).transpose()?;
    Ok(Filter {
        kind: kind(&given.kind)?,
        group: GroupFilter::new(name, flag("InNoGroup", &given.in_no_group)?)?,
        any_mark: any_mark(&given.any_mark)?,
        no_mark: flag("NoMark", &given.no_mark)?,
        custom_mark: custom_mark(&given.custom_mark, limits)?,
        pinned: flag("Pinned", &given.pinned)?,
        recent: flag("Recent", &given.recent)?,
    })
}

fn kind(value: &Lenient<i64>) -> Result<Option<ConversationKind>, Refusal> {
    let kinds = [(1, ConversationKind::OneToOne), (2, ConversationKind::ChatGroup)];
    if value.is_absent() { Ok(None) } else { operation("Type", value, &kinds).map(Some) }
}

fn any_mark(list: &List<i64>) -> Result<Option<StandardMarks>, Refusal> {
    match bits("AnyMark", list)? {
        StandardMarks(0) if list.is_absent() => Ok(None),
        StandardMarks(0) => Err(Refusal::Malformed("AnyMark has no bit; at least 1 is needed".to_owned())),
        marks => Ok(Some(marks)),
    }
}

fn custom_mark(value: &Lenient<String>, limits: &Limits) -> Result<Option<CustomMark>, Refusal> {
    let empty = || Refusal::Malformed("CustomMark is empty; NoMark finds what has no mark".to_owned());
    let Some(mark) = text("CustomMark", value)? else { return Ok(None) };
    CustomMark::parse(mark, limits)?.map(Some).ok_or_else(empty)
}

fn sort(value: &Lenient<String>) -> Result<Sort, Refusal> {
    match text("Sort", value)? {
        Some("changed") | None => Ok(Sort::Changed),
        Some("recent") => Ok(Sort::Recent),
        Some(_) => Err(Refusal::Malformed("Sort must be \"changed\" or \"recent\"".to_owned())),
    }
}

fn cursor(value: &Lenient<String>, sort: Sort, descending: bool) -> Result<Cursor, Refusal> {
    match text("Cursor", value)? {
        // No page gives a cursor without bytes, so that one stands for a text that cannot be read.
        Some(text) if !text.is_empty() => Cursor::parse(&cursor_bytes(text).unwrap_or_default(), sort, descending),
        Some(_) | None => Ok(Cursor::first(sort, descending)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Query, String> {
        query(&serde_json::from_str(json).unwrap(), &Limits::default()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn nothing_given_is_the_first_page_of_everything_by_its_change() {
        let everything = parsed("{}").unwrap();
        assert_eq!((everything.filter, everything.limit), (Filter::default(), 100));
        assert_eq!(everything.from, Cursor::first(Sort::Changed, false));
        assert_eq!(parsed(r#"{"Filter":null,"Sort":null,"Descending":null,"Limit":null,"Cursor":null}"#), parsed("{}"));
        assert_eq!(parsed(r#"{"Filter":{},"Sort":"changed","Descending":0,"Limit":"100","Cursor":""}"#), parsed("{}"));
    }

    #[test]
    fn a_flag_that_is_false_asks_for_the_opposite_and_one_that_is_missing_for_nothing() {
        let filter = parsed(r#"{"Filter":{"InNoGroup":false,"NoMark":"0","Pinned":1}}"#).unwrap().filter;
        assert_eq!(filter.group, Some(GroupFilter::InNone(false)));
        assert_eq!((filter.no_mark, filter.pinned, filter.recent), (Some(false), Some(true), None));
    }

    #[test]
    fn a_mark_to_look_for_has_a_bit_and_a_custom_one_a_character() {
        assert_eq!(
            parsed(r#"{"Filter":{"AnyMark":[0,63,0]}}"#).unwrap().filter.any_mark,
            Some(StandardMarks(1 | 1 << 63))
        );
        assert_eq!(parsed(r#"{"Filter":{"AnyMark":[]}}"#).unwrap_err(), "AnyMark has no bit; at least 1 is needed");
        assert!(parsed(r#"{"Filter":{"AnyMark":[64]}}"#).unwrap_err().starts_with("AnyMark has the bit 64"));
        assert!(parsed(r#"{"Filter":{"CustomMark":""}}"#).unwrap_err().starts_with("CustomMark is empty"));
    }

    #[test]
    fn a_cursor_that_is_no_text_of_a_page_is_refused_whatever_it_is() {
        for cursor in ["A", "====", "AQEA", "AQEAAAAAAA==", "é", "\u{0}"] {
            let refusal = query(&Request { cursor: cursor.into(), ..Request::default() }, &Limits::default());
            assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{cursor:?}");
        }
        assert!(parsed(r#"{"Cursor":"AQEAAAAAAA"}"#).is_ok());
    }
}
