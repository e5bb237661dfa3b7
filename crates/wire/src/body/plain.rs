//! A quick look at a body. Nearly all bodies are plain, and need no [pass of their own](super::scan) to find what the typed
//! one overlooks.

/// The most arrays and objects around a value of a plain body. The deepest documented request has 6.
const OPEN_MAX: usize = 8;
/// The most keys that the objects around one place have up to there.
const KEYS_MAX: usize = 32;
/// The most digits of an integer; with more it may not fit any type.
const DIGITS_MAX: usize = 15;

/// Whether the text, provided that it is JSON, is one object in which no key comes twice in its object. False also where
/// this look cannot tell: at escapes, comments, values other than texts and integers, and beyond the bounds above.
pub(super) fn is_plain(json: &str) -> bool {
    let bytes = json.as_bytes().trim_ascii_start();
    bytes.first() == Some(&b'{') && Look::default().goes_through(bytes).is_some()
}

#[derive(Default)]
struct Look<'j> {
    /// The keys of the objects that are open, up to here; the first `key_count` are in use.
    keys: [&'j [u8]; KEYS_MAX],
    key_count: usize,
    /// Of each object and array that is open, how many keys stand around it; the first `depth` are in use.
    around: [usize; OPEN_MAX],
    depth: usize,
}

impl<'j> Look<'j> {
    /// `None` at the first thing that is not plain.
    fn goes_through(mut self, mut rest: &'j [u8]) -> Option<()> {
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' | b'-' => {}
                b'"' => rest = self.text(after)?,
                b'0'..=b'9' => rest = integer(after)?,
                b'{' | b'[' => self.open()?,
                b'}' | b']' => self.close()?,
                _ => return None,
            }
        }
        Some(())
    }

    fn open(&mut self) -> Option<()> {
        *self.around.get_mut(self.depth)? = self.key_count;
        self.depth += 1;
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        self.key_count = self.around[self.depth];
        Some(())
    }

    /// Goes to the end of a text, which is a key if a colon follows.
    fn text(&mut self, from: &'j [u8]) -> Option<&'j [u8]> {
        let end = from.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let (text, after) = (&from[..end], &from[end + 1..]);
        if from[end] == b'\\' {
            return None;
        }
        if after.trim_ascii_start().first() == Some(&b':') {
            self.key(text)?;
        }
        Some(after)
    }

    fn key(&mut self, key: &'j [u8]) -> Option<()> {
        let around = self.around[self.depth.checked_sub(1)?];
        if self.keys[around..self.key_count].contains(&key) {
            return None;
        }
        *self.keys.get_mut(self.key_count)? = key;
        self.key_count += 1;
        Some(())
    }
}

/// Goes to the end of an integer, after its first digit.
fn integer(from: &[u8]) -> Option<&[u8]> {
    let more = from.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (more < DIGITS_MAX).then(|| &from[more..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_requests_are_plain() {
        assert!(is_plain(r#" {"From_Account":"a","StartIndex":0}"#));
        let item = r#"{"OptType":3,"ContactItem":{"Type":1,"To_Account":"工"},"SetMark":[0, -33],"CustomMark":""}"#;
        assert!(is_plain(&format!("{{\n\t\"From_Account\" : \"a\",\r\n\"MarkItem\":[{item},{item}]}}")));
    }

    #[test]
    fn a_key_that_comes_twice_in_its_object_is_not_plain_and_in_two_objects_it_is() {
        for twice in [r#"{"a":1,"a":2}"#, r#"{"a":1,"b":[{"c":1}],"a" :2}"#, r#"{"a":{"b":{},"b":[]}}"#] {
            assert!(!is_plain(twice), "{twice}");
        }
        assert!(is_plain(r#"{"a":{"a":[{"a":1},{"a":"a"}]},"b":1}"#));
    }

    #[test]
    fn what_this_look_cannot_tell_is_not_plain() {
        for other in [
            "",
            "[]",
            "1",
            "\"a\"",
            "{\"a\":\"\\n\"}",
            "{\"a\":true}",
            "{\"a\":1.5}",
            "{\"a\":1e3}",
            "{}//",
            "{\"a\":\"",
            "{}}",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }

    #[test]
    fn a_body_beyond_a_bound_is_not_plain() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(is_plain(&nested(OPEN_MAX)) && !is_plain(&nested(OPEN_MAX + 1)));
        let keys =
            |count| format!("{{{}}}", (0..count).map(|key| format!("\"{key}\":1")).collect::<Vec<_>>().join(","));
        assert!(is_plain(&keys(KEYS_MAX)) && !is_plain(&keys(KEYS_MAX + 1)));
        let digits = |count| format!("{{\"a\":{}}}", "9".repeat(count));
        assert!(is_plain(&digits(DIGITS_MAX)) && !is_plain(&digits(DIGITS_MAX + 1)));
    }
}
