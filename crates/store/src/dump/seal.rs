//! The sum at the end of each line: `{…}` becomes `{…,"sum":"0123456789abcdef"}`.
//!
//! It is the first 16 digits of the SHA-256 of all bytes before that comma, so that a flipped byte is
//! found on its line, with nothing but what every language brings along.

use sha2::{Digest as _, Sha256};

const BEFORE_SUM: &[u8] = b",\"sum\":\"";
const AFTER_SUM: &[u8] = b"\"}";
const SUM_BYTES: usize = 8;
/// Length of all that a seal adds, without the brace that was there before.
const SEAL_BYTES: usize = BEFORE_SUM.len() + 2 * SUM_BYTES + AFTER_SUM.len();

/// Puts the sum into a JSON object.
pub(super) fn seal(object: &mut Vec<u8>) {
    debug_assert_eq!(object.last(), Some(&b'}'), "only an object can be sealed");
    object.pop();
    let sum = sum(object);
    object.extend_from_slice(BEFORE_SUM);
    object.extend_from_slice(sum.as_bytes());
    object.extend_from_slice(AFTER_SUM);
}

/// Checks the sum and takes it out again.
pub(super) fn unseal(line: &mut Vec<u8>) -> Result<(), &'static str> {
    let body = line.len().saturating_sub(SEAL_BYTES);
    let found = line[body..].strip_prefix(BEFORE_SUM).and_then(|rest| rest.strip_suffix(AFTER_SUM));
    let found = found.ok_or("it does not end in a sum; it was cut or changed")?;
    if found != sum(&line[..body]).as_bytes() {
        return Err("its sum is that of another text; it was changed");
    }
    line.truncate(body);
    line.push(b'}');
    Ok(())
}

fn sum(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..SUM_BYTES])
}

/// Bytes from lower-case hexadecimal digits; `None` if there are more or fewer than `N`, or others.
pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_lower = !text.bytes().any(|digit| digit.is_ascii_uppercase());
    (is_lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(object: &str) -> Vec<u8> {
        let mut line = object.as_bytes().to_vec();
        seal(&mut line);
        line
    }

    #[test]
    fn a_seal_is_the_begin_of_the_sha_256_of_what_stands_before_it() {
        // printf '{"a":1' | sha256sum
        assert_eq!(sealed("{\"a\":1}"), b"{\"a\":1,\"sum\":\"8b0f0d75aabe01bb\"}");
    }

    #[test]
    fn what_was_sealed_is_unsealed_as_it_was() {
        let mut line = sealed("{\"a\":{\"b\":\"}\"}}");
        assert_eq!(unseal(&mut line), Ok(()));
        assert_eq!(line, b"{\"a\":{\"b\":\"}\"}}");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let good = sealed("{\"a\":\"text\"}");
        for place in 0..good.len() {
            assert!(unseal(&mut good[..place].to_vec()).is_err(), "cut at {place}");
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                assert!(unseal(&mut bad).is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn bytes_come_back_from_their_digits_and_other_texts_are_none() {
        assert_eq!(from_hex(&hex::encode([0, 1, 0xab, 0xff])), Some([0, 1, 0xab, 0xff]));
        for text in ["", "00", "000g", "+100", "0A00", "é00", "00000"] {
            assert_eq!(from_hex::<2>(text), None, "{text}");
        }
    }
}
