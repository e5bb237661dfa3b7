//! The kind of stderr: a terminal, the journal, or a file or pipe.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;

use pinfold_server::config::LogFormat;
use rustix::fs::fstat;

use super::line::Style;

/// How lines look there.
pub(super) fn style(format: LogFormat) -> Style {
    let is_dull = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style { format, colours: takes_escapes() && !is_dull, priorities: is_journal(env::var_os("JOURNAL_STREAM")) }
}

/// Whether it is a terminal that understands escape sequences.
pub(crate) fn takes_escapes() -> bool {
    let is_dumb = |name: &OsStr| name.is_empty() || name == "dumb";
    io::stderr().is_terminal() && env::var_os("TERM").is_some_and(|name| !is_dumb(&name))
}

/// systemd names device and inode of the stream that leads to the journal. A redirected stderr is another file.
fn is_journal(stream: Option<std::ffi::OsString>) -> bool {
    let Ok(stat) = fstat(io::stderr()) else { return false };
    stream.is_some_and(|stream| stream == *format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// A descriptor of its own, so that a write that takes long does not hold the lock of [`io::stderr`].
pub(super) fn file() -> io::Result<File> {
    io::stderr().as_fd().try_clone_to_owned().map(File::from)
}
