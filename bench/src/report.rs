//! Where a run works, and where its result goes.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A directory below `parent`, or the system's temporary one, that is removed at the end.
pub(crate) fn directory(parent: Option<&Path>) -> Result<TempDir, String> {
    match parent {
        None => tempfile::tempdir().map_err(|error| error.to_string()),
        Some(parent) => fs::create_dir_all(parent)
            .and_then(|()| tempfile::tempdir_in(parent))
            .map_err(|error| format!("{}: {error}", parent.display())),
    }
}

/// Prints the result and writes it to a file if one was named.
pub(crate) fn publish(text: &str, output: Option<&Path>) -> Result<(), String> {
    println!("\n{text}");
    match output {
        Some(path) => fs::write(path, text).map_err(|error| format!("{}: {error}", path.display())),
        None => Ok(()),
    }
}
