//! The event stream of `watch`: blocks of lines, each ended by an empty one (docs/protocol.md, section 8).
//!
//! The server writes with the functions here. The client reads with [`Reader`], by the rules that browsers follow for
//! `EventSource`, so it also reads what a proxy made of the stream. A cursor is one line without NUL.

mod reader;

pub use reader::{Block, Reader, TooLong};

/// Keeps a stream from being idle. It says nothing.
pub const COMMENT: &[u8] = b":\n\n";

/// The kind of an event that tells a change.
pub const CHANGE: &str = "change";
/// The kind of an event after which a client loads anew.
pub const RESET: &str = "reset";

/// Writes the first block: where the stream stands.
pub fn began(to: &mut Vec<u8>, id: &str) {
    field(to, "id", id.as_bytes());
    to.push(b'\n');
}

/// Writes that changes are missing or that there is another account now; what follows comes after `id`.
pub fn reset(to: &mut Vec<u8>, id: &str) {
    event(to, RESET, id, b"{}");
}

/// Writes a change, after which the stream stands at `id`.
pub fn change(to: &mut Vec<u8>, id: &str, json: &[u8]) {
    event(to, CHANGE, id, json);
}

/// Writes after how many milliseconds a client comes back when the stream has ended.
pub fn retry(to: &mut Vec<u8>, ms: u32) {
    field(to, "retry", ms.to_string().as_bytes());
    to.push(b'\n');
}

/// Data of several lines is several fields, which a reader joins again: no text can begin a field of its own.
fn event(to: &mut Vec<u8>, kind: &str, id: &str, data: &[u8]) {
    field(to, "event", kind.as_bytes());
    field(to, "id", id.as_bytes());
    data.split(is_line_end).for_each(|line| field(to, "data", line));
    to.push(b'\n');
}

/// A field whose value is one line.
fn field(to: &mut Vec<u8>, name: &str, value: &[u8]) {
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b": ");
    to.extend_from_slice(value);
    to.push(b'\n');
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_line_ends_begins_no_field_of_its_own() {
        let mut stream = Vec::new();
        change(&mut stream, "7", b"1\nid: 8\r\rdata: 2");
        let expected = "event: change\nid: 7\ndata: 1\ndata: id: 8\ndata: \ndata: data: 2\n\n";
        assert_eq!(String::from_utf8(stream).unwrap(), expected);
    }

    #[test]
    fn the_blocks_are_those_of_the_contract() {
        let mut stream = Vec::new();
        began(&mut stream, "AZ88");
        change(&mut stream, "AZ89", br#"{"Revision":4}"#);
        reset(&mut stream, "AZ90");
        stream.extend_from_slice(COMMENT);
        retry(&mut stream, 2371);
        let blocks = [
            "id: AZ88\n\n",
            "event: change\nid: AZ89\ndata: {\"Revision\":4}\n\n",
            "event: reset\nid: AZ90\ndata: {}\n\n",
            ":\n\n",
            "retry: 2371\n\n",
        ];
        assert_eq!(String::from_utf8(stream).unwrap(), blocks.concat());
    }
}
