//! `pinfold import`.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use pinfold_server::config::Loaded;
use pinfold_store::Store;
use pinfold_store::dump::{self, Mode, Moved, Reader};

use super::progress::Progress;
use super::{STANDARD, load, what, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Bytes that are read from the file at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// Puts what pinfold export wrote into the store of the configuration
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
    /// Say how far it is although stderr is no terminal
    #[arg(long)]
    progress: bool,
    /// The file to read; - reads stdin
    #[arg(value_name = "FILE")]
    from: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let loaded = load(&arguments.config)?;
    let (moved, seconds) = if arguments.from.as_os_str() == STANDARD {
        import(&loaded, arguments, Box::new(io::stdin()), None)?
    } else {
        let bytes = check(&arguments.from, arguments.progress)?;
        import(&loaded, arguments, Box::new(open(&arguments.from)?), Some(bytes))?
    };
    let there = match moved.there_already {
        0 => String::new(),
        count => format!("; {count} were there already"),
    };
    let rate = moved.accounts as f64 / seconds.max(0.001);
    output::complain(&format!("imported {} in {seconds:.1} s, {rate:.0} accounts/s{there}", what(&moved)));
    Ok(ExitCode::SUCCESS)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))
}

/// Reads the whole file, so that one that was damaged changes nothing; its length.
fn check(path: &Path, progress: bool) -> Result<u64, Failure> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Failure::new(format!("{} is no regular file; use - and a pipe to stdin", path.display())));
    }
    let bytes = metadata.len();
    let mut told = Progress::begin("checking", Some(bytes), progress);
    let mut accounts = 0;
    let checked = Reader::new(BufReader::with_capacity(BUFFER_BYTES, file)).read_to_end(|entry| {
        accounts += 1;
        told.tell(entry.bytes, accounts);
    });
    told.end();
    let refuse = |error| Failure::new(format!("{}, {error}; nothing was imported", path.display()));
    checked.map(|_| bytes).map_err(refuse)
}

/// Imports; what was moved, and in how many seconds.
fn import(
    loaded: &Loaded,
    arguments: &Arguments,
    from: Box<dyn Read + Send>,
    bytes: Option<u64>,
) -> Result<(Moved, f64), Failure> {
    let mode = if arguments.resume { Mode::Resume } else { Mode::IntoEmpty };
    with_store(&loaded.config.store, async |store: &Store| {
        let mut told = Progress::begin("importing", bytes, arguments.progress);
        let mut last = Moved::default();
        let reader = Reader::new(BufReader::with_capacity(BUFFER_BYTES, from));
        let tell = |moved: &Moved| {
            last = *moved;
            told.tell(moved.bytes, moved.accounts + moved.there_already);
        };
        let imported = dump::import(store.backend(), reader, mode, tell).await;
        let seconds = told.end();
        match imported {
            Ok(moved) => Ok((moved, seconds)),
            Err(error) if last == Moved::default() => Err(error.into()),
            Err(error) => Err(Failure::new(format!(
                "{error}; {} were imported before, each as a whole: go on with --resume when the cause is gone",
                what(&last)
            ))),
        }
    })
}
