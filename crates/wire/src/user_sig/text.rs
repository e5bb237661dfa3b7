//! The packing of a signature: zlib, then base64 with `*`, `-`, `_` for `+`, `/`, `=`, so that it needs no escapes in a URL.
//!
//! Reading is strict where no known signer differs: the padding must be there, unused bits must be zero, and nothing may
//! follow the zlib stream. What is strict here cannot be varied by someone who holds another person's signature.

use std::io::Write as _;

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::{JSON_BYTES_MAX, TEXT_BYTES_MAX, Unreadable};

/// Padding is handled beside the engine, whose own is always `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet(), NO_PAD);
const PAD: char = '_';

const fn alphabet() -> Alphabet {
    match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-") {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 different printable characters"),
    }
}

/// The bytes of the JSON document in the text of a signature, at most [`JSON_BYTES_MAX`].
pub(super) fn unpack(text: &str) -> Result<Vec<u8>, Unreadable> {
    match text.len() {
        0 => Err(Unreadable::Empty),
        1..=TEXT_BYTES_MAX => inflate(&from_base64(text).ok_or(Unreadable::NotBase64)?),
        _ => Err(Unreadable::TooLong),
    }
}

/// The text of a signature that holds these bytes.
pub(super) fn pack(json: &[u8]) -> String {
    let mut text = BASE64.encode(deflate(json));
    while !text.len().is_multiple_of(4) {
        text.push(PAD);
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches(PAD);
    let complete = text.len().is_multiple_of(4) && text.len() - digits.len() <= 2;
    if complete { BASE64.decode(digits).ok() } else { None }
}

/// Inflates one whole zlib stream. A stream that is cut off or followed by more bytes is refused.
fn inflate(zlib: &[u8]) -> Result<Vec<u8>, Unreadable> {
    // One byte more than allowed tells "just fits" from "goes on".
    let mut json = Vec::with_capacity(JSON_BYTES_MAX + 1);
    let mut stream = Decompress::new(true);
    let status = stream.decompress_vec(zlib, &mut json, FlushDecompress::Finish).map_err(|_| Unreadable::NotZlib)?;
    if json.len() > JSON_BYTES_MAX {
        return Err(Unreadable::InflatesTooFar);
    }
    let whole = status == Status::StreamEnd && stream.total_in() == zlib.len() as u64;
    if whole { Ok(json) } else { Err(Unreadable::NotZlib) }
}

fn deflate(json: &[u8]) -> Vec<u8> {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    stream.write_all(json).and_then(|()| stream.finish()).expect("writing to memory cannot fail")
}
