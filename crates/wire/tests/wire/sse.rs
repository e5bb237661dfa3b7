//! An event stream is read as it was written, however it is cut into pieces.

use pinfold_wire::sse::{self, Block, Reader};
use proptest::{collection::vec, prelude::*, sample::Index};

fn any_block() -> impl Strategy<Value = Block> {
    let id = || "[A-Za-z0-9_-]{0,24}";
    let data = r"[^\r]{0,40}";
    prop_oneof![
        id().prop_map(|id| Block::Began { id }),
        (id(), data).prop_map(|(id, data)| Block::Event { kind: sse::CHANGE.into(), id, data }),
        id().prop_map(|id| Block::Event { kind: sse::RESET.into(), id, data: "{}".into() }),
        Just(Block::Comment),
        any::<u32>().prop_map(|ms| Block::Retry(ms.into())),
    ]
}

fn write(blocks: &[Block]) -> Vec<u8> {
    let mut stream = Vec::new();
    for block in blocks {
        match block {
            Block::Began { id } => sse::began(&mut stream, id),
            Block::Event { kind, id, .. } if kind == sse::RESET => sse::reset(&mut stream, id),
            Block::Event { id, data, .. } => sse::change(&mut stream, id, data.as_bytes()),
            Block::Comment => stream.extend_from_slice(sse::COMMENT),
            Block::Retry(ms) => sse::retry(&mut stream, u32::try_from(*ms).unwrap()),
        }
    }
    stream
}

proptest! {
    #[test]
    fn a_stream_is_read_as_it_was_written_in_pieces_of_any_size(
        blocks in vec(any_block(), 0..20),
        cuts in vec(any::<Index>(), 0..10),
    ) {
        let stream = write(&blocks);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut reader = Reader::new(1000);
        let mut read = Vec::new();
        for piece in cuts.windows(2) {
            reader.push(&stream[piece[0]..piece[1]]).unwrap();
            read.extend(std::iter::from_fn(|| reader.next()));
        }
        prop_assert_eq!(read, blocks);
    }
}
