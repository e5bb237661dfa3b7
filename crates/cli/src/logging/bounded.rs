//! Text of bounded length, with the characters escaped that end a line or control a terminal.

use std::fmt;

/// Bytes of a line, the end of the line included.
pub(super) const LINE_BYTES_MAX: usize = 1024;
/// Room for [`CUT`], and for the end of the line in either format.
const END_BYTES: usize = 8;
/// Stands where text was cut off.
const CUT: char = '…';

/// A line that is being written. Text that does not fit is dropped, and so is all that comes after it.
///
/// Writing never fails: an implementation of `Display` may panic when it does.
pub(super) struct Bounded {
    line: String,
    escape: fn(char, &mut String),
    is_cut: bool,
}

impl Bounded {
    /// An empty line. `escape` appends a character as the format wants it.
    pub(super) fn new(escape: fn(char, &mut String)) -> Self {
        Self { line: String::new(), escape, is_cut: false }
    }

    /// Appends punctuation of the format as it is. The caller asks [`Bounded::fits`] where there can be much of it.
    pub(super) fn raw(&mut self, text: &str) {
        self.line.push_str(text);
    }

    /// Whether these bytes, and something after them, have room. Bytes that do not fit count as cut off.
    pub(super) fn fits(&mut self, bytes: usize) -> bool {
        self.is_cut |= self.line.len() + bytes + END_BYTES >= LINE_BYTES_MAX;
        !self.is_cut
    }

    /// The whole line.
    pub(super) fn end(mut self, close: &str) -> String {
        self.line.push_str(close);
        self.line.push('\n');
        self.line
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.is_cut {
                break;
            }
            let before = self.line.len();
            (self.escape)(character, &mut self.line);
            if self.line.len() + END_BYTES > LINE_BYTES_MAX {
                self.line.truncate(before);
                self.line.push(CUT);
                self.is_cut = true;
            }
        }
        Ok(())
    }
}
