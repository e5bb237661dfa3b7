//! Comments in JSON: the documented samples hold some, and people paste those.

use std::borrow::Cow;

/// The text with every `//` comment turned into spaces, so that lines and columns stay. Copies only if there is one.
pub(super) fn blank(text: &str) -> Cow<'_, str> {
    if !text.contains("//") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    while let Some(start) = next_comment(text, kept) {
        let end = text[start..].find(['\n', '\r']).map_or(text.len(), |length| start + length);
        clean.push_str(&text[kept..start]);
        clean.extend(std::iter::repeat_n(' ', end - start));
        kept = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Where the next `//` outside a string begins. `from` lies outside a string.
fn next_comment(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut in_string = false;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b'/' if !in_string && bytes.get(at + 1) == Some(&b'/') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}
