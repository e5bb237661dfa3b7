//! The lines of one call: `> POST …`, its body, and `< …` with the answer.

use super::Exchange;

/// Reads the call whose first line is `lines[0]`, line `number` of the file; also how many lines it has.
pub(super) fn call(number: usize, lines: &[&str]) -> Result<(Exchange, usize), String> {
    let head = lines[0].strip_prefix("> ").ok_or("a call begins with \"> \"")?;
    let (method, target) = head.split_once(' ').ok_or("a call is \"> METHOD PATH\"")?;
    let (target, is_incomplete) = match target.strip_suffix(" incomplete") {
        Some(target) => (target, true),
        None => (target, false),
    };
    let (target, identifier) = match target.split_once(" as ") {
        Some((target, identifier)) => (target, Some(identifier.to_owned())),
        None => (target, None),
    };
    let body_lines = lines[1..].iter().take_while(|line| !line.starts_with('<')).count();
    let body = lines[1..=body_lines].join("\n");
    let answer_lines = lines[1 + body_lines..].iter().take_while(|line| line.starts_with('<')).count();
    if answer_lines == 0 {
        return Err(format!("the call in line {number} has no answer"));
    }
    let answer = lines[1 + body_lines..][..answer_lines].iter().map(|line| line[1..].trim_start()).collect();
    let (method, target) = (method.into(), target.into());
    let exchange = Exchange { line: number, method, target, identifier, is_incomplete, body, answer };
    Ok((exchange, 1 + body_lines + answer_lines))
}
