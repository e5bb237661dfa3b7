//! Prints results to stdout and errors to stderr.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::failure::Failure;
use crate::logging;

/// Writes to stdout. A reader that went away, like `head`, is not an error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    print_if_read(text).map(|_| ())
}

/// Writes to stdout; false if its reader went away.
pub(crate) fn print_if_read(text: &str) -> io::Result<bool> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a line to stderr, after what was logged. If that fails, there is nowhere to report it.
pub(crate) fn print_error(line: &str) {
    logging::flush();
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes the sentence of a failure to the log, or to stderr if there is no log, and gives the exit code.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let sentence = format!("pinfold: {failure}");
    if !logging::final_error(&sentence) {
        print_error(&format!("{}{sentence}", logging::error_prefix()));
    }
    ExitCode::from(failure.code())
}
