//! Which accounts there are, and which of them are touched.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use rand::rngs::SmallRng;

/// Records of each account of the usual kind.
pub(crate) const RECORDS: u32 = 20;
/// Digits of an account's number; the name has four letters before them.
pub(crate) const DIGITS: usize = 7;

/// How many accounts are stored, and how many of them are touched: `1000000` or `1000000:1000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) stored: u32,
    pub(crate) touched: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().map_err(|error| format!("{text}: {error}"));
        let (stored, touched) = text.split_once(':').unwrap_or((text, text));
        let (stored, touched) = (number(stored)?, number(touched)?);
        if touched == 0 || touched > stored || stored >= 10_u32.pow(DIGITS as u32) {
            return Err("from 1 to 9999999 accounts, and no more touched than there are".to_owned());
        }
        Ok(Self { stored, touched })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.stored)?;
        if self.touched < self.stored { write!(formatter, ", {} touched", self.touched) } else { Ok(()) }
    }
}

/// Accounts of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Accounts {
    /// Four letters that begin their names.
    pub(crate) prefix: &'static str,
    pub(crate) size: Size,
    /// Records of each after the load.
    pub(crate) records: u32,
    /// Recent conversations of each after the load.
    pub(crate) entries: u32,
}

impl Accounts {
    /// Accounts of 100 records, for calls of 100 items.
    pub(crate) const BULK: Self = Self::of("bulk", 1000, 100, 0);
    /// Accounts of 1,000 records that stay as they were loaded.
    pub(crate) const WIDE: Self = Self::of("wide", 100, 1000, 0);
    /// Accounts of 1,000 records that are changed.
    pub(crate) const LONG: Self = Self::of("long", 200, 1000, 0);
    /// Accounts that keep nothing but what messages leave.
    pub(crate) const MANY: Self = Self::of("many", 100_000, 0, 0);
    /// Accounts of 100 recent conversations.
    pub(crate) const LIST: Self = Self::of("list", 1000, RECORDS, 100);
    /// Accounts of the usual kind with 500 recent conversations beside their records.
    pub(crate) const BUSY: Self = Self::of("busy", 1000, RECORDS, 500);

    /// Accounts of 20 records.
    pub(crate) const fn usual(size: Size) -> Self {
        Self { prefix: "user", size, records: RECORDS, entries: 0 }
    }

    const fn of(prefix: &'static str, stored: u32, records: u32, entries: u32) -> Self {
        Self { prefix, size: Size { stored, touched: stored }, records, entries }
    }

    /// The name of the n-th.
    pub(crate) fn name(&self, number: u32) -> String {
        format!("{}{number:0DIGITS$}", self.prefix)
    }

    /// The number of a random one of those that are touched.
    pub(crate) fn pick(&self, random: &mut SmallRng) -> u32 {
        random.random_range(0..self.size.touched) * (self.size.stored / self.size.touched)
    }
}
