//! How a command reaches the server that has an embedded store open.

use std::fs::File;
use std::path::Path;

use pinfold_server::StoreAccess;

use crate::failure::Failure;

/// Has the server asked that has the store in this directory open. `ask` gives `None` if no server answers it. `None` if
/// no process has the store open, so that it can be opened here.
///
/// The address in the directory alone says nothing: a server that was killed leaves it there, and a copy of the
/// directory of another server holds the address of that one.
///
/// # Errors
/// Those of `ask`, and a process has the store open that cannot be asked; `lack` says what it does not do.
pub(crate) fn ask<T>(
    directory: &Path,
    lack: &str,
    ask: impl FnOnce(&StoreAccess) -> Result<Option<T>, Failure>,
) -> Result<Option<T>, Failure> {
    if !is_in_use(directory) {
        return Ok(None);
    }
    let access = StoreAccess::read(directory)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", directory.display())))?;
    if let Some(answer) = access.map(|access| ask(&access)).transpose()?.flatten() {
        return Ok(Some(answer));
    }
    // It may have ended meanwhile.
    if !is_in_use(directory) {
        return Ok(None);
    }
    Err(Failure::new(format!(
        "the store {} is in use by a process that {lack}. A server does, unless its admin_listen is empty, or it is just \
         starting or stopping; set it, or stop the server",
        directory.display()
    )))
}

fn is_in_use(directory: &Path) -> bool {
    File::open(directory.join("lock")).is_ok_and(|lock| lock.try_lock().is_err())
}
