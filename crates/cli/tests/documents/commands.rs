//! Every command of the documents is run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::blocks::{self, Block, Kind};
use crate::support::{free_port, installed};
use crate::{Document, documents, postgres};

/// How many blocks are not run. More need a reason that convinces the reviewer.
const NOT_RUN: usize = 17;
/// For all commands of one document.
const TIME_MAX: Duration = Duration::from_secs(180);
/// Documents that name it get a PostgreSQL server of their own there, whose owner is `postgres`.
const POSTGRES: &str = "POSTGRES_ADDRESS";
/// Ports of the documents, which stand for free ones. No other number there may hold these digits.
const PORTS: [&str; 5] = ["8080", "8081", "8443", "9090", "9091"];

/// Documents that need more programs than the others.
const PROGRAMS: [(&str, &[&str]); 1] = [("docs/webhooks.md", &["python3", "node"])];

#[test]
fn the_commands_of_every_document_work() {
    if !["bash", "curl", "openssl"].map(installed).into_iter().all(|found| found) {
        return;
    }
    let documents = documents();
    let run = |document| std::thread::spawn(move || run(document));
    let runs: Vec<_> = documents.into_iter().map(run).collect();
    let failed: Vec<_> = runs.into_iter().filter_map(|run| run.join().unwrap().err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn commands_that_are_not_run_have_a_reason_and_do_not_become_more() {
    let mut listed = String::new();
    let mut count = 0;
    for Document { name, text } in documents() {
        for block in blocks::of(&text).unwrap_or_else(|wrong| panic!("{name}, {wrong}")) {
            if let Kind::NotRun(reason) = block.kind {
                writeln!(listed, "{name}:{}: {reason}", block.line).unwrap();
                count += 1;
            }
        }
    }
    assert_eq!(count, NOT_RUN, "blocks that are not run:\n{listed}");
}

/// Runs the commands of a document in a directory of its own.
fn run(document: Document) -> Result<(), String> {
    let Document { name, text } = document;
    let blocks = blocks::of(&text).map_err(|wrong| format!("{name}, {wrong}"))?;
    let needed = PROGRAMS.iter().filter(|(document, _)| *document == name).flat_map(|(_, programs)| *programs);
    let lacks_a_program = needed.filter(|program| !installed(program)).count() > 0;
    if lacks_a_program || !blocks.iter().any(|block| block.kind == Kind::Run) {
        return Ok(());
    }
    let directory = tempfile::tempdir().unwrap();
    let script = with_free_ports(script(&name, &blocks));
    let needs_database = script.contains(POSTGRES);
    if needs_database && cfg!(no_postgres) {
        // Not by a macro: of a test that passes nothing printed by one is shown.
        let _ = writeln!(std::io::stderr(), "SKIPPED: PostgreSQL is not installed, so {name} was not run");
        return Ok(());
    }
    let database = needs_database.then(|| postgres::Server::start(&["-c", "fsync=off"]));
    let address = database.as_ref().map(|database| format!("{POSTGRES}={}\n", database.address()));
    let script = address.unwrap_or_default() + &script;
    bash(directory.path(), &script).map_err(|said| format!("{name}: {said}"))
}

fn script(name: &str, blocks: &[Block]) -> String {
    let mut script = include_str!("prelude.sh").to_owned();
    for Block { line, kind, text } in blocks {
        writeln!(script, "block={name}:{line}").unwrap();
        match kind {
            Kind::Run => script += text,
            Kind::File(file) => writeln!(script, "cat >'{file}' <<'END OF FILE'\n{text}END OF FILE").unwrap(),
            Kind::NotRun(_) => {}
        }
    }
    script
}

fn with_free_ports(script: String) -> String {
    let on_loopback = script.replace("0.0.0.0:", "127.0.0.1:");
    PORTS.iter().fold(on_loopback, |script, port| script.replace(port, &free_port().to_string()))
}

/// Its stderr if it fails, or does not end.
fn bash(directory: &Path, script: &str) -> Result<(), String> {
    let bin = Path::new(env!("CARGO_BIN_EXE_pinfold")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    // Beside the directory of the commands, which may want to be empty.
    let (scratch, work) = (directory.join("scratch"), directory.join("work"));
    for directory in [&scratch, &work] {
        std::fs::create_dir(directory).unwrap();
    }
    let file = scratch.join("script");
    std::fs::write(&file, script).unwrap();
    let stderr = scratch.join("stderr");
    let mut bash = Command::new("bash");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PINFOLD_")) {
        bash.env_remove(name);
    }
    bash.arg(&file).current_dir(&work).env("PATH", path).env("SCRATCH", &scratch).stdin(Stdio::null());
    bash.stdout(Stdio::null()).stderr(std::fs::File::create(&stderr).unwrap());
    match ended(bash) {
        Some(status) if status.success() => Ok(()),
        Some(_) => Err(std::fs::read_to_string(stderr).unwrap()),
        None => Err(format!("did not end within {TIME_MAX:?}; {}", std::fs::read_to_string(stderr).unwrap())),
    }
}

/// How a command ended; None if it had to be ended, with everything that it had started.
fn ended(mut command: Command) -> Option<ExitStatus> {
    let mut process = command.process_group(0).spawn().unwrap();
    let began = Instant::now();
    while began.elapsed() < TIME_MAX {
        if let Some(status) = process.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process_group(Pid::from_child(&process), Signal::KILL).unwrap();
    process.wait().unwrap();
    None
}
