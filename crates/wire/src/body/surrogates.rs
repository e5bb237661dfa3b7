//! Halves of surrogate pairs: JavaScript writes `"\ud83d"` for a text that it cut in the middle of an emoji.

use std::borrow::Cow;

/// `\u` and four hexadecimal digits.
const ESCAPE_BYTES: usize = 6;

/// Replaces every escape that is half a surrogate pair by the escape of U+FFFD. Both have the same length, so lines
/// and columns stay. Copies the text only if it holds such an escape.
///
/// `json` holds no comments. Outside a string a backslash is a syntax error, so strings need not be tracked.
pub(super) fn replace_halves(json: Cow<'_, str>) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut kept = 0;
    while let Some(at) = next_half(&json, kept) {
        // Both have the same length, and a large body is not to be copied again and again.
        clean.reserve_exact(json.len() - clean.len());
        clean.push_str(&json[kept..at]);
        clean.push_str(r"\ufffd");
        kept = at + ESCAPE_BYTES;
    }
    if kept == 0 {
        return json;
    }
    clean.push_str(&json[kept..]);
    Cow::Owned(clean)
}

/// Offset of the next half. `from` is not inside an escape.
fn next_half(json: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += json[at..].find('\\')?;
        let escape = json.as_bytes().get(at..)?;
        match code_unit(escape) {
            Some(0xd800..=0xdbff) => match escape.get(ESCAPE_BYTES..).and_then(code_unit) {
                Some(0xdc00..=0xdfff) => at += 2 * ESCAPE_BYTES,
                Some(_) | None => return Some(at),
            },
            Some(0xdc00..=0xdfff) => return Some(at),
            Some(_) => at += ESCAPE_BYTES,
            // The character after a backslash belongs to it, and may have several bytes.
            None => at += 1 + json[at + 1..].chars().next()?.len_utf8(),
        }
    }
}

/// The UTF-16 code unit of the escape at the beginning of `text`, if one is there and complete.
fn code_unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(json: &str) -> String {
        replace_halves(Cow::Borrowed(json)).into_owned()
    }

    #[test]
    fn a_text_without_halves_is_not_copied() {
        for json in [r#"{"a":"b"}"#, r#""\ud83d\ude00 \u5de5 \\ud83d \n \"""#, r#""\uD83D\uDe00""#, "\"\u{1f600}\""] {
            assert!(matches!(replace_halves(Cow::Borrowed(json)), Cow::Borrowed(same) if same == json), "{json}");
        }
    }

    #[test]
    fn each_half_is_replaced_wherever_it_stands() {
        for (json, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uD83D!\uDE00""#, r#""\ufffd!\ufffd""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\u0041""#, r#""\ufffd\u0041""#),
            (r#""\ud83d\n""#, r#""\ufffd\n""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\ude00\ude00""#, r#""\ud83d\ude00\ufffd""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#"{"\udbff":"\ud800"}"#, r#"{"\ufffd":"\ufffd"}"#),
        ] {
            assert_eq!(replaced(json), expected, "{json}");
        }
    }

    #[test]
    fn an_escape_that_is_not_complete_is_left_alone() {
        for json in [r#""\ud83""#, r"\ud8", r"\u", r"\", r#""\ud83g""#, r#""\é\u+d83""#, r"\é"] {
            assert_eq!(replaced(json), json);
        }
        assert_eq!(replaced(r#""\ud83d\ude0""#), r#""\ufffd\ude0""#);
    }
}
