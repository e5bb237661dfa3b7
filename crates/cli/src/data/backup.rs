//! `pinfold backup`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use pinfold_server::config::{Loaded, StoreUrl};
use pinfold_store::Store;
use pinfold_store::dump::{DumpFormat, Exporting, Writer};

use super::file::{Unfinished, cannot};
use super::progress::Progress;
use super::{STANDARD, check_there, count, load, served, summary, warn_of_shards, with_store_to_read};
use crate::config_file::ConfigFile;
use crate::dates::utc;
use crate::failure::Failure;
use crate::{output, serving};

/// Backups of one second in one directory.
const NAMES_MAX: u32 = 9;

/// Writes everything the store keeps at one instant to a file, and reads it back
///
/// A server may go on serving, and no write waits for it. Over a database that is sharded (Citus) it is
/// not of one instant, which it says. The file is a dump, as docs/operate/move.md
/// describes it, compressed if its name ends in .gz; it holds what users arranged, and no keys. A file under its name is
/// whole and on the disk: until then it is named FILE.partial, and it is removed if anything goes wrong.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold backup --config pinfold.toml /var/backups/pinfold/
  pinfold backup --config pinfold.toml pinfold.ndjson.gz
  pinfold backup --config pinfold.toml - | ssh vault 'cat > pinfold.ndjson'")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Leave out the history of accounts: a store made of the backup begins with none
    #[arg(long)]
    without_history: bool,
    /// Say how far it is although stderr is not a terminal
    #[arg(long)]
    progress: bool,
    /// The file to write, which must not exist; in a directory it gets a name with the time; - writes to stdout
    #[arg(value_name = "DIR|FILE")]
    to: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (loaded, began) = (load(&arguments.config)?, Instant::now());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if arguments.to.as_os_str() == STANDARD {
        let mut stdout = io::stdout().lock();
        read(&loaded, now, arguments, &mut stdout)?;
        stdout.flush()?;
        output::print_error("what was written to stdout was not read back; pinfold check FILE does");
        return Ok(ExitCode::SUCCESS);
    }
    let file = Unfinished::create(paths(&arguments.to, now))?;
    let path = file.path().to_owned();
    file.write(|to| read(&loaded, now, arguments, to))?;
    let moved = file.verify(arguments.progress)?;
    file.finish()?;
    let bytes = path.metadata().map_err(|error| cannot("read", &path, error))?.len();
    let seconds = began.elapsed().as_secs_f64();
    output::print_error(&format!(
        "backed up {} to {} in {seconds:.1} s, {bytes} bytes, read back and whole",
        summary(&moved),
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes a dump of the store to `to`: from the server that has it open, or from the store itself.
fn read(loaded: &Loaded, now: u64, arguments: &Arguments, to: &mut dyn Write) -> Result<(), Failure> {
    let StoreUrl::File(directory) = &loaded.config.store.url else { return export(loaded, now, arguments, to) };
    check_there(directory)?;
    let stall_max = loaded.config.timeouts.backup_stall;
    let served = serving::ask(directory, "gives no backups", |access| {
        served::dump(access, stall_max, !arguments.without_history, arguments.progress, to)
    })?;
    served.map_or_else(|| export(loaded, now, arguments, to), Ok)
}

fn export(loaded: &Loaded, now: u64, arguments: &Arguments, to: &mut dyn Write) -> Result<(), Failure> {
    let progress = arguments.progress;
    let format = DumpFormat { with_history: !arguments.without_history, ..DumpFormat::default() };
    with_store_to_read(&loaded.config.store, async |store: &Store| {
        let total = count(store, progress).await;
        let mut told = Progress::begin("reading", total, progress);
        let writer = Writer::begin_as(to, now, format)?;
        let exporting = Exporting::begin(store.backend(), writer).await?;
        warn_of_shards(&exporting);
        let exported = exporting.finish(|moved| told.tell_accounts(moved)).await;
        told.end();
        Ok(exported.map(|_| ())?)
    })
}

/// Where a backup is written that is made now: in a directory under the first of these names that is free.
fn paths(to: &Path, now: u64) -> Vec<PathBuf> {
    if to.is_dir() { (1..=NAMES_MAX).map(|number| to.join(name(now, number))).collect() } else { vec![to.to_owned()] }
}

/// The name of a backup made at this time, so that names sort as times do; the later ones of one second are numbered.
fn name(now: u64, number: u32) -> String {
    let ((year, month, day), (hour, minute, second)) = utc(now);
    let number = if number == 1 { String::new() } else { format!("_{number}") };
    format!("pinfold-{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z{number}.ndjson.gz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_time_in_utc() {
        // date -u -d @N +%Y%m%dT%H%M%SZ
        for (now, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_735_689_599, "20241231T235959Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            assert_eq!(name(now, 1), format!("pinfold-{expected}.ndjson.gz"));
        }
    }

    #[test]
    fn names_of_one_second_differ_and_sort_before_those_of_the_next() {
        let mut names: Vec<_> = (1..=NAMES_MAX).map(|number| name(0, number)).collect();
        names.push(name(1, 1));
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    }

    #[test]
    fn several_at_one_time_each_get_a_name_and_the_rest_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let begin = || Unfinished::create(paths(directory.path(), 0));
        let mut begun: Vec<_> = (0..NAMES_MAX - 1).map(|_| begin().unwrap()).collect();
        // One that is finished has its name as well.
        begun.swap_remove(3).finish().unwrap();
        begun.push(begin().unwrap());
        let taken: std::collections::BTreeSet<_> = begun.iter().map(|file| file.path().to_owned()).collect();
        assert_eq!(taken.len(), NAMES_MAX as usize - 1);
        assert!(begin().is_err_and(|failure| failure.sentence().contains("another backup is writing it")));
    }

    #[test]
    fn a_file_that_another_program_made_meanwhile_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("backup");
        let begun = Unfinished::create([path.clone()]).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert!(begun.finish().is_err_and(|failure| failure.sentence().contains("File exists")));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
