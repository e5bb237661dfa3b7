//! Bodies that came compressed (docs/protocol.md, "Lenient reading", 13).

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use pinfold_wire::Code;

use crate::net::memory_budget::{MemoryBudget, Reservation};
use crate::rest::error::Failure;

/// Bytes that are inflated before memory for further ones is reserved.
const STEP_BYTES: u64 = 16 * 1024;
/// Most characters of an encoding that a refusal repeats.
const NAME_SHOWN_CHARS_MAX: usize = 32;

/// The body as it was before its sender compressed it: bounded as one that comes plain, with memory that `reservation` counts.
pub(crate) fn decode(
    headers: &HeaderMap,
    body: Bytes,
    bytes_max: usize,
    reservation: &mut Reservation<&MemoryBudget>,
) -> Result<Bytes, Failure> {
    let codings = headers.get_all(CONTENT_ENCODING).into_iter();
    let names: Vec<_> =
        codings.map(|coding| String::from_utf8_lossy(coding.as_bytes()).trim().to_lowercase()).collect();
    match names.join(", ").as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => inflate(&body, bytes_max, reservation),
        other => {
            let name: String = other.chars().take(NAME_SHOWN_CHARS_MAX).collect();
            Err(refuse(format!("the body has the Content-Encoding {name:?}; \"gzip\" is allowed, or none")))
        }
    }
}

fn inflate(body: &[u8], bytes_max: usize, reservation: &mut Reservation<&MemoryBudget>) -> Result<Bytes, Failure> {
    let mut decoder = MultiGzDecoder::new(body);
    let mut plain = Vec::new();
    loop {
        let read = decoder.by_ref().take(STEP_BYTES).read_to_end(&mut plain);
        let read = read.map_err(|_| refuse("the body is not gzip, as its Content-Encoding says".to_owned()))?;
        if plain.len() > bytes_max {
            return Err(refuse(format!("the body is larger than {bytes_max} bytes when it is inflated")));
        }
        if read == 0 {
            return Ok(plain.into());
        }
        // A `Vec` grows to twice its size, and both are there meanwhile.
        if !reservation.grow(body.len() + 3 * plain.len()) {
            return Err(Failure::no_room());
        }
    }
}

fn refuse(sentence: String) -> Failure {
    Failure::Request(Code::RequestNotParsable, sentence)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn zip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    /// The body as it was, or the refusal.
    fn decoded(coding: &[&str], body: &[u8], bytes_max: usize, budget_bytes: usize) -> Result<Bytes, String> {
        let headers = coding.iter().map(|coding| (CONTENT_ENCODING, coding.parse().unwrap())).collect();
        let budget = MemoryBudget::new(budget_bytes);
        let decoded = decode(&headers, Bytes::copy_from_slice(body), bytes_max, &mut budget.reservation());
        decoded.map_err(|failure| failure.answer(None).1)
    }

    #[test]
    fn gzip_is_inflated_and_what_is_plain_stays() {
        for coding in ["gzip", "GZIP", "x-gzip"] {
            assert_eq!(decoded(&[coding], &zip(b"{}"), 2, 0), Ok(Bytes::from("{}")));
        }
        for coding in [&[][..], &["identity"], &[""]] {
            assert_eq!(decoded(coding, b"{}", 2, 0), Ok(Bytes::from("{}")));
        }
    }

    #[test]
    fn a_body_of_several_members_is_inflated_to_its_end() {
        assert_eq!(decoded(&["gzip"], &[zip(b"{"), zip(b"}")].concat(), 2, 0), Ok(Bytes::from("{}")));
    }

    #[test]
    fn another_encoding_is_refused_by_its_name() {
        for coding in [&["br"][..], &["deflate"], &["gzip", "gzip"], &["gzip, br"]] {
            let refusal = decoded(coding, b"{}", 2, 0).unwrap_err();
            assert!(refusal.contains(&format!("{:?}", coding.join(", "))), "{refusal}");
        }
        assert!(decoded(&[&"x".repeat(1000)], b"{}", 2, 0).unwrap_err().len() < 120);
    }

    #[test]
    fn what_is_not_gzip_or_is_cut_is_refused() {
        let whole = zip(b"{}");
        for body in [b"{}", &[][..], &whole[..whole.len() - 1], &[&whole[..], b"{"].concat()] {
            assert!(decoded(&["gzip"], body, 100, 0).unwrap_err().contains("is not gzip"), "{body:?}");
        }
    }

    #[test]
    fn a_small_body_that_becomes_a_large_one_is_refused_when_it_passes_the_bound_or_the_room() {
        let bomb = zip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert!(decoded(&["gzip"], &bomb, 1 << 20, usize::MAX).unwrap_err().contains("larger than 1048576 bytes"));
        assert!(decoded(&["gzip"], &bomb, usize::MAX, 1 << 20).unwrap_err().contains("overloaded"));
        assert_eq!(decoded(&["gzip"], &zip(&vec![b' '; 1000]), 1000, 0).map(|plain| plain.len()), Ok(1000));
    }
}
