//! Reading an event stream as browsers do (HTML, "Server-sent events").

use std::collections::VecDeque;
use std::mem::take;

use super::is_line_end;

/// A part of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Where the stream stands, without an event.
    Began {
        /// The cursor.
        id: String,
    },
    /// An event.
    Event {
        /// Its kind, `message` if it has none.
        kind: String,
        /// The last cursor that came, with this event or before.
        id: String,
        /// Its data.
        data: String,
    },
    /// A line that says nothing.
    Comment,
    /// After how many milliseconds to come back when the stream has ended.
    Retry(u64),
}

/// A line, or the data of an event, is longer than a reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of the event stream is longer than {0} bytes")]
pub struct TooLong(usize);

/// Reads a stream that comes in pieces of any size. It keeps one event that is not complete, and the blocks of the last
/// piece that were not taken yet.
#[derive(Debug)]
pub struct Reader {
    line_bytes_max: usize,
    /// What came of the line.
    line: Vec<u8>,
    /// A line feed that comes next belongs to the line before.
    is_after_return: bool,
    /// No line came yet; the first one may begin with a byte order mark.
    is_first_line: bool,
    last_id: String,
    event: Event,
    blocks: VecDeque<Block>,
}

/// The fields of an event, until its empty line comes.
#[derive(Debug, Default)]
struct Event {
    kind: String,
    /// Each line of it with a line feed.
    data: String,
    has_id: bool,
}

impl Reader {
    /// A reader of lines that are not longer than this.
    pub fn new(line_bytes_max: usize) -> Self {
        Self {
            line_bytes_max,
            line: Vec::new(),
            is_after_return: false,
            is_first_line: true,
            last_id: String::new(),
            event: Event::default(),
            blocks: VecDeque::new(),
        }
    }

    /// Reads a piece of the stream. An event that is not complete at its end is not told before the rest of it came.
    ///
    /// # Errors
    /// [`TooLong`]; the stream cannot be read on.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some((&first, after)) = rest.split_first() {
            if take(&mut self.is_after_return) && first == b'\n' {
                rest = after;
                continue;
            }
            let Some(end) = rest.iter().position(is_line_end) else { return self.keep(rest) };
            self.keep(&rest[..end])?;
            self.is_after_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            let line = take(&mut self.line);
            self.line_ends(&line)?;
        }
        Ok(())
    }

    /// The next part of what was read.
    #[expect(clippy::should_implement_trait, reason = "there may be more after it had none")]
    pub fn next(&mut self) -> Option<Block> {
        self.blocks.pop_front()
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.check_fits(self.line.len() + bytes.len())?;
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn check_fits(&self, length: usize) -> Result<(), TooLong> {
        if length > self.line_bytes_max { Err(TooLong(self.line_bytes_max)) } else { Ok(()) }
    }

    fn line_ends(&mut self, line: &[u8]) -> Result<(), TooLong> {
        let is_first = take(&mut self.is_first_line);
        let line = line.strip_prefix("\u{feff}".as_bytes()).filter(|_| is_first).unwrap_or(line);
        if line.is_empty() {
            self.event_ends();
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        match line.split_once(':') {
            Some(("", _)) => self.blocks.push_back(Block::Comment),
            Some((name, value)) => self.field(name, value.strip_prefix(' ').unwrap_or(value))?,
            None => self.field(&line, "")?,
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: &str) -> Result<(), TooLong> {
        match name {
            "event" => value.clone_into(&mut self.event.kind),
            "data" => {
                self.check_fits(self.event.data.len() + value.len())?;
                self.event.data.push_str(value);
                self.event.data.push('\n');
            }
            "id" if !value.contains('\0') => {
                value.clone_into(&mut self.last_id);
                self.event.has_id = true;
            }
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.blocks.extend(value.parse().ok().map(Block::Retry));
            }
            _ => {}
        }
        Ok(())
    }

    fn event_ends(&mut self) {
        let Event { mut kind, mut data, has_id } = take(&mut self.event);
        let id = || self.last_id.clone();
        if data.pop().is_some() {
            if kind.is_empty() {
                "message".clone_into(&mut kind);
            }
            self.blocks.push_back(Block::Event { kind, id: id(), data });
        } else if has_id {
            self.blocks.push_back(Block::Began { id: id() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &str) -> Vec<Block> {
        let mut reader = Reader::new(100);
        reader.push(stream.as_bytes()).unwrap();
        std::iter::from_fn(|| reader.next()).collect()
    }

    fn event(kind: &str, id: &str, data: &str) -> Block {
        Block::Event { kind: kind.into(), id: id.into(), data: data.into() }
    }

    #[test]
    fn lines_end_with_a_line_feed_a_return_or_both() {
        let expected = [event("change", "7", "{}"), Block::Comment];
        for end in ["\n", "\r", "\r\n"] {
            assert_eq!(read(&"event: change|id: 7|data: {}||:||".replace('|', end)), expected, "{end:?}");
        }
    }

    #[test]
    fn a_cursor_alone_is_where_the_stream_stands_and_holds_for_later_events() {
        assert_eq!(read("id: 7\n\ndata: 1\n\n"), [Block::Began { id: "7".into() }, event("message", "7", "1")]);
    }

    #[test]
    fn lines_of_data_are_joined_and_one_blank_after_the_colon_is_left_out() {
        assert_eq!(read("data:  a\ndata\ndata:b\n\n"), [event("message", "", " a\n\nb")]);
    }

    #[test]
    fn what_browsers_ignore_is_ignored() {
        assert_eq!(read("retry: x\nretry: -1\nretry:\nfoo: bar\nid: a\0b\nevent: change\n\n\n"), []);
        assert_eq!(read("\u{feff}data: 1\n\n"), [event("message", "", "1")]);
        assert_eq!(read("\n\u{feff}data: 1\n\n"), []);
    }

    #[test]
    fn an_event_without_its_empty_line_is_not_told() {
        assert_eq!(read("event: change\nid: 7\ndata: {}\n"), []);
    }

    #[test]
    fn a_time_to_wait_is_told_at_once() {
        assert_eq!(read("retry: 2371\n"), [Block::Retry(2371)]);
    }

    #[test]
    fn neither_a_line_nor_the_lines_of_an_event_grow_beyond_the_bound() {
        let too_long = |stream: &str| Reader::new(10).push(stream.as_bytes());
        assert_eq!(too_long("data: 1234"), Ok(()));
        assert_eq!(too_long("data: 12345"), Err(TooLong(10)));
        assert_eq!(too_long("data:1234\ndata:1234\n\n"), Ok(()));
        assert_eq!(too_long("data:12345\ndata:12345\n\n"), Err(TooLong(10)));
    }
}
