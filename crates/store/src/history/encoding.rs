//! The value of a change, in every backend: a format byte, then
//!
//! ```text
//! at      varint            milliseconds since 1970
//! caller  u8 [text]         255 none; 254 the account itself; 1..=253 a word; 0 then the text
//! how     u8 [text]         low 3 bits: via; high 5 bits: the word of the command, or 0 and then the text
//! events  postcard          see `stored`
//! ```
//! The revision is in the key. A change of a mark takes 17 bytes and those of the peer's id.

use pinfold_core::{AccountId, Event, HistoryChange, Revision, TimeMs, Via};
use serde::{Deserialize, Serialize, Serializer};

use super::stored::StoredEvent;
use super::words;
use crate::StoreError;

const FORMAT: u8 = 1;
/// Room for a change of one mark, which is the most frequent one.
const BYTES_AT_FIRST: usize = 64;

const NO_CALLER: u8 = 255;
const THE_ACCOUNT: u8 = 254;
/// In the place of a word: its text follows.
const TEXT: u8 = 0;

const VIA_BITS: u8 = 3;
const VIA_MASK: u8 = (1 << VIA_BITS) - 1;

/// The value of a change of this account.
pub(crate) fn encode(account: &AccountId, change: &HistoryChange) -> Vec<u8> {
    let mut bytes = before_events(account, change);
    push(&mut bytes, &Events(&change.events));
    bytes
}

/// The bytes of the value of a change of this account.
pub(super) fn encoded_len(account: &AccountId, change: &HistoryChange) -> usize {
    let events = postcard::experimental::serialized_size(&Events(&change.events));
    before_events(account, change).len() + events.expect("counting cannot fail")
}

fn before_events(account: &AccountId, change: &HistoryChange) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES_AT_FIRST);
    bytes.push(FORMAT);
    push(&mut bytes, &change.at.0);
    push_caller(&mut bytes, account, change.caller.as_ref());
    push_how(&mut bytes, change);
    bytes
}

/// Written like a list of [`StoredEvent`], without making one.
struct Events<'a>(&'a [Event]);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(StoredEvent::from))
    }
}

/// The change of this account and revision that a value is of.
///
/// # Errors
/// [`StoreError::Damaged`] for bytes that are not one.
pub(crate) fn decode(account: &AccountId, revision: Revision, bytes: &[u8]) -> Result<HistoryChange, StoreError> {
    let (at, rest) = take_at(bytes)?;
    let (caller, rest) = take_caller(account, rest)?;
    let (via, command, rest) = take_how(rest)?;
    let (events, rest): (Vec<StoredEvent<'_>>, _) = take(rest)?;
    if !rest.is_empty() {
        return Err(StoreError::Damaged("a change has bytes after its end".into()));
    }
    let events: Result<Vec<Event>, _> = events.into_iter().map(StoredEvent::read).collect();
    let events = events.map_err(|problem| damaged(&problem))?;
    Ok(HistoryChange { revision, at, caller, via, command: command.into(), events })
}

/// The time of a change, without reading the rest.
///
/// # Errors
/// [`StoreError::Damaged`] for bytes that do not begin like a change.
pub(crate) fn decode_at(bytes: &[u8]) -> Result<TimeMs, StoreError> {
    take_at(bytes).map(|(at, _)| at)
}

fn push_caller(bytes: &mut Vec<u8>, account: &AccountId, caller: Option<&AccountId>) {
    match caller {
        None => bytes.push(NO_CALLER),
        Some(caller) if caller == account => bytes.push(THE_ACCOUNT),
        Some(caller) => match words::number_of_caller(caller.as_str()) {
            Some(word) => bytes.push(word),
            None => push(bytes, &(TEXT, caller.as_str())),
        },
    }
}

fn take_caller<'b>(account: &AccountId, bytes: &'b [u8]) -> Result<(Option<AccountId>, &'b [u8]), StoreError> {
    let (kind, rest): (u8, _) = take(bytes)?;
    match kind {
        NO_CALLER => Ok((None, rest)),
        THE_ACCOUNT => Ok((Some(account.clone()), rest)),
        kind => {
            let (caller, rest) = take_word(kind, words::caller(kind), rest)?;
            let caller = AccountId::parse(caller).map_err(|problem| damaged(&format!("its caller {problem}")))?;
            Ok((Some(caller), rest))
        }
    }
}

fn push_how(bytes: &mut Vec<u8>, change: &HistoryChange) {
    let via = change.via as u8;
    match words::number_of_command(&change.command) {
        Some(word) => bytes.push(word << VIA_BITS | via),
        None => push(bytes, &(TEXT << VIA_BITS | via, &*change.command)),
    }
}

fn take_how(bytes: &[u8]) -> Result<(Via, &str, &[u8]), StoreError> {
    let (how, rest): (u8, _) = take(bytes)?;
    let number = how & VIA_MASK;
    let via = Via::ALL.get(usize::from(number)).copied();
    let via = via.ok_or_else(|| damaged(&format!("this build does not know the way {number}")))?;
    let word = how >> VIA_BITS;
    let (command, rest) = take_word(word, words::command(word), rest)?;
    Ok((via, command, rest))
}

/// The text of a word, or the one that follows where there is none.
fn take_word<'b>(number: u8, word: Option<&'static str>, bytes: &'b [u8]) -> Result<(&'b str, &'b [u8]), StoreError> {
    match word {
        Some(word) => Ok((word, bytes)),
        None if number == TEXT => take(bytes),
        None => Err(damaged(&format!("this build does not know word {number}"))),
    }
}

fn take_at(bytes: &[u8]) -> Result<(TimeMs, &[u8]), StoreError> {
    match bytes {
        [FORMAT, rest @ ..] => take(rest).map(|(at, rest)| (TimeMs(at), rest)),
        [found, ..] => {
            Err(StoreError::Damaged(format!("a change has format {found}, this build reads up to {FORMAT}")))
        }
        [] => Err(StoreError::Damaged("a change is empty".into())),
    }
}

fn push(bytes: &mut Vec<u8>, value: &impl Serialize) {
    *bytes = postcard::to_extend(value, std::mem::take(bytes)).expect("writing to memory cannot fail");
}

fn take<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<(T, &'b [u8]), StoreError> {
    postcard::take_from_bytes(bytes).map_err(|error| damaged(&error))
}

fn damaged(problem: &impl ToString) -> StoreError {
    StoreError::Damaged(format!("a change does not decode: {}", problem.to_string()))
}

#[cfg(test)]
mod tests;
