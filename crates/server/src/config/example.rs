//! `docs/operate/pinfold.example.toml`, a file with every key.

use std::fmt::Write;

use super::keys::last_part;
use super::sections::Shown;
use super::{Config, describe};

const HEAD: &str = "\
# Every key of pinfold with its default. Copy what you change; leave out the rest.
# Relative paths are relative to the directory of this file.

";
const COLUMNS_MAX: usize = 120;
/// The keys without a default that every app needs.
const IN_FORCE: [&str; 2] = ["app.sdkappid", "app.keys_file"];

/// A configuration with every key: it sets the defaults, and what an app needs. A key without a default, and a section
/// that may be left out, are commented out.
pub fn example_file() -> String {
    let mut text = HEAD.to_owned();
    for section in Config::with_every_section().sections() {
        write_section(&mut text, &section);
    }
    text
}

fn write_section(text: &mut String, section: &Shown) {
    if !section.name.is_empty() {
        text.push('\n');
        write_comment(text, section.about);
        let off = if section.is_set { "" } else { "#" };
        text.push_str(&format!("{off}{}", describe::header(section.name).trim_start()));
    }
    for (key, default) in &section.keys {
        write_comment(text, key.meaning);
        // Words and forms are worth showing; that a number is a number is not.
        if key.allowed.contains('"') {
            write_comment(text, &format!("Allowed: {}.", key.allowed));
        }
        let value = default.as_ref().map_or(key.example.to_owned(), ToString::to_string);
        let off = if default.is_some() || IN_FORCE.contains(&key.name) { "" } else { "#" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{off}{} = {value}", last_part(key.name));
    }
}

/// Lines of comment, without the marks of Markdown.
fn write_comment(text: &mut String, markdown: &str) {
    let mut line = "#".to_owned();
    for word in markdown.replace('`', "").split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS_MAX {
            line.push('\n');
            text.push_str(&line);
            line = "#".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}
