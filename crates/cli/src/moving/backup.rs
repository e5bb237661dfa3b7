//! `pinfold backup`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use pinfold_server::BackupAccess;
use pinfold_server::config::{Loaded, StoreConfig, StoreUrl};
use pinfold_store::Store;
use pinfold_store::dump::{self, Moved, Writer};

use super::file::{Unfinished, cannot};
use super::progress::Progress;
use super::{STANDARD, check_there, count, load, served, what, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Writes everything the store keeps at one instant to a file, and reads it back
///
/// A server may go on serving, and its users writing: nobody waits for it. The file is a dump, as docs/operate/move.md
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
    /// Say how far it is although stderr is no terminal
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
        read(&loaded, now, arguments.progress, &mut stdout)?;
        stdout.flush()?;
        output::complain("what was written to stdout was not read back; pinfold check FILE does");
        return Ok(ExitCode::SUCCESS);
    }
    let path = if arguments.to.is_dir() { arguments.to.join(name(now)) } else { arguments.to.clone() };
    let file = Unfinished::create(&path)?;
    file.write(|to| read(&loaded, now, arguments.progress, to))?;
    let (accounts, chat_groups) = file.verify(arguments.progress)?;
    file.finish()?;
    let bytes = path.metadata().map_err(|error| cannot("read", &path, error))?.len();
    let (moved, seconds) = (Moved { accounts, chat_groups, ..Moved::default() }, began.elapsed().as_secs_f64());
    output::complain(&format!(
        "backed up {} to {} in {seconds:.1} s, {bytes} bytes, read back and whole",
        what(&moved),
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes a dump of the store to `to`: from whoever serves it, or from the store itself.
fn read(loaded: &Loaded, now: u64, progress: bool, to: &mut dyn Write) -> Result<(), Failure> {
    let StoreUrl::File(directory) = &loaded.config.store.url else { return export(loaded, now, progress, to) };
    check_there(directory)?;
    let access = BackupAccess::read(directory).map_err(|error| cannot("read", directory, error))?;
    if let Some(access) = &access
        && let Some(()) = served::dump(access, progress, to)?
    {
        return Ok(());
    }
    if is_in_use(directory) {
        return Err(Failure::new(format!(
            "the store {} is in use by a process that gives no backups. A server does, unless its admin_listen is empty, \
             or it is just starting or stopping; set it, or stop the server",
            directory.display()
        )));
    }
    export(loaded, now, progress, to)
}

fn export(loaded: &Loaded, now: u64, progress: bool, to: &mut dyn Write) -> Result<(), Failure> {
    // Reading makes no tables, and upgrades none under servers that run.
    let config = StoreConfig { migrate: false, ..loaded.config.store.clone() };
    with_store(&config, async |store: &Store| {
        let total = count(store, progress).await;
        let mut told = Progress::begin("reading", total, progress);
        let writer = Writer::begin(to, now)?;
        let exported = dump::export(store.backend(), writer, |moved| told.tell(moved.accounts, moved.accounts)).await;
        told.end();
        Ok(exported.map(|_| ())?)
    })
}

fn is_in_use(directory: &Path) -> bool {
    File::open(directory.join("lock")).is_ok_and(|lock| lock.try_lock().is_err())
}

/// The name of a backup made at this time, so that names sort as times do.
fn name(now: u64) -> String {
    let (day, second) = (now / 86_400, now % 86_400);
    let (year, month, day) = date(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("pinfold-{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z.ndjson.gz")
}

/// Year, month and day of a day since 1970, in UTC. Years begin in March here, so that leap days come last.
fn date(days: u64) -> (u64, u64, u64) {
    const FROM_MARCH_OF_YEAR_0: u64 = 719_468;
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + FROM_MARCH_OF_YEAR_0;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (400 * era + year_of_era + year, month, day)
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
            assert_eq!(name(now), format!("pinfold-{expected}.ndjson.gz"));
        }
    }
}
