//! Answers that are still open in a transcript, written `< ?`.

use std::fs;

use crate::compat::Transcript;

/// The text of a transcript with these answers in place of `?`. An answer that is written down stays as it is.
pub(crate) fn filled_in(transcript: &Transcript, answers: &[String]) -> String {
    let text = fs::read_to_string(transcript.file()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (exchange, answer) in transcript.calls().zip(answers).filter(|(exchange, _)| exchange.answer == "?") {
        let offset = lines[exchange.line..].iter().position(|line| line.starts_with('<')).unwrap();
        lines[exchange.line + offset] = format!("< {answer}");
    }
    lines.join("\n") + "\n"
}
