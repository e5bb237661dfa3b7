//! Conversations, and items of a call that are about one.

use std::fmt::Display;

use pinfold_core::{Conversation, Refusal};
use pinfold_wire::recent_contact::{ContactItem, ConversationEcho};
use pinfold_wire::{Lenient, Malformed};

use super::fields::{account, chat_group, missing, not_a_number, operation, wrong_type};

/// How the result of an item repeats it.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) conversation: ConversationEcho,
    /// The operation type; 1 where it could not be read, or where there is none.
    pub(crate) operation: u32,
}

/// One item of a call: how its result repeats it, and what it says, or why that cannot be read.
#[derive(Debug)]
pub(crate) struct Item<T> {
    pub(crate) echo: Echo,
    /// What the rules get.
    pub(crate) parsed: Result<T, Refusal>,
}

/// The items of a call, in their order.
#[derive(Debug)]
pub(crate) struct Items<T> {
    pub(crate) echoes: Vec<Echo>,
    /// What the rules get.
    pub(crate) parsed: Vec<Result<T, Refusal>>,
}

impl<T> Item<T> {
    pub(super) fn new(conversation: ConversationEcho, operation: u32, parsed: Result<T, Refusal>) -> Self {
        Self { echo: Echo { conversation, operation }, parsed }
    }

    /// An item without any conversation.
    pub(super) fn unreadable(refusal: Refusal) -> Self {
        Self::new(ConversationEcho::unreadable(), 1, Err(refusal))
    }
}

impl<T> FromIterator<Item<T>> for Items<T> {
    fn from_iter<I: IntoIterator<Item = Item<T>>>(items: I) -> Self {
        let (echoes, parsed) = items.into_iter().map(|item| (item.echo, item.parsed)).unzip();
        Self { echoes, parsed }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    OneToOne,
    ChatGroup,
}

/// A conversation; `Type` decides which of the two ids counts. Without a `Type` the only id that is given does.
pub(crate) fn conversation(item: &ContactItem) -> Result<Conversation, Refusal> {
    match kind(item)? {
        Kind::OneToOne => account("To_Account", &item.to_account).map(Conversation::OneToOne),
        Kind::ChatGroup => chat_group(chat_group_field(item), &item.to_group_id).map(Conversation::ChatGroup),
    }
}

/// The conversation of a `delete` call. Where no id of a chat group is given, `To_Account` may hold it.
pub(crate) fn listed_conversation(item: &ContactItem) -> Result<Conversation, Refusal> {
    let is_in_to_account = item.to_account.is_id() && !item.to_group_id.is_id();
    match kind(item)? {
        Kind::ChatGroup if is_in_to_account => {
            not_a_number("To_Account", &item.to_account)?;
            chat_group("To_Account", &item.to_account).map(Conversation::ChatGroup)
        }
        Kind::ChatGroup | Kind::OneToOne => conversation(item),
    }
}

fn kind(item: &ContactItem) -> Result<Kind, Refusal> {
    match (item.kind.is_absent(), item.to_account.is_id(), item.to_group_id.is_id()) {
        (true, true, false) => Ok(Kind::OneToOne),
        (true, false, true) => Ok(Kind::ChatGroup),
        (true, true, true) => {
            let field = chat_group_field(item);
            Err(Refusal::Malformed(format!("Type is missing, and both To_Account and {field} are given")))
        }
        (false, ..) | (true, false, false) => {
            operation(item.kind_sent_as.or("Type"), &item.kind, &[(1, Kind::OneToOne), (2, Kind::ChatGroup)])
        }
    }
}

/// The name the id of a chat group was sent under.
fn chat_group_field(item: &ContactItem) -> &'static str {
    item.to_group_id_sent_as.or("ToGroupId")
}

/// How an answer names a conversation.
pub(crate) fn echo(conversation: &Conversation) -> ConversationEcho {
    match conversation {
        Conversation::OneToOne(account) => ConversationEcho::one_to_one(account.as_str()),
        Conversation::ChatGroup(chat_group) => ConversationEcho::chat_group(chat_group.as_str()),
    }
}

/// An element of an array, or the refusal of one that is not an object.
pub(super) fn element<T>(field: impl Display, element: &Lenient<T>) -> Result<&T, Refusal> {
    match element {
        Lenient::Given(item) => Ok(item),
        Lenient::Absent => Err(wrong_type(field, Malformed::NotAnObject)),
        Lenient::Malformed(malformed) => Err(wrong_type(field, *malformed)),
    }
}

/// The `ContactItem` of an item, with what it is called in the answer.
pub(super) fn named(item: &Lenient<ContactItem>) -> (ConversationEcho, Result<Conversation, Refusal>) {
    let parsed = match item {
        Lenient::Absent => Err(missing("ContactItem")),
        Lenient::Malformed(malformed) => Err(wrong_type("ContactItem", *malformed)),
        Lenient::Given(item) => conversation(item),
    };
    (parsed.as_ref().map_or_else(|_| ConversationEcho::unreadable(), echo), parsed)
}

/// Conversations of the array `field`, which are read each for itself.
///
/// # Errors
/// [`Refusal::AccountIdNotText`]: a number for an account id refuses the whole call.
pub(crate) fn conversations(field: &str, items: &[Lenient<ContactItem>]) -> Result<Items<Conversation>, Refusal> {
    let of_field = format_args!("an element of {field}");
    items
        .iter()
        .map(|item| {
            let (echo, parsed) = match element(of_field, item) {
                Ok(_) => named(item),
                Err(refusal) => (ConversationEcho::unreadable(), Err(refusal)),
            };
            whole_call(Item::new(echo, 1, parsed))
        })
        .collect()
}

