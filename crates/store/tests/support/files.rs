//! Directories of stores, copied and listed.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

/// Copies a directory with all that is in it. The copy may exist already.
pub(crate) fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy_directory(&path, &copy) } else { fs::copy(&path, &copy).map(drop).unwrap() }
    }
}

/// Every file and directory below a directory, sorted.
pub(crate) fn all_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}
