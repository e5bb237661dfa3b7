//! Writing to people: stdout for what was asked for, stderr for what went wrong.

use std::io::{self, Write};

use crate::logging;

/// Writes to stdout. A reader that went away, like `head`, is not an error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line to stderr, after what was logged. If that fails, there is nowhere to report it.
pub(crate) fn print_error(line: &str) {
    logging::flush();
    let _ = writeln!(io::stderr().lock(), "{line}");
}
