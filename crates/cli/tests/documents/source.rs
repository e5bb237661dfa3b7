//! Sentences in the source: what an operator may be told.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// The sign that stands for a value.
pub(crate) const VALUE: &str = "…";

/// The source of the program, without tests.
pub(crate) fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for of in ["cli", "core", "server", "store"] {
        collect(&root().join("crates").join(of).join("src"), &mut files);
    }
    files
}

fn collect(directory: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            files.push((path, code.to_owned()));
        }
    }
}

/// The text literals of source code as they are read by people: one line, `…` for each value.
pub(crate) fn literals(code: &str) -> Vec<String> {
    let mut literals = Vec::new();
    for line in joined(code).lines().filter(|line| !line.trim_start().starts_with("//")) {
        let mut rest = line;
        while let Some((literal, after)) = next(rest) {
            literals.push(readable(literal));
            rest = after;
        }
    }
    literals
}

/// A backslash at the end of a line continues a literal.
fn joined(code: &str) -> String {
    let mut pieces = code.split("\\\n");
    let first = pieces.next().unwrap_or("").to_owned();
    pieces.fold(first, |text, piece| text + piece.trim_start())
}

/// The text between the next two quotes, and the rest after it.
fn next(line: &str) -> Option<(&str, &str)> {
    // A quote as a character begins nothing.
    let begin = line.match_indices('"').find(|(at, _)| !line[..*at].ends_with('\''))?.0 + 1;
    let is_end = |at: &usize| !line[begin..*at].ends_with('\\') || line[begin..*at].ends_with("\\\\");
    let end = line[begin..].match_indices('"').map(|(at, _)| begin + at).find(is_end)?;
    Some((&line[begin..end], &line[end + 1..]))
}

/// The code up to the parenthesis that closes what was opened before it.
pub(crate) fn in_parentheses(code: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    let end = code.char_indices().find(|(_, char)| {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(code, |(at, _)| &code[..at])
}

/// `{…}` and what it stands for become one `…`; quotes lose their backslash.
fn readable(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        text += VALUE;
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    text += rest;
    normal(&text.replace("\\\"", "\"").replace("\\n", " "))
}

/// One space between words, and one `…` for several.
pub(crate) fn normal(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while text.contains("……") {
        text = text.replace("……", VALUE);
    }
    text
}

#[test]
fn literals_are_found_as_people_read_them() {
    let code =
        "let a = \"one \\\n    two {path:?} \\\"x\\\"\"; // \"no\" \n//! \"nor this\"\nb('\"', \"{a}{b} three\")";
    assert_eq!(literals(code)[0], "one two … \"x\"");
    assert_eq!(literals(code).last().unwrap(), "… three");
}
