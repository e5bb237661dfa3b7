//! `pinfold check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use pinfold_server::config::LogFormat;
use pinfold_server::config::{StoreConfig, StoreUrl};
use pinfold_store::dump::Moved;
use pinfold_store::embedded::{OpenError, check_files};
use pinfold_store::{Checked, Damage, Store};

use super::progress::Progress;
use super::{STANDARD, check_there, count, file, load_with, summary, with_store_to_read};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::{logging, output};

/// The engine tells of a damaged block each time it meets it.
const LOG: &str = "error,lsm_tree=off,fjall=off";

/// Reads all of a store or of a backup, counts again what is counted, and tells what is damaged
///
/// Each damage is a line on stdout, with the account it touches; the exit code is 1 if there is any. A directory must
/// not be served meanwhile: check a backup of it instead, which a server gives while it serves. Nothing is repaired.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold check --config pinfold.toml
  pinfold check /var/lib/pinfold
  pinfold check /var/backups/pinfold/pinfold-20260101T000000Z.ndjson.gz")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Say how far it is although stderr is not a terminal
    #[arg(long)]
    progress: bool,
    /// The directory of a store, or a backup, in place of the store of the configuration
    #[arg(value_name = "DIR|FILE")]
    what: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let (moved, damaged) = match &arguments.what {
        Some(path) if path.as_os_str() == STANDARD => {
            return Err(Failure::new("check reads a store or a file, and not stdin; write it to a file first"));
        }
        Some(path) if !path.is_dir() => (file::check(path, "checking", arguments.progress)?, 0),
        _ => of_store(&store(arguments)?, arguments.progress)?,
    };
    let seconds = began.elapsed().as_secs_f64();
    let checked = format!("checked {} in {seconds:.1} s", summary(&moved));
    match damaged {
        0 => output::print_error(&format!("{checked}: nothing is damaged")),
        1 => return Err(Failure::new(format!("{checked}: 1 thing is damaged"))),
        count => return Err(Failure::new(format!("{checked}: {count} things are damaged"))),
    }
    Ok(ExitCode::SUCCESS)
}

fn store(arguments: &Arguments) -> Result<StoreConfig, Failure> {
    let Some(directory) = &arguments.what else { return Ok(load_with(&arguments.config, LOG)?.config.store) };
    logging::start(logging::filter(LOG, "default")?, LogFormat::Text, None)?;
    Ok(StoreConfig { url: StoreUrl::File(directory.clone()), ..StoreConfig::default() })
}

/// Checks a store: the counts of what was read, and the number of damaged entries.
fn of_store(config: &StoreConfig, progress: bool) -> Result<(Moved, u64), Failure> {
    let mut damaged = 0;
    let mut tell = |damage: &Damage| {
        damaged += 1;
        // A reader of stdout that went away takes nothing from the exit code.
        let _ = output::print(&format!("{}: {}\n", damage.what, damage.problem));
    };
    if let StoreUrl::File(directory) = &config.url {
        files(directory, progress, &mut tell)?;
    }
    let opened = with_store_to_read(config, async |store: &Store| {
        let total = count(store, progress).await;
        let mut told = Progress::begin("checking", total, progress);
        let far = |checked: &Checked| told.tell_accounts(&moved(checked));
        let checked = pinfold_store::check(store.backend(), far, &mut tell).await;
        told.end();
        Ok(checked?)
    });
    Ok((moved(&opened?), damaged))
}

fn moved(checked: &Checked) -> Moved {
    let Checked { accounts, entries, changes, chat_groups, chat_group_times, .. } = *checked;
    Moved { accounts, entries, changes, chat_groups, chat_group_times, ..Moved::default() }
}

fn files(directory: &Path, progress: bool, mut tell: impl FnMut(&Damage)) -> Result<(), Failure> {
    check_there(directory)?;
    let mut told = Progress::begin("comparing files", None, progress);
    let checked = check_files(directory, |done, total| told.tell_of(done, total));
    told.end();
    match checked {
        Ok(damaged) => damaged.iter().for_each(&mut tell),
        Err(OpenError::InUse(_)) => {
            return Err(Failure::new(format!(
                "the store {} is in use by another process; check a backup of it: pinfold backup, then pinfold check FILE",
                directory.display()
            )));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
