//! Commands that work on all the data of a store: backup, restore, check, export, import, drop-app. They share the
//! store of the configuration, files and the report of progress.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod drop_app;
pub(crate) mod export;
mod file;
pub(crate) mod import;
mod progress;
pub(crate) mod restore;
mod served;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use pinfold_server::config::{Loaded, LogFormat, StoreConfig, StoreUrl};
use pinfold_server::{OpenStoreError, open_store, open_store_to_read};
use pinfold_store::Store;
use pinfold_store::dump::{self, Exporting, Moved};
use pinfold_store::embedded::OpenError;
use tokio::runtime::Runtime;

use self::progress::Progress;
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::{logging, output, owner};

/// How long a read that hangs, on a pipe say, may hold up the end of the process.
const THREADS_MAX: Duration = Duration::from_secs(1);
/// Memory for decoded accounts.
const CACHE_MIB: u32 = 16;
/// How long a call may wait for the database. It is longer than a server allows: no caller waits, and a failure
/// discards the work so far.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// The name that means stdin or stdout.
const STANDARD: &str = "-";

/// Opens the store of the configuration, has `work` done on it and closes it, whatever came of the work.
pub(crate) fn with_store<T>(
    config: &StoreConfig,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_opened(config, async |config: &StoreConfig| open_store(config).await, work)
}

/// The same for work that only reads, which needs no right to write and makes no tables.
pub(crate) fn with_store_to_read<T>(
    config: &StoreConfig,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_opened(config, async |config: &StoreConfig| open_store_to_read(config).await, work)
}

fn with_opened<T>(
    config: &StoreConfig,
    open: impl AsyncFnOnce(&StoreConfig) -> Result<Store, OpenStoreError>,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if let StoreUrl::File(directory) = &config.url {
        owner::warn_of_another(directory);
    }
    let runtime = Runtime::new()?;
    let done = runtime.block_on(async {
        // Each account is touched once, so a large cache gains nothing.
        let waits = StoreConfig { acquire: WAIT_MAX, statement: WAIT_MAX, ..config.clone() };
        let config = StoreConfig { cache_mib: CACHE_MIB, ..waits };
        let store = open(&config).await?;
        let done = work(&store).await;
        let closed = store.backend().close().await.map_err(Failure::from);
        done.and_then(|done| closed.map(|()| done))
    });
    runtime.shutdown_timeout(THREADS_MAX);
    done
}

/// Says that a dump is not of one instant, where it is not.
fn warn_of_shards<W: Write>(exporting: &Exporting<W>) {
    if !exporting.is_of_one_instant() {
        output::print_error(
            "the database is sharded: this dump is not of one instant. Each account in it is, but a change of one account \
             may be in it without an earlier change of another",
        );
    }
}

/// The lines that a server logs about its start are left out.
const LOG: &str = "warn";

/// The configuration, if its store outlives this process.
fn load(config: &ConfigFile) -> Result<Loaded, Failure> {
    load_with(config, LOG)
}

/// The same with another log.
fn load_with(config: &ConfigFile, log: &str) -> Result<Loaded, Failure> {
    let loaded = begin(config, log)?;
    if loaded.config.store.url == StoreUrl::Memory {
        return Err(Failure::new(
            "store.url is memory:, and what is in memory ends with its process; nothing can be moved",
        ));
    }
    Ok(loaded)
}

/// Reads the configuration for a command on its store, and begins the log.
pub(crate) fn load_quietly(config: &ConfigFile) -> Result<Loaded, Failure> {
    begin(config, LOG)
}

fn begin(config: &ConfigFile, log: &str) -> Result<Loaded, Failure> {
    let loaded = config.load()?;
    logging::start(logging::filter(log, "default")?, LogFormat::Text, None)?;
    Ok(loaded)
}

/// Opening would make a new, empty store.
pub(crate) fn check_there(directory: &Path) -> Result<(), Failure> {
    match directory.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(format!("there is no store {}; see store.url", directory.display()))),
        Err(cause) => {
            Err(OpenError::Io { path: directory.to_owned(), action: "look into the directory", cause }.into())
        }
    }
}

/// How many accounts there are, if progress is shown; `None` if they cannot be counted.
async fn count(store: &Store, progress: bool) -> Option<u64> {
    if !Progress::is_shown(progress) {
        return None;
    }
    dump::count_accounts(store.backend()).await.ok()
}

/// How much was moved, in words. The list of recent conversations and the history are named where there is something of
/// them.
fn summary(moved: &Moved) -> String {
    let Moved { accounts, entries, changes, chat_groups, chat_group_times, .. } = *moved;
    let mut counts = vec![counted(accounts, "account")];
    counts.extend((entries > 0).then(|| counted(entries, "recent conversation")));
    counts.extend((changes > 0).then(|| counted(changes, "change")));
    counts.push(counted(chat_groups, "chat group"));
    counts.extend((chat_group_times > 0).then(|| counted(chat_group_times, "chat group time")));
    let last = counts.pop().unwrap_or_default();
    format!("{} and {last}", counts.join(", "))
}

/// A count with its word: `1 account`, `2 accounts`.
pub(crate) fn counted(count: u64, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_the_list_of_recent_conversations_and_the_history_where_there_is_something_of_them() {
        let moved = Moved { accounts: 1, chat_groups: 2, ..Moved::default() };
        assert_eq!(summary(&moved), "1 account and 2 chat groups");
        let more = Moved { entries: 3, changes: 4, chat_group_times: 1, ..moved };
        assert_eq!(summary(&more), "1 account, 3 recent conversations, 4 changes, 2 chat groups and 1 chat group time");
    }
}
