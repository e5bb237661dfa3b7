//! `pinfold export`.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pinfold_server::config::{Loaded, StoreUrl};
use pinfold_store::dump::{Begun, DumpFormat, DumpVersion, ExportError, Exporting, LeftOut, Moved, Reader, Writer};
use pinfold_store::{Damage, OnDamage, Store};

use super::progress::Progress;
use super::{STANDARD, check_there, count, counted, file, load, summary, warn_of_shards, with_store_to_read};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Bytes that are gathered before they are written to the file.
const BUFFER_BYTES: usize = 1 << 20;

/// Writes everything the store keeps to a file, for another store or another pinfold
///
/// The file is text, one JSON object a line; docs/operate/move.md describes it. It holds what users arranged, and no
/// keys. Until it is whole it is named FILE.partial, with which --resume goes on. A server that uses an embedded store
/// must be stopped first; over a database it may go on. The dump is of one instant, unless it was gone on
/// with or the database is sharded (Citus).
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
    /// Write this version of the format, for an older pinfold; stderr tells what it has no place for
    #[arg(long, value_name = "NUMBER", value_parser = version)]
    version: Option<DumpVersion>,
    /// Leave out the history of accounts: a store made of the dump begins with none
    #[arg(long)]
    without_history: bool,
    /// Leave out what is damaged, each told on stderr, and end with exit code 1 if there was anything
    #[arg(long, conflicts_with = "resume")]
    leave_out_damaged: bool,
    /// Say how far it is although stderr is not a terminal
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
    let Exported { moved, seconds, left_out } = if arguments.to.as_os_str() == STANDARD {
        if arguments.resume {
            return Err(Failure::new("--resume needs the name of a file, whose .partial is there"));
        }
        export(&loaded, arguments, io::stdout().lock(), None)?.1
    } else {
        to_file(&loaded, arguments)?
    };
    let exported = format!("exported {} in {seconds:.1} s", summary(&moved));
    if left_out > 0 {
        return Err(Failure::new(format!("{exported}; {} left out", counted(left_out, "damaged thing"))));
    }
    output::print_error(&exported);
    Ok(ExitCode::SUCCESS)
}

/// The outcome of an export.
struct Exported {
    moved: Moved,
    seconds: f64,
    left_out: u64,
}

/// Writes a file that is there under its name only when it is whole and on the disk.
fn to_file(loaded: &Loaded, arguments: &Arguments) -> Result<Exported, Failure> {
    let path = &arguments.to;
    let refuse = |path: &Path, what: String| Failure::new(format!("cannot write {}: {what}", path.display()));
    file::check_free(path)?;
    let mut partial = OsString::from(path);
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let failed = |error: io::Error| refuse(&partial, error.to_string());
    let mut options = OpenOptions::new();
    options.create(!arguments.resume).truncate(false).read(true).write(true).mode(0o600);
    options.custom_flags(file::NO_LINK);
    let mut file = options.open(&partial).map_err(failed)?;
    file.try_lock().map_err(|_| refuse(&partial, "another export is writing it".into()))?;
    if !arguments.resume && file.metadata().map_err(failed)?.len() > 0 {
        return Err(refuse(&partial, "an interrupted export left it; go on with --resume, or remove it".into()));
    }
    let begun = if arguments.resume { Begun::read(Reader::new(BufReader::new(&file))) } else { None };
    if let (Some(asked), Some(begun)) = (arguments.version, &begun)
        && asked != begun.format.version
    {
        let found = begun.format.version.number();
        return Err(refuse(&partial, format!("it is a dump of version {found}; go on without --version")));
    }
    if arguments.without_history && begun.as_ref().is_some_and(|begun| begun.format.with_history) {
        return Err(refuse(&partial, "it is a dump with the history; go on without --without-history".into()));
    }
    let bytes = begun.as_ref().map_or(0, |begun| begun.bytes);
    file.set_len(bytes).and_then(|()| file.seek(SeekFrom::Start(bytes))).map_err(failed)?;
    let ended = export(loaded, arguments, file, begun);
    // There is nothing to go on with.
    if ended.is_err() && fs::metadata(&partial).is_ok_and(|left| left.len() == 0) {
        let _ = fs::remove_file(&partial);
    }
    let (file, exported) = ended?;
    file.sync_all().and_then(|()| file::name_for_good(&partial, path)).map_err(failed)?;
    Ok(exported)
}

/// Exports, and gives the destination back.
fn export<W: Write>(
    loaded: &Loaded,
    arguments: &Arguments,
    to: W,
    begun: Option<Begun>,
) -> Result<(W, Exported), Failure> {
    let progress = arguments.progress;
    let on_damage = if arguments.leave_out_damaged { OnDamage::Skip } else { OnDamage::Stop };
    with_store_to_read(&loaded.config.store, async |store: &Store| {
        let total = count(store, progress).await;
        // Accounts that were there before took no time of this run.
        let before = begun.as_ref().map_or(0, |begun| begun.accounts);
        let total = total.map(|total| total.saturating_sub(before));
        let mut told = Progress::begin("exporting", total, progress);
        let writer = writer(BufWriter::with_capacity(BUFFER_BYTES, to), begun, arguments)?;
        let mut exporting = Exporting::begin_with(store.backend(), writer, on_damage).await?;
        warn_of_shards(&exporting);
        let ended = loop {
            match exporting.step().await {
                Ok(Some(moved)) => told.tell_accounts(&Moved { accounts: moved.accounts - before, ..moved }),
                ended => break ended,
            }
        };
        let seconds = told.end();
        ended?;
        for Damage { what, problem } in exporting.left_out() {
            output::print_error(&format!("left out {what}: {problem}"));
        }
        tell_left_out(exporting.left_out_by_version());
        let left_out = exporting.left_out().len() as u64;
        let (to, moved) = exporting.end()?;
        let to = to.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((to, Exported { moved, seconds, left_out }))
    })
}

fn writer<W: Write>(to: W, begun: Option<Begun>, arguments: &Arguments) -> Result<Writer<W>, ExportError> {
    if let Some(begun) = begun {
        return Ok(Writer::resume(to, begun));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let version = arguments.version.unwrap_or(DumpVersion::NEWEST);
    Writer::begin_as(to, now, DumpFormat { version, with_history: !arguments.without_history })
}

/// Reads the number of a version.
fn version(text: &str) -> Result<DumpVersion, String> {
    let newest = DumpVersion::NEWEST.number();
    let version = text.parse().ok().and_then(DumpVersion::of_number);
    version.ok_or_else(|| format!("this build writes versions 1 to {newest}"))
}

/// Tells what the version of the dump has no place for.
fn tell_left_out(LeftOut { revisions, orders, data, entries, changes, chat_group_times }: LeftOut) {
    let kinds = [
        (revisions, "account", "the count of changes of "),
        (orders, "account", "the order of conversation groups or pins of "),
        (data, "conversation group", "the data of "),
        (entries, "recent conversation", ""),
        (changes, "change", "the history, "),
        (chat_group_times, "chat group", "the time of the last message in "),
    ];
    for (count, of, what) in kinds.into_iter().filter(|(count, ..)| *count > 0) {
        let of = counted(count, of);
        output::print_error(&format!("left out {what}{of}: a dump of version 1 has no place for it"));
    }
}