/// The operation type for the answer: as it was given, 1 where it could not be read.
pub(super) fn operation_echo(value: &Lenient<i64>) -> u32 {
    const NUMBER_MAX: u32 = i32::MAX as u32;
    value.given().and_then(|number| u32::try_from(*number).ok()).filter(|number| *number <= NUMBER_MAX).unwrap_or(1)
}

/// Lifts the one refusal that is not an item's own out of the item.
pub(super) fn whole_call<T>(item: Item<T>) -> Result<Item<T>, Refusal> {
    match item.parsed {
        Err(refusal @ Refusal::AccountIdNotText(_)) => Err(refusal),
        _ => Ok(item),
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::ChatGroupId;

    use super::*;

    #[test]
    fn type_decides_and_the_other_id_is_ignored() {
        let both = |kind| ContactItem {
            kind: Lenient::Given(kind),
            to_account: "a".into(),
            to_group_id: "g".into(),
            ..ContactItem::default()
        };
        assert!(matches!(conversation(&both(1)), Ok(Conversation::OneToOne(_))));
        assert!(matches!(conversation(&both(2)), Ok(Conversation::ChatGroup(_))));
        assert!(matches!(conversation(&both(3)), Err(Refusal::Malformed(_))));
    }

    fn without_type(to_account: Lenient<String>, to_group_id: Lenient<String>) -> Result<Conversation, Refusal> {
        conversation(&ContactItem { to_account, to_group_id, ..ContactItem::default() })
    }

    #[test]
    fn without_type_the_only_id_decides_and_an_empty_one_is_none() {
        for none in [Lenient::Absent, "".into()] {
            assert!(matches!(without_type("a".into(), none.clone()), Ok(Conversation::OneToOne(_))));
            assert!(matches!(without_type(none, "g".into()), Ok(Conversation::ChatGroup(_))));
        }
    }

    #[test]
    fn without_type_none_or_both_of_the_ids_are_refused() {
        for (to_account, to_group_id) in
            [(Lenient::Absent, Lenient::Absent), ("a".into(), "g".into()), ("".into(), "".into())]
        {
            let refusal = without_type(to_account, to_group_id).unwrap_err().to_string();
            assert!(refusal.starts_with("Type is missing"), "{refusal}");
        }
    }

    #[test]
    fn without_type_an_id_of_a_wrong_type_is_given_all_the_same() {
        let number = || Lenient::Malformed(Malformed::NumberForString);
        assert_eq!(without_type(number(), Lenient::Absent), Err(Refusal::AccountIdNotText("To_Account")));
        let refusal = without_type(Lenient::Absent, number()).unwrap_err().to_string();
        assert!(refusal.starts_with("ToGroupId must be"), "{refusal}");
        assert!(matches!(without_type(number(), "g".into()), Err(Refusal::Malformed(_))));
    }

    #[test]
    fn a_number_for_the_account_that_counts_refuses_the_call_and_for_the_other_id_nothing() {
        let number = || Lenient::Malformed(Malformed::NumberForString);
        let item = |kind| ContactItem {
            kind: Lenient::Given(kind),
            to_account: number(),
            to_group_id: "g".into(),
            ..ContactItem::default()
        };
        assert!(conversations("ContactItem", &[Lenient::Given(item(1))]).is_err());
        assert!(conversations("ContactItem", &[Lenient::Given(item(2))]).unwrap().parsed[0].is_ok());
    }

    #[test]
    fn a_refusal_names_the_field_that_was_sent() {
        for (json, named) in [
            (r#"{"Type":2,"GroupId":""}"#, "GroupId is missing"),
            (r#"{"Type":2,"ToGroupid":true}"#, "ToGroupid must be a string"),
            (r#"{"Type":2,"ToGroupId":null,"GroupId":"a\nb"}"#, "GroupId must not contain control characters"),
            (r#"{"Type":2}"#, "ToGroupId is missing"),
            (r#"{"type":3}"#, "type is 3; 1 or 2 is allowed"),
            (r#"{"To_Account":"a","GroupId":"g"}"#, "Type is missing, and both To_Account and GroupId are given"),
        ] {
            let refusal = conversation(&serde_json::from_str(json).unwrap()).unwrap_err();
            assert_eq!(refusal.to_string(), named, "{json}");
        }
    }

    #[test]
    fn only_delete_takes_the_id_of_a_chat_group_from_to_account() {
        let item: ContactItem = serde_json::from_str(r#"{"Type":2,"To_Account":"room","ToGroupId":""}"#).unwrap();
        assert_eq!(listed_conversation(&item), Ok(Conversation::ChatGroup(ChatGroupId::parse("room").unwrap())));
        assert!(conversation(&item).is_err());
        let item: ContactItem = serde_json::from_str(r#"{"Type":2,"To_Account":7}"#).unwrap();
        assert_eq!(listed_conversation(&item), Err(Refusal::AccountIdNotText("To_Account")));
        let item: ContactItem = serde_json::from_str(r#"{"Type":2,"To_Account":7,"ToGroupId":"room"}"#).unwrap();
        assert!(listed_conversation(&item).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_echoed_as_an_empty_one_to_one_conversation() {
        let items =
            conversations("ContactItem", &[Lenient::Malformed(Malformed::NotAnObject), Lenient::Absent]).unwrap();
        assert!(items.echoes.iter().all(|echo| echo.conversation == ConversationEcho::unreadable()));
        for parsed in items.parsed {
            assert!(parsed.unwrap_err().to_string().contains("must be an object"));
        }
    }
}
