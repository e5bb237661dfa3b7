//! `pinfold export`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pinfold_server::config::{Loaded, StoreConfig, StoreUrl};
use pinfold_store::Store;
use pinfold_store::dump::{self, Begun, ExportError, Moved, Reader, Writer};

use super::progress::Progress;
use super::{STANDARD, check_there, load, what, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Bytes that are gathered before they are written to the file.
const BUFFER_BYTES: usize = 1 << 20;

/// Writes everything the store keeps to a file, for another store or another pinfold
///
/// The file is text, one JSON object a line; docs/operate/move.md describes it. It holds what users arranged, and no
/// keys. Until it is whole it is named FILE.partial, with which --resume goes on. A server that uses an embedded store
/// must be stopped first; over a database it may go on. The dump is of one instant, unless it was gone on with.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold export --config pinfold.toml pinfold.ndjson
  pinfold export --config pinfold.toml - | zstd > pinfold.ndjson.zst")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Go on with the FILE.partial of an export of the same store that was interrupted
    #[arg(long)]
    resume: bool,
    /// Say how far it is although stderr is no terminal
    #[arg(long)]
    progress: bool,
    /// The file to write, which must not exist; - writes to stdout
    #[arg(value_name = "FILE")]
    to: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let loaded = load(&arguments.config)?;
    if let StoreUrl::File(directory) = &loaded.config.store.url {
        check_there(directory)?;
    }
    let (moved, seconds) = if arguments.to.as_os_str() == STANDARD {
        if arguments.resume {
            return Err(Failure::new("--resume needs the name of a file, whose .partial is there"));
        }
        export(&loaded, arguments.progress, io::stdout().lock(), None)?.1
    } else {
        to_file(&loaded, arguments)?
    };
    output::complain(&format!("exported {} in {seconds:.1} s", what(&moved)));
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that is there under its name only when it is whole and on the disk.
fn to_file(loaded: &Loaded, arguments: &Arguments) -> Result<(Moved, f64), Failure> {
    let path = &arguments.to;
    let refuse = |path: &Path, what: String| Failure::new(format!("cannot write {}: {what}", path.display()));
    if path.exists() {
        return Err(refuse(path, "it exists already; choose another name or remove it".into()));
    }
    let mut partial = OsString::from(path);
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let failed = |error: io::Error| refuse(&partial, error.to_string());
    let mut options = OpenOptions::new();
    options.create(!arguments.resume).truncate(false).read(true).write(true).mode(0o600);
    let mut file = options.open(&partial).map_err(failed)?;
    file.try_lock().map_err(|_| refuse(&partial, "another export is writing it".into()))?;
    if !arguments.resume && file.metadata().map_err(failed)?.len() > 0 {
        return Err(refuse(&partial, "an interrupted export left it; go on with --resume, or remove it".into()));
    }
    let begun = if arguments.resume { Begun::read(Reader::new(BufReader::new(&file))) } else { None };
    let bytes = begun.as_ref().map_or(0, |begun| begun.bytes);
    file.set_len(bytes).and_then(|()| file.seek(SeekFrom::Start(bytes))).map_err(failed)?;
    let (file, exported) = export(loaded, arguments.progress, file, begun)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&partial, path).map_err(failed)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
    Ok(exported)
}

/// Exports, and gives the destination back with what was moved and in how many seconds.
fn export<W: Write>(
    loaded: &Loaded,
    progress: bool,
    to: W,
    begun: Option<Begun>,
) -> Result<(W, (Moved, f64)), Failure> {
    // Reading makes no tables, and upgrades none under servers that run.
    let config = StoreConfig { migrate: false, ..loaded.config.store.clone() };
    with_store(&config, async |store: &Store| {
        let total = match Progress::is_shown(progress) {
            true => Some(dump::count_accounts(store.backend()).await?),
            false => None,
        };
        // What was there before took no time of this run.
        let before = begun.as_ref().map_or(0, |begun| begun.accounts);
        let total = total.map(|total| total.saturating_sub(before));
        let mut told = Progress::begin("exporting", total, progress);
        let writer = writer(BufWriter::with_capacity(BUFFER_BYTES, to), begun)?;
        let tell = |moved: &Moved| told.tell(moved.accounts - before, moved.accounts - before);
        let exported = dump::export(store.backend(), writer, tell).await;
        let seconds = told.end();
        let (to, moved) = exported?;
        let to = to.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((to, (moved, seconds)))
    })
}

fn writer<W: Write>(to: W, begun: Option<Begun>) -> Result<Writer<W>, ExportError> {
    match begun {
        Some(begun) => Ok(Writer::resume(to, begun)),
        None => Writer::begin(to, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()),
    }
}
