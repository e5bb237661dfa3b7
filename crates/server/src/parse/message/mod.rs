//! Messages: their fields are checked in the order of docs/protocol.md, section 5, and the first wrong one refuses the
//! call. A number for an account id goes before all of them.

mod in_chat_group;
mod one_to_one;

use pinfold_core::{MessagePart, Refusal};
use pinfold_wire::open_im::Element;
use pinfold_wire::{Lenient, List, Malformed};

use super::conversation::element;
use super::fields::{elements, integer, missing, not_a_number, object, text, within, wrong_type};

pub(crate) use in_chat_group::{ImportedGroupMessages, group_message, imported_group_messages, in_msg_list};
pub(crate) use one_to_one::{Imported, Sent, batch, imported, sent};

/// The word by which a message leaves the list of recent conversations as it is.
const NO_LAST_MSG: &str = "NoLastMsg";

/// Says of a field that cannot be read which part of a message it is.
fn as_part(part: MessagePart) -> impl Fn(Refusal) -> Refusal {
    move |refusal| {
        if let Refusal::Malformed(sentence) = refusal { Refusal::Message { part, sentence } } else { refusal }
    }
}

/// Says of an unknown sender that the message of `batchsendmsg` has none.
pub(crate) fn as_sender(refusal: Refusal) -> Refusal {
    unknown_sender_as(MessagePart::Sender, refusal)
}

/// Says of an unknown sender what `importmsg` has a code of its own for.
pub(crate) fn as_imported_sender(refusal: Refusal) -> Refusal {
    unknown_sender_as(MessagePart::UnknownSender, refusal)
}

fn unknown_sender_as(part: MessagePart, refusal: Refusal) -> Refusal {
    if matches!(refusal, Refusal::SenderUnknown(_)) {
        Refusal::Message { part, sentence: refusal.to_string() }
    } else {
        refusal
    }
}

/// Refuses a number for an account id among the elements of an array.
fn no_numbers(field: &'static str, ids: &List<String>) -> Result<(), Refusal> {
    ids.given().map_or(&[][..], |ids| ids).iter().try_for_each(|id| not_a_number(field, id))
}

/// An integer of 32 bits that may be missing.
fn bits_32(field: &str, value: &Lenient<i64>) -> Result<Option<u32>, Refusal> {
    if value.is_absent() { Ok(None) } else { within(field, value, [0, u32::MAX], 0).map(Some) }
}

/// 32 random bits, which every message that is sent has.
fn random(field: &str, value: &Lenient<i64>) -> Result<u32, Refusal> {
    bits_32(field, value).and_then(|bits| bits.ok_or_else(|| missing(field))).map_err(as_part(MessagePart::Random))
}

/// Checks `MsgBody`: at least one element, each with a type and an object as content. Any word is a type.
fn body(value: &List<Element>) -> Result<(), Refusal> {
    let elements = elements("MsgBody", value).map_err(as_part(MessagePart::Body))?;
    if elements.is_empty() {
        let sentence = "MsgBody is missing or empty; it must have an element".to_owned();
        return Err(Refusal::Message { part: MessagePart::NoBody, sentence });
    }
    elements.iter().try_for_each(|element| body_element(element).map_err(as_part(MessagePart::Element)))
}

fn body_element(value: &Lenient<Element>) -> Result<(), Refusal> {
    let Element { msg_type, msg_content } = element("an element of MsgBody", value)?;
    text("MsgType", msg_type)?.filter(|word| !word.is_empty()).ok_or_else(|| missing("MsgType"))?;
    object("MsgContent", msg_content).map(|_| ())
}

/// Words that may be missing.
fn words<'a>(field: &str, value: &'a List<String>) -> Result<Vec<&'a str>, Refusal> {
    let of_field = format!("an element of {field}");
    let word =
        |word: &'a Lenient<String>| text(&of_field, word)?.ok_or_else(|| wrong_type(&of_field, Malformed::NotAString));
    elements(field, value)?.iter().map(word).collect()
}

/// Whether `SendMsgControl` and `OnlineOnlyFlag` let a message renew the list of recent conversations.
fn renews(send_msg_control: &List<String>, online_only_flag: &Lenient<i64>) -> Result<bool, Refusal> {
    let is_online_only = integer("OnlineOnlyFlag", online_only_flag)?.is_some_and(|flag| flag > 0);
    let words = words("SendMsgControl", send_msg_control)?;
    Ok(!is_online_only && !words.contains(&NO_LAST_MSG))
}

#[cfg(test)]
mod tests;
