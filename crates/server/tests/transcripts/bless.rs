//! Writing down answers that are still open.

use std::fs;

use crate::compat::{Step, Transcript};

/// Puts the answers that came in the place of the `< ?` lines. An answer that is written down is never changed.
pub(crate) fn fill_in(transcript: &Transcript, answers: &[String]) {
    let text = fs::read_to_string(transcript.file()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let calls = transcript.steps.iter().filter_map(|step| match step {
        Step::Call(exchange) => Some(exchange),
        Step::Clock(_) | Step::Store(_) | Step::Restart => None,
    });
    for (exchange, answer) in calls.zip(answers).filter(|(exchange, _)| exchange.answer == "?") {
        let place = lines[exchange.line..].iter().position(|line| line.starts_with('<')).unwrap();
        lines[exchange.line + place] = format!("< {answer}");
    }
    fs::write(transcript.file(), lines.join("\n") + "\n").unwrap();
}
