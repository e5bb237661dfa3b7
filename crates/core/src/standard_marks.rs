//! Standard marks: 64 bits on a conversation, and their text form in answers.

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

/// One of the 64 standard marks, 0–63. 0 favourite, 1 marked unread, 2 folded, 3 hidden, 4–31 the
/// service's, 32–63 the app's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkBit(u8);

impl MarkBit {
    /// The mark of this number, if it is 0–63.
    pub fn new(number: i64) -> Option<Self> {
        u8::try_from(number).ok().filter(|bit| *bit < 64).map(Self)
    }
}

/// A set of standard marks; bit n of the number is mark n.
///
/// Its text has the highest mark first and no padding, and is empty for the empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandardMarks(pub u64);

impl StandardMarks {
    /// Whether no mark is set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its text. A page of records has a hundred of them, and the formatting of numbers would cost twice as much.
    pub fn text(self) -> SmolStr {
        let digits = u64::BITS - self.0.leading_zeros();
        (0..digits).rev().map(|bit| if self.0 >> bit & 1 == 1 { '1' } else { '0' }).collect()
    }

    /// These marks without `clear`, then with `set`.
    #[must_use]
    pub fn changed(self, clear: Self, set: Self) -> Self {
        Self((self.0 & !clear.0) | set.0)
    }
}

impl FromIterator<MarkBit> for StandardMarks {
    fn from_iter<I: IntoIterator<Item = MarkBit>>(bits: I) -> Self {
        Self(bits.into_iter().fold(0, |set, bit| set | 1 << bit.0))
    }
}

impl fmt::Display for StandardMarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// The text is not one that [`StandardMarks`] is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotMarks;

impl FromStr for StandardMarks {
    type Err = NotMarks;

    fn from_str(text: &str) -> Result<Self, NotMarks> {
        let canonical = text.is_empty() || text.starts_with('1');
        match (canonical, text) {
            (true, "") => Ok(Self(0)),
            (true, _) => u64::from_str_radix(text, 2).map(Self).map_err(|_| NotMarks),
            (false, _) => Err(NotMarks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bits: &[i64]) -> String {
        bits.iter().map(|bit| MarkBit::new(*bit).unwrap()).collect::<StandardMarks>().to_string()
    }

    #[test]
    fn the_text_has_the_highest_bit_first_and_no_padding() {
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[0]), "1");
        assert_eq!(text(&[5, 0, 3, 4]), "111001");
        assert_eq!(text(&[34]), format!("1{}", "0".repeat(34)));
        assert_eq!(text(&[63]), format!("1{}", "0".repeat(63)));
    }

    #[test]
    fn a_bit_is_0_to_63() {
        assert!(MarkBit::new(0).is_some() && MarkBit::new(63).is_some());
        assert!(MarkBit::new(-1).is_none() && MarkBit::new(64).is_none() && MarkBit::new(256).is_none());
    }

    #[test]
    fn clearing_comes_before_setting() {
        let both = StandardMarks(0b11);
        assert_eq!(both.changed(StandardMarks(0b11), StandardMarks(0b01)), StandardMarks(0b01));
    }

    #[test]
    fn only_the_text_that_would_be_written_is_read_back() {
        for marks in [0, 1, 0b1011, 1 << 63, u64::MAX] {
            assert_eq!(StandardMarks(marks).to_string().parse(), Ok(StandardMarks(marks)));
        }
        for text in ["0", "01", "+1", "12", "1 "] {
            assert_eq!(text.parse::<StandardMarks>(), Err(NotMarks));
        }
    }
}
