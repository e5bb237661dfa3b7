//! Invisible characters and stray quotes in keys and account ids, with which they match no caller.

/// Shorter keys can be guessed.
pub(super) const KEY_CHARACTERS_MIN: usize = 16;

const QUOTES: &[char] = &['"', '\'', '`', '“', '”', '‘', '’', '«', '»'];

/// Says what is wrong with a text that should be a key: the character and its place, nothing of the key itself.
pub(super) fn wrong_in_key(text: &str) -> Option<String> {
    let is_stray = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || joins(c);
    stray(text, is_stray).or_else(|| quote(text)).or_else(|| assignment(text)).or_else(|| too_short(text))
}

/// Says what is wrong with a text that should be an account id, which may hold spaces and joining characters.
pub(super) fn wrong_in_account_id(text: &str) -> Option<String> {
    stray(text, is_invisible).or_else(|| quote(text))
}

/// Says which invisible character a text holds, such as a password.
pub(super) fn invisible(text: &str) -> Option<String> {
    stray(text, is_invisible)
}

fn stray(text: &str, is_stray: impl Fn(char) -> bool) -> Option<String> {
    text.chars().zip(1..).find(|(c, _)| is_stray(*c)).map(|(c, place)| described(c, place))
}

/// Quotes around a value, which a file for `--env-file` keeps. The first and the last item of a list have one each.
fn quote(text: &str) -> Option<String> {
    let last = text.chars().count();
    let ends = [text.chars().next().map(|c| (c, 1)), text.chars().last().map(|c| (c, last))];
    let found = ends.into_iter().flatten().find(|(c, _)| QUOTES.contains(c));
    found.map(|(c, place)| format!("{}; write it without quotes", described(c, place)))
}

/// `NAME=KEY`, where what follows the equals sign would be a key of its own. Base64 ends in equals signs.
fn assignment(text: &str) -> Option<String> {
    let (name, value) = text.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let place = name.chars().count() + 1;
    (is_name && too_short(value).is_none())
        .then(|| format!("{} after a name; write the key alone", described('=', place)))
}

fn too_short(text: &str) -> Option<String> {
    (text.chars().count() < KEY_CHARACTERS_MIN).then(|| "it is too short".to_owned())
}

/// Characters without a width or a shape, which are in a key or an id by accident.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(
            c,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        )
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// Characters without a width that are part of written words and of emoji.
fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

fn described(c: char, place: usize) -> String {
    let name = match c {
        ' ' => "a space",
        '\t' => "a tab",
        '\u{a0}' => "a no-break space",
        '\u{200b}' => "a zero-width space",
        '\u{feff}' => "a byte order mark",
        '"' => "a double quote",
        '\'' => "a single quote",
        '=' => "an equals sign",
        c if QUOTES.contains(&c) => "a quotation mark",
        c if c.is_whitespace() => "white space",
        c if c.is_control() => "a control character",
        _ => "an invisible character",
    };
    format!("character {place} is {name} (U+{:04X})", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    #[test]
    fn a_key_is_any_text_of_16_visible_characters() {
        for key in [KEY, "MDEyMzQ1Njc4OWFiY2RlZg==", "a=b=c=d=e=f=g=h=", "schlüssel-für-die-app", "x=0123456789abcde"]
        {
            assert_eq!(wrong_in_key(key), None, "{key}");
        }
    }

    #[test]
    fn what_keeps_a_key_from_matching_is_named_with_its_place_and_without_the_key() {
        for (text, expected) in [
            (format!("\u{feff}{KEY}"), "character 1 is a byte order mark (U+FEFF)"),
            (format!("{KEY}\u{200b}"), "character 17 is a zero-width space (U+200B)"),
            (format!("{KEY}\u{200d}"), "character 17 is an invisible character (U+200D)"),
            (format!("{KEY} {KEY}"), "character 17 is a space (U+0020)"),
            (format!("\"{KEY}\""), "character 1 is a double quote (U+0022); write it without quotes"),
            (format!("{KEY}'"), "character 17 is a single quote (U+0027); write it without quotes"),
            (format!("”{KEY}"), "character 1 is a quotation mark (U+201D); write it without quotes"),
            (format!("KEY={KEY}"), "character 4 is an equals sign (U+003D) after a name; write the key alone"),
            (format!("{KEY}\0"), "character 17 is a control character (U+0000)"),
            ("0123456789abcde".to_owned(), "it is too short"),
        ] {
            let wrong = wrong_in_key(&text).unwrap();
            assert_eq!(wrong, expected);
            assert!(!wrong.contains("0123"));
        }
    }

    #[test]
    fn an_account_id_may_hold_spaces_and_emoji_and_no_quotes_around_it() {
        for id in ["al ice", "o'neil", "👩\u{200d}🔧"] {
            assert_eq!(wrong_in_account_id(id), None, "{id}");
        }
        for id in ["\"alice\"", "'alice", "\u{feff}alice", "alice\u{200b}", "alice\u{3164}", "al\u{34f}ice"] {
            assert!(wrong_in_account_id(id).is_some(), "{id}");
        }
    }
}
