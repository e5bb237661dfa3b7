//! The placeholders of a transcript: runs of numbered pieces, and ids that the server draws.

use std::collections::BTreeMap;

/// The values of the placeholders of one transcript so far.
#[derive(Debug, Default)]
pub struct Drawn(BTreeMap<String, String>);

impl Drawn {
    /// The text with each placeholder that is known replaced.
    pub fn fill(&self, text: &str) -> String {
        let known = |text: String, (name, id): (&String, &String)| text.replace(&format!("«{name}»"), id);
        self.0.iter().fold(text.to_owned(), known)
    }

    /// Whether the answer is the expected one. A placeholder not met before takes an assigned chat group id.
    pub fn meets(&mut self, expected: &str, answer: &str) -> bool {
        let expected = self.fill(expected);
        let Some((before, rest)) = expected.split_once('«') else { return expected == answer };
        let Some((name, after)) = rest.split_once('»') else { return false };
        match answer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) {
            Some(id) if is_assigned(id) => {
                self.0.insert(name.to_owned(), id.to_owned());
                true
            }
            Some(_) | None => false,
        }
    }
}

/// Writes out every run: `«1..3: {"UserID":"u№"}»` becomes three objects with commas between them, `№` being the
/// number. A `+` in the place of the `:` puts nothing between the pieces.
pub fn write_out_runs(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once('«') {
        written.push_str(before);
        let (inside, after) = opened.split_once('»').unwrap_or((opened, ""));
        match run(inside) {
            Some(pieces) => written.push_str(&pieces),
            None => written.push_str(&format!("«{inside}»")),
        }
        rest = after;
    }
    written + rest
}

fn run(inside: &str) -> Option<String> {
    let (range, piece) = inside.split_once([':', '+'])?;
    let between = if inside[range.len()..].starts_with(':') { "," } else { "" };
    let (first, last) = range.split_once("..")?;
    let numbers = first.parse::<u32>().ok()?..=last.parse().ok()?;
    let pieces: Vec<_> = numbers.map(|number| piece.trim().replace('№', &number.to_string())).collect();
    Some(pieces.join(between))
}

/// `@TGS#` and nine capitals or digits, with `@TGS#_` before it for a community.
fn is_assigned(id: &str) -> bool {
    let letters = id.strip_prefix("@TGS#_").unwrap_or(id).strip_prefix("@TGS#").unwrap_or_default();
    letters.len() == 9 && letters.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}
