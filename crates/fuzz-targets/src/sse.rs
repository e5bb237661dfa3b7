//! Event streams, as a client reads them.

use pinfold_wire::sse::{Block, Reader, TooLong, change};

/// More than any input has, so that no line is too long.
const LINE_BYTES_MAX: usize = 1 << 20;

/// The target; true if an event came.
pub fn sse(data: &[u8]) -> bool {
    let blocks = read([data]).expect("no line is too long");
    assert_eq!(read(data.chunks(1)).expect("no line is too long"), blocks, "in pieces");
    let longest = data.split(|byte| matches!(byte, b'\r' | b'\n')).map(<[u8]>::len).max();
    assert!(longest.is_none_or(|longest| longest <= 16) || Reader::new(16).push(data).is_err());
    blocks.iter().filter(|block| is_read_again(block)).count() > 0
}

/// Whether it is an event; one that is written is read the same.
fn is_read_again(block: &Block) -> bool {
    let Block::Event { id, data, .. } = block else { return false };
    let mut written = Vec::new();
    change(&mut written, id, data.as_bytes());
    let event = Block::Event { kind: "change".to_owned(), id: id.clone(), data: data.clone() };
    assert_eq!(read([&written[..]]), Ok(vec![event]));
    true
}

fn read<'d>(pieces: impl IntoIterator<Item = &'d [u8]>) -> Result<Vec<Block>, TooLong> {
    let mut reader = Reader::new(LINE_BYTES_MAX);
    let mut blocks = Vec::new();
    for piece in pieces {
        reader.push(piece)?;
        blocks.extend(std::iter::from_fn(|| reader.next()));
    }
    Ok(blocks)
}
