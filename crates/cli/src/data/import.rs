//! `pinfold import`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::Args;
use pinfold_server::config::Loaded;
use pinfold_store::Store;
use pinfold_store::dump::{self, Mode, Moved, Reader};

use super::file::{self, DumpFile};
use super::progress::Progress;
use super::{STANDARD, load, summary, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Puts what pinfold export or pinfold backup wrote into the store of the configuration
///
/// The store must be empty. The whole file is checked before anything is imported, unless it comes through stdin: then
/// what is wrong is told when it is reached. An account is imported as a whole or not at all. An import that was
/// interrupted goes on with --resume: what is in the store already is compared, and left alone if it is the same.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold import --config pinfold.toml pinfold.ndjson
  PINFOLD_STORE__URL=file:/var/lib/pinfold pinfold import --config pinfold.toml --resume pinfold.ndjson
  zstd -dc pinfold.ndjson.zst | pinfold import --config pinfold.toml -")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Go on with an import of the same file that was interrupted
    #[arg(long)]
    resume: bool,
    /// Say how far it is although stderr is not a terminal
    #[arg(long)]
    progress: bool,
    /// The file to read; - reads stdin
    #[arg(value_name = "FILE")]
    from: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let loaded = load(&arguments.config)?;
    let (moved, seconds) = if arguments.from.as_os_str() == STANDARD {
        import(&loaded, arguments, DumpFile::stdin())?
    } else {
        file::check(&arguments.from, "checking", arguments.progress)
            .map_err(|failure| Failure::new(format!("{}; nothing was imported", failure.sentence())))?;
        import(&loaded, arguments, DumpFile::open(&arguments.from)?)?
    };
    let there = match moved.there_already {
        0 => String::new(),
        count => format!("; {count} were there already"),
    };
    let rate = moved.accounts as f64 / seconds.max(0.001);
    output::print_error(&format!("imported {} in {seconds:.1} s, {rate:.0} accounts/s{there}", summary(&moved)));
    Ok(ExitCode::SUCCESS)
}

/// Imports. Returns the numbers moved, and the seconds it took.
fn import(loaded: &Loaded, arguments: &Arguments, from: DumpFile) -> Result<(Moved, f64), Failure> {
    let DumpFile { dump, bytes, read } = from;
    let mode = if arguments.resume { Mode::Resume } else { Mode::IntoEmpty };
    with_store(&loaded.config.store, async |store: &Store| {
        let mut told = Progress::begin("importing", bytes, arguments.progress);
        let mut last = Moved::default();
        let tell = |moved: &Moved| {
            last = *moved;
            told.tell(read.load(Ordering::Relaxed), moved.accounts + moved.there_already);
        };
        let imported = dump::import(store.backend(), Reader::new(dump), mode, tell).await;
        let seconds = told.end();
        match imported {
            Ok(moved) => Ok((moved, seconds)),
            Err(error) if last == Moved::default() => Err(error.into()),
            Err(error) => Err(Failure::new(format!(
                "{error}; {} were imported before, each as a whole: go on with --resume when the cause is gone",
                summary(&last)
            ))),
        }
    })
}
