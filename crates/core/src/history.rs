//! The history of an account: each change that was committed, with the events that tell it (docs/protocol.md, section 8).

use std::fmt;

use smol_str::SmolStr;

use crate::draft::NUMBER_MAX;
use crate::{AccountId, AccountState, Event, StateDiff, Timestamp};

/// Position of a change of an account: 1 for the first, without gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u32);

impl Revision {
    /// The last that there can be.
    pub const MAX: Self = Self(NUMBER_MAX);

    /// The revision of this number, if it is one from 1 to [`Revision::MAX`].
    pub fn parse(number: i64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| (1..=NUMBER_MAX).contains(number)).map(Self)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Unix time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeMs(pub u64);

impl From<Timestamp> for TimeMs {
    /// The beginning of the second.
    fn from(seconds: Timestamp) -> Self {
        Self(u64::from(seconds.0) * 1000)
    }
}

impl TimeMs {
    /// The second that it lies in; at most the last that fits 31 bits.
    pub fn seconds(self) -> Timestamp {
        Timestamp(u32::try_from(self.0 / 1000).unwrap_or(NUMBER_MAX).min(NUMBER_MAX))
    }
}

/// Through what a change came. Stores keep the position in [`Via::ALL`]: variants are added at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A call of the protocol.
    Call,
    /// The operators' console.
    Console,
    /// The command line.
    Cli,
    /// An import of data.
    Import,
    /// The command `undo`.
    Undo,
}

impl Via {
    /// All of them, in the order that stores number them in.
    pub const ALL: [Self; 5] = [Self::Call, Self::Console, Self::Cli, Self::Import, Self::Undo];

    /// Its word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Console => "console",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::Undo => "undo",
        }
    }
}

/// Who asks for a change, and by which command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The account that signed the call, if one was signed.
    pub caller: Option<AccountId>,
    /// Through what it came.
    pub via: Via,
    /// The command's name, as in the path of its URL.
    pub command: SmolStr,
}

/// A committed change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryChange {
    /// Which change of the account it is.
    pub revision: Revision,
    /// When it was made; that of the account's head since.
    pub at: TimeMs,
    /// The account that signed the call, if one was signed.
    pub caller: Option<AccountId>,
    /// Through what it came.
    pub via: Via,
    /// The command's name, as in the path of its URL.
    pub command: SmolStr,
    /// What happened: groups, members, marks, pins.
    pub events: Vec<Event>,
}

impl HistoryChange {
    /// The change that this difference makes of `before`. `None` where it is no change: the account is deleted, or it
    /// only begins to exist, with the revision it had.
    pub fn of(before: &AccountState, diff: &StateDiff, origin: &Origin) -> Option<Self> {
        let head = diff.head.as_ref().filter(|head| head.revision != before.head.revision)?;
        let Origin { caller, via, command } = origin.clone();
        let events = Event::between(before, diff);
        Some(Self { revision: Revision(head.revision), at: TimeMs(head.newest_ms), caller, via, command, events })
    }

    /// About the bytes of its texts and lists: for bounds of memory and for chances. A store that counts what it keeps
    /// counts the bytes it wrote.
    pub fn weight(&self) -> usize {
        let caller = self.caller.as_ref().map_or(0, |caller| caller.as_str().len());
        size_of::<Self>() + caller + self.command.len() + self.events.iter().map(Event::weight).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_become_the_second_that_they_lie_in_and_fit_31_bits() {
        assert_eq!(TimeMs(1_999).seconds(), Timestamp(1));
        assert_eq!(TimeMs::from(Timestamp(7)), TimeMs(7_000));
        assert_eq!([u64::MAX, 1 << 41].map(|ms| TimeMs(ms).seconds()), [Timestamp(NUMBER_MAX); 2]);
    }

    #[test]
    fn the_numbers_of_ways_stay_as_stores_keep_them() {
        assert_eq!(Via::ALL.map(Via::name), ["call", "console", "cli", "import", "undo"]);
        assert!(Via::ALL.iter().enumerate().all(|(number, via)| *via as usize == number));
    }
}
