//! Creates a store: as `data.new`, which is renamed when all of it is durable.

use std::fs;
use std::path::Path;

use super::format_files::{self, FORMAT};
use super::open_error::{OpenError, refused};
use super::restoring;
use super::sync::{sync_directory, sync_tree};
use crate::embedded::engine::{Engine, numbered};

pub(super) fn create(directory: &Path, data: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    let unfinished = directory.join("data.new");
    clear_for_creation(directory, &unfinished)?;
    let engine = Engine::open(&unfinished, true).map_err(|error| refused(directory, &error))?;
    engine.commit(numbered(Vec::new(), 0)).map_err(|error| refused(directory, &error))?;
    drop(engine);
    sync_tree(&unfinished).map_err(io("sync the new store"))?;
    sync_directory(directory).map_err(io("sync the directory"))?;
    format_files::write_format(directory, FORMAT).map_err(io("write the format"))?;
    fs::rename(&unfinished, data).map_err(io("finish the creation"))?;
    sync_directory(directory).map_err(io("sync the directory"))
}

/// Refuses a directory with other files, and a store that lost its data. Removes an unfinished creation, in which
/// nothing was ever acknowledged.
fn clear_for_creation(directory: &Path, unfinished: &Path) -> Result<(), OpenError> {
    let io = |action| move |cause| OpenError::Io { path: directory.to_owned(), action, cause };
    restoring::check_finished(directory)?;
    let format = format_files::read_format(directory).map_err(io("read the format"))?;
    let was_begun = unfinished.try_exists().map_err(io("look into the directory"))?;
    if format.is_some() && !was_begun {
        let what = "its directory \"data\" is missing".into();
        return Err(OpenError::Damaged { path: directory.to_owned(), what });
    }
    // The root of a file system has a `lost+found`.
    let ours = |name: &std::ffi::OsStr| {
        name == "lost+found"
            || name == "lock"
            || name == "data.new"
            || name == "format.new"
            || (name == "format" && format.is_some())
    };
    for entry in fs::read_dir(directory).map_err(io("read the directory"))? {
        if !ours(&entry.map_err(io("read the directory"))?.file_name()) {
            return Err(OpenError::NotAStore(directory.to_owned()));
        }
    }
    if was_begun {
        // The format goes first: a format without data is a store that lost its data.
        format_files::remove_format(directory).map_err(io("remove an unfinished creation"))?;
        fs::remove_dir_all(unfinished).map_err(io("remove an unfinished creation"))?;
    }
    Ok(())
}
