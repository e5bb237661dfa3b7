//! Where a page of `find_conversations` begins: a value, and the bytes that a client gives back.

use std::cmp::Ordering;

use crate::{AccountId, ChatGroupId, Conversation, Refusal};

/// The order of the conversations on the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By the last change of the record; those without a record come last, by conversation.
    #[default]
    Changed,
    /// By the time that is shown, those of one time by conversation; leaves out what has neither entry nor pin.
    Recent,
}

/// The place of a conversation in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place<'a> {
    /// The number of the record's last change.
    Changed(u32),
    /// A conversation without a record.
    NoRecord(&'a Conversation),
    /// The time that is shown, in seconds.
    Recent(u32, &'a Conversation),
}

/// The order of the pages, and how far a client has come in it.
///
/// With [`Sort::Changed`] it is two places: the last change seen, and the last conversation without a record, since a
/// change may give a conversation a record, or take it away, while a client pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) sort: Sort,
    pub(super) descending: bool,
    number: u32,
    conversation: Option<Conversation>,
}

const FORMAT: u8 = 1;
const NUMBER_END: usize = 7;

impl Cursor {
    /// The beginning.
    pub fn first(sort: Sort, descending: bool) -> Self {
        Self { sort, descending, number: if descending { u32::MAX } else { 0 }, conversation: None }
    }

    /// Reads a cursor that a page of this order gave.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for other bytes, also those of another order.
    pub fn parse(bytes: &[u8], sort: Sort, descending: bool) -> Result<Self, Refusal> {
        let cursor = Self::read(bytes, sort, descending).filter(|cursor| cursor.to_bytes() == bytes);
        cursor
            .ok_or_else(|| Refusal::Malformed("Cursor must come from a page with the same Sort and Descending".into()))
    }

    fn read(bytes: &[u8], sort: Sort, descending: bool) -> Option<Self> {
        let number = u32::from_be_bytes(bytes.get(3..NUMBER_END)?.try_into().ok()?);
        let conversation = match bytes.get(NUMBER_END..)?.split_first() {
            None => None,
            Some((kind, id)) => Some(conversation(*kind, std::str::from_utf8(id).ok()?)?),
        };
        Some(Self { sort, descending, number, conversation })
    }

    /// The bytes that [`Cursor::parse`] reads: the format, the order, the number, then the conversation if there is one.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sort = match self.sort {
            Sort::Changed => 1,
            Sort::Recent => 2,
        };
        let mut bytes = vec![FORMAT, sort, u8::from(self.descending)];
        bytes.extend(self.number.to_be_bytes());
        let (kind, id) = match &self.conversation {
            None => return bytes,
            Some(Conversation::OneToOne(account)) => (1, account.as_str()),
            Some(Conversation::ChatGroup(chat_group)) => (2, chat_group.as_str()),
        };
        bytes.push(kind);
        bytes.extend(id.as_bytes());
        bytes
    }

    /// The cursor once the conversation of this place was shown.
    pub(super) fn pass(&mut self, place: Place<'_>) {
        match place {
            Place::Changed(number) => self.number = number,
            Place::NoRecord(conversation) => self.conversation = Some(conversation.clone()),
            Place::Recent(number, conversation) => {
                (self.number, self.conversation) = (number, Some(conversation.clone()));
            }
        }
    }

    /// Whether the conversation of this place is still to be shown.
    pub(super) fn is_before(&self, place: Place<'_>) -> bool {
        let shown = self.conversation.as_ref();
        let place_to_shown = match place {
            Place::Changed(number) => number.cmp(&self.number),
            Place::NoRecord(_) if shown.is_none() => return true,
            Place::NoRecord(conversation) => Some(conversation).cmp(&shown),
            Place::Recent(number, conversation) => (number, Some(conversation)).cmp(&(self.number, shown)),
        };
        place_to_shown == if self.descending { Ordering::Less } else { Ordering::Greater }
    }

    /// The order of two places on the pages: what has no record comes last in both directions.
    pub(super) fn compare(&self, place: Place<'_>, other: Place<'_>) -> Ordering {
        let has_no_record = |place| matches!(place, Place::NoRecord(_));
        let ascending = place.cmp(&other);
        let directed = if self.descending { ascending.reverse() } else { ascending };
        has_no_record(place).cmp(&has_no_record(other)).then(directed)
    }
}

fn conversation(kind: u8, id: &str) -> Option<Conversation> {
    match kind {
        1 => Some(Conversation::OneToOne(AccountId::parse(id).ok()?)),
        2 => Some(Conversation::ChatGroup(ChatGroupId::parse(id).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::*;
    use super::*;

    #[test]
    fn a_cursor_comes_back_from_its_bytes_and_from_none_of_another_order() {
        let bob = one("bob");
        for place in [Place::Changed(7), Place::NoRecord(&bob), Place::Recent(u32::MAX, &chat_group("@TGS#1"))] {
            let mut cursor = Cursor::first(Sort::Recent, true);
            cursor.pass(place);
            let bytes = cursor.to_bytes();
            assert_eq!(Cursor::parse(&bytes, Sort::Recent, true), Ok(cursor));
            assert!(Cursor::parse(&bytes, Sort::Recent, false).is_err());
            assert!(Cursor::parse(&bytes, Sort::Changed, true).is_err());
        }
    }

    #[test]
    fn bytes_without_a_place_are_refused() {
        let mut cursor = Cursor::first(Sort::Changed, false);
        cursor.pass(Place::NoRecord(&one("bob")));
        let bytes = cursor.to_bytes();
        for end in (0..bytes.len()).filter(|end| *end != NUMBER_END) {
            let cut = Cursor::parse(&bytes[..end], Sort::Changed, false);
            assert_eq!(cut.is_ok(), end > NUMBER_END + 1, "{end}");
        }
        let (mut other_format, mut other_kind) = (bytes.clone(), bytes);
        (other_format[0], other_kind[NUMBER_END]) = (2, 3);
        for bytes in [other_format, other_kind, vec![1; 1 << 20]] {
            assert!(Cursor::parse(&bytes, Sort::Changed, false).is_err());
        }
    }
}
