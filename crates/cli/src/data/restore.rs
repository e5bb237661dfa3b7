//! `pinfold restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;
use pinfold_server::config::{LogFormat, StoreConfig, StoreUrl, unexpanded};
use pinfold_store::Store;
use pinfold_store::dump::{self, Mode, Moved, Reader};
use pinfold_store::embedded::Restoring;

use super::file::{self, DumpFile};
use super::progress::Progress;
use super::{LOG, STANDARD, load, summary, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::{logging, output, owner};

/// Makes a store of what pinfold backup wrote
///
/// The whole file is checked before anything is made. A directory has to be empty or missing, and holds a store only
/// when all of it was restored; a database has to be empty. Restores into any store.url, whatever the backup was made
/// of: a backup is a dump, and pinfold import takes it too.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold restore --config pinfold.toml pinfold.ndjson.gz
  pinfold restore --to /var/lib/pinfold pinfold.ndjson.gz
  pinfold restore --to postgres://pinfold@db.example/pinfold pinfold.ndjson.gz")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A directory or a store.url, in place of that of the configuration
    #[arg(long, value_name = "STORE")]
    to: Option<String>,
    /// Say how far it is although stderr is not a terminal
    #[arg(long)]
    progress: bool,
    /// The backup; it is read twice, so it cannot come through stdin
    #[arg(value_name = "FILE")]
    from: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.from.as_os_str() == STANDARD {
        return Err(Failure::new(
            "restore reads its file twice, to check all of it first, and stdin can be read once; write it to a file \
             first, or use pinfold import -",
        ));
    }
    let (store, began) = (store(arguments)?, Instant::now());
    if let StoreUrl::File(directory) = &store.url {
        owner::warn_of_another(directory);
        Restoring::check_empty(directory)?;
    }
    file::check(&arguments.from, "checking", arguments.progress)
        .map_err(|failure| Failure::new(format!("{}; nothing was restored", failure.sentence())))?;
    let moved = match &store.url {
        StoreUrl::File(directory) => into_directory(directory, &store, arguments)?,
        StoreUrl::Memory | StoreUrl::Postgres(_) => import(&store, arguments, left_in_database)?,
    };
    let seconds = began.elapsed().as_secs_f64();
    output::print_error(&format!("restored {} into {} in {seconds:.1} s", summary(&moved), store.url));
    Ok(ExitCode::SUCCESS)
}

fn store(arguments: &Arguments) -> Result<StoreConfig, Failure> {
    let Some(to) = &arguments.to else { return Ok(load(&arguments.config)?.config.store) };
    logging::start(logging::filter(LOG, "default")?, LogFormat::Text, None)?;
    if let Some(why) = unexpanded(to) {
        return Err(Failure::new(format!("--to {to} is not a store: {why}")));
    }
    let url = match to.parse() {
        Ok(StoreUrl::Memory) => {
            return Err(Failure::new("what is in memory ends with its process; name another store"));
        }
        Ok(url) => url,
        Err(what) if to.contains("://") || to.starts_with("file:") => {
            // What follows the scheme may hold a password.
            let scheme = to.split(':').next().unwrap_or_default();
            return Err(Failure::new(format!("--to {scheme}:… is not a store: {what}")));
        }
        Err(_) => StoreUrl::File(to.into()),
    };
    Ok(StoreConfig { url, ..StoreConfig::default() })
}

fn into_directory(directory: &Path, store: &StoreConfig, arguments: &Arguments) -> Result<Moved, Failure> {
    let restoring = Restoring::begin(directory)?;
    let inside = StoreConfig { url: StoreUrl::File(restoring.place()), ..store.clone() };
    match import(&inside, arguments, |_| None) {
        Ok(moved) => {
            restoring.finish()?;
            Ok(moved)
        }
        Err(failure) => {
            let left = restoring.abandon().map_or_else(|error| error.to_string(), |()| "nothing of it is left".into());
            Err(Failure::new(format!("{}; {left}", failure.sentence())))
        }
    }
}

fn left_in_database(moved: &Moved) -> Option<String> {
    let some = *moved != Moved::default();
    some.then(|| {
        format!(
            "{} are in the database: empty it and restore again, or go on with pinfold import --resume",
            summary(moved)
        )
    })
}

/// Imports everything. `left` says in the failure what is left of it, if that is known here.
fn import(
    store: &StoreConfig,
    arguments: &Arguments,
    left: impl Fn(&Moved) -> Option<String>,
) -> Result<Moved, Failure> {
    let DumpFile { dump, bytes, read } = DumpFile::open(&arguments.from)?;
    with_store(store, async |store: &Store| {
        let (mut told, mut last) = (Progress::begin("restoring", bytes, arguments.progress), Moved::default());
        let tell = |moved: &Moved| {
            last = *moved;
            told.tell(read.load(Ordering::Relaxed), moved.accounts + moved.chat_groups);
        };
        let imported = dump::import(store.backend(), Reader::new(dump), Mode::IntoEmpty, tell).await;
        told.end();
        imported.map_err(|error| match left(&last) {
            None => error.into(),
            Some(left) => Failure::new(format!("{error}; {left}")),
        })
    })
}
