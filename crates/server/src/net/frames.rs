//! The frames that come in on an HTTP/2 connection, followed as far as it takes to know whether a head has begun and
//! not ended. HTTP/2 lets nothing else come in between.

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const FRAME_HEAD_BYTES: usize = 9;
/// What the headers of a head may take that were decoded already while others are to come: the smallest ones take
/// a byte each, and a hundred when they are decoded.
const DECODED_BYTES_MAX: usize = 256 * 1024;

/// Where in its frames a connection is.
#[derive(Default)]
pub(crate) struct Frames {
    head: [u8; FRAME_HEAD_BYTES],
    /// Bytes of `head` that came; all of them while a payload comes in.
    filled: usize,
    /// Bytes of the payload that are to come.
    left: usize,
    /// Bytes of the head of a request that came so far.
    block: usize,
    /// A frame of that head is complete, and another is to follow.
    is_continued: bool,
    /// The first frame is complete. Until then it is timed as a head is.
    is_open: bool,
}

impl Frames {
    /// Goes on with these bytes; whether a head ended in them.
    pub(crate) fn come(&mut self, mut bytes: &[u8]) -> bool {
        let mut ended = false;
        while let Some((first, rest)) = bytes.split_first() {
            if self.filled < FRAME_HEAD_BYTES {
                self.head[self.filled] = *first;
                self.filled += 1;
                bytes = rest;
                if self.filled < FRAME_HEAD_BYTES {
                    continue;
                }
                let [high, middle, low, ..] = self.head;
                self.left = u32::from_be_bytes([0, high, middle, low]) as usize;
            }
            let payload = self.left.min(bytes.len());
            bytes = &bytes[payload..];
            self.left -= payload;
            self.block += if self.is_of_a_head() { payload } else { 0 };
            if self.left == 0 {
                ended |= self.end_frame();
            }
        }
        ended
    }

    /// The memory of the head that has begun and not ended; `None` without such a head.
    pub(crate) fn unfinished(&self) -> Option<usize> {
        let decoded = if self.is_continued { DECODED_BYTES_MAX } else { 0 };
        let is_unfinished = self.is_continued || !self.is_open || self.is_of_a_head();
        is_unfinished.then_some(self.block + decoded)
    }

    fn is_of_a_head(&self) -> bool {
        self.filled == FRAME_HEAD_BYTES && matches!(self.head[3], HEADERS | CONTINUATION)
    }

    /// Whether a head ends with this frame, or what the connection begins with.
    fn end_frame(&mut self) -> bool {
        let is_first = !std::mem::replace(&mut self.is_open, true);
        let is_of_a_head = self.is_of_a_head();
        if is_of_a_head {
            self.is_continued = self.head[4] & END_HEADERS == 0;
            self.block = if self.is_continued { self.block } else { 0 };
        }
        self.filled = 0;
        (is_first || is_of_a_head) && !self.is_continued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: u8 = 0;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        [&[0, 0, payload as u8, kind, flags, 0, 0, 0, 1][..], &vec![7; payload]].concat()
    }

    /// What is unfinished after these bytes, which come in pieces of this size.
    fn after(bytes: &[u8], piece: usize) -> Option<usize> {
        let mut frames = Frames { is_open: true, ..Frames::default() };
        for piece in bytes.chunks(piece) {
            frames.come(piece);
        }
        frames.unfinished()
    }

    #[test]
    fn a_head_is_unfinished_from_its_first_frame_to_the_end_of_its_last() {
        let head = [frame(HEADERS, 0, 20), frame(CONTINUATION, 0, 0), frame(CONTINUATION, END_HEADERS, 30)].concat();
        for piece in [1, 7, 1000] {
            assert_eq!(after(&head[..FRAME_HEAD_BYTES - 1], piece), None);
            assert_eq!(after(&head[..FRAME_HEAD_BYTES + 5], piece), Some(5));
            for end in 29..head.len() {
                assert!(after(&head[..end], piece).unwrap() >= DECODED_BYTES_MAX + 20, "{end}");
            }
            assert_eq!(after(&head, piece), None);
        }
    }

    #[test]
    fn other_frames_are_not_heads_and_neither_is_what_is_in_them() {
        let frames = [frame(DATA, 0, 200), frame(HEADERS, END_HEADERS, 3), frame(DATA, 1, 0)].concat();
        for piece in [1, 8, 1000] {
            assert_eq!(after(&frames, piece), None);
            assert_eq!(after(&frames[..100], piece), None);
        }
    }

    #[test]
    fn a_connection_without_its_first_frame_is_unfinished() {
        let mut frames = Frames::default();
        assert_eq!(frames.unfinished(), Some(0));
        assert!(frames.come(&frame(4, 0, 6)));
        assert_eq!(frames.unfinished(), None);
    }
}
