//! The parts of a document that a test does something with.

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it begins, counted from 1.
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commands.
    Run,
    /// Commands that no test can run, and why.
    NotRun(String),
    /// A file with this name.
    File(String),
}

/// How commands look that stand in a document without being marked as such.
const PROGRAMS: [&str; 6] = ["pinfold ", "cargo ", "curl ", "sudo ", "docker ", "systemctl "];

/// The blocks of a document in their order.
///
/// # Errors
/// Why its commands cannot be run.
pub(crate) fn of(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let (info, end) = match (line.trim_start().strip_prefix("```"), line.strip_prefix("<!-- run")) {
            (Some(info), _) => (info, "```"),
            (None, Some(_)) => ("sh", "-->"),
            (None, None) if is_bare_command(line) => {
                return Err(format!("line {number}: a command; put it between ```sh and ```"));
            }
            (None, None) => continue,
        };
        let indent = line.len() - line.trim_start().len();
        let body: Vec<_> = lines.by_ref().map(|(line, _)| line).take_while(|line| line.trim() != end).collect();
        let body: String = body.iter().map(|line| format!("{}\n", line.get(indent..).unwrap_or(""))).collect();
        let kind = kind(info).map_err(|wrong| format!("line {number}: {wrong}"))?;
        blocks.extend(kind.map(|kind| Block { line: number, kind, text: body }));
    }
    Ok(blocks)
}

fn is_bare_command(line: &str) -> bool {
    let command = line.strip_prefix("    ").map(str::trim_start);
    command.is_some_and(|command| PROGRAMS.iter().any(|program| command.starts_with(program)))
}

/// The kind that the words after the three backticks name; `None` for a block that is only read.
fn kind(info: &str) -> Result<Option<Kind>, String> {
    let (language, more) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    match (language, more.split_once("file="), more.split_once("not-run:")) {
        (_, Some((_, name)), _) => Ok(Some(Kind::File(name.to_owned()))),
        ("sh", _, Some((_, reason))) if !reason.trim().is_empty() => Ok(Some(Kind::NotRun(reason.trim().to_owned()))),
        ("sh", _, _) if more.is_empty() => Ok(Some(Kind::Run)),
        ("sh", _, _) => Err(format!("{more:?} says nothing; there is not-run: REASON")),
        ("bash" | "shell" | "console", _, _) => Err(format!("{language} is not run; use sh")),
        _ => Ok(None),
    }
}

#[test]
fn commands_and_files_are_found_in_their_order() {
    let text = "a\n```toml file=a.toml\nx = 1\n```\n- b\n  ```sh\n  one\n    two\n  ```\n<!-- run\nthree\n-->\n```sh not-run: a reason\nfour\n```\n```json\n{}\n```\n";
    let block = |line, kind, text: &str| Block { line, kind, text: text.into() };
    let expected = [
        block(2, Kind::File("a.toml".into()), "x = 1\n"),
        block(6, Kind::Run, "one\n  two\n"),
        block(10, Kind::Run, "three\n"),
        block(13, Kind::NotRun("a reason".into()), "four\n"),
    ];
    assert_eq!(of(text).unwrap(), expected);
}

#[test]
fn commands_that_would_be_overlooked_are_refused() {
    assert!(of("a\n\n    cargo test\n").unwrap_err().starts_with("line 3: a command"));
    assert!(of("```bash\ntrue\n```\n").unwrap_err().contains("use sh"));
    for info in ["sh not-run:", "sh notrun: a reason", "sh skip"] {
        assert!(of(&format!("```{info}\ntrue\n```\n")).unwrap_err().contains("says nothing"), "{info}");
    }
}
