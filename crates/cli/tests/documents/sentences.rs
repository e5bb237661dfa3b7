//! troubleshoot.md quotes what the program says, and leaves nothing out.

use std::fs;

use crate::documents;
use crate::root;
use crate::source::{VALUE, files, in_parentheses, literals, normal};

/// The sentences that the first column of the tables quotes.
fn quoted() -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/operate/troubleshoot.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).map(normal).collect()
}

#[test]
fn every_quoted_sentence_is_still_said() {
    let said: Vec<_> = files().iter().flat_map(|(_, code)| literals(code)).collect();
    let quoted = quoted();
    assert!(quoted.len() > 30, "{quoted:?}");
    let gone: Vec<_> = quoted.iter().filter(|quote| !said.iter().any(|said| said.contains(*quote))).collect();
    assert!(gone.is_empty(), "quoted in troubleshoot.md, and said nowhere:\n{gone:#?}");
}

/// The texts of log lines of a level: what comes last in a call of the macro.
fn logged(code: &str, level: &str) -> Vec<String> {
    let macro_name = format!("tracing::{level}!(");
    code.split(&macro_name).skip(1).filter_map(|rest| literals(in_parentheses(rest)).pop()).collect()
}

/// The sentences of errors.
fn errors(code: &str) -> Vec<String> {
    code.split("#[error(").skip(1).filter_map(|rest| literals(in_parentheses(rest)).into_iter().next()).collect()
}

/// The part that identifies a sentence: its longest one between two values.
fn core(sentence: &str) -> &str {
    sentence.split(VALUE).max_by_key(|part| part.len()).unwrap_or("").trim_matches([' ', ':', ';', ',', '.'])
}

#[test]
fn every_warning_every_error_of_the_log_and_every_reason_not_to_start_is_explained() {
    let documents: String = documents().iter().map(|document| normal(&document.text)).collect();
    let quoted = quoted();
    let is_explained = |said: &String| {
        let core = core(said);
        core.is_empty() || documents.contains(core) || quoted.iter().any(|quote| said.contains(quote))
    };
    let mut missing = Vec::new();
    for (path, code) in files() {
        let said = ["warn", "error"].iter().flat_map(|level| logged(&code, level)).chain(errors(&code));
        let file = path.strip_prefix(root()).unwrap().display();
        missing.extend(said.filter(|said| !is_explained(said)).map(|said| format!("{file}: {said}")));
    }
    assert!(missing.is_empty(), "explain in docs/operate/troubleshoot.md:\n{}", missing.join("\n"));
}

#[test]
fn messages_and_errors_are_found_in_code() {
    let code = "tracing::warn!(cause = %\"x\", \"it {a} broke\");\n #[error(\n \"no {b} here\"\n)]\n";
    assert_eq!(logged(code, "warn"), ["it … broke"]);
    assert_eq!(errors(code), ["no … here"]);
    assert_eq!(core("… broke: …"), "broke");
}
