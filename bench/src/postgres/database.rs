//! A PostgreSQL server of the run's own, on a loopback port, gone at the end.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use crate::process::free_address;
use crate::{report, usage};

const START_TIME_MAX: Duration = Duration::from_secs(60);
/// What PostgreSQL allows if nothing is set, less those it keeps for superusers.
const DEFAULT_CONNECTIONS: usize = 97;
/// Settings that decide over speed, to be told with the result.
const TOLD: &str = "fsync,synchronous_commit,full_page_writes,wal_sync_method,shared_buffers,max_connections";

/// A running server.
pub(crate) struct Database {
    bin: PathBuf,
    directory: TempDir,
    postmaster: Child,
    /// For pinfold, `psql` and `pgbench` alike.
    pub(crate) url: String,
}

/// A user and its group.
type User = Option<(u32, u32)>;

impl Database {
    /// A new server that takes these many connections and has every default otherwise, in a directory below `parent`.
    pub(crate) fn start(parent: Option<&Path>, connections: usize) -> Result<Self, String> {
        let bin = binaries().ok_or(
            "PostgreSQL is not installed: initdb, postgres, psql and pgbench are neither below /usr/lib/postgresql nor \
             where pg_config says (Debian: apt-get install postgresql)",
        )?;
        let (directory, user) = (report::directory(parent)?, unprivileged()?);
        if let Some((uid, gid)) = user {
            chown(directory.path(), Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        }
        let (data, port) = (directory.path().join("data"), free_address()?.port().to_string());
        let mut initdb = run_as(user, &bin.join("initdb"));
        output_of(initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]))?;
        let mut postgres = run_as(user, &bin.join("postgres"));
        postgres.arg("-D").arg(&data).args(["-p", &port, "-c", "listen_addresses=127.0.0.1"]);
        postgres.args(["-c", "unix_socket_directories="]);
        if connections > DEFAULT_CONNECTIONS {
            postgres.args(["-c", &format!("max_connections={}", connections + 3)]);
        }
        let log = File::create(directory.path().join("log")).map_err(|error| error.to_string())?;
        let postmaster = postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let postmaster = postmaster.map_err(|error| format!("{}: {error}", bin.join("postgres").display()))?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
        let mut database = Self { bin, directory, postmaster, url };
        database.wait()?;
        Ok(database)
    }

    fn wait(&mut self) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < START_TIME_MAX {
            let mut ready = self.program("pg_isready");
            if output_of(ready.args(["-d", &self.url])).is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.postmaster.try_wait() {
                let log = fs::read_to_string(self.file("log")).unwrap_or_default();
                return Err(format!("postgres ended: {status}: {}", log.trim()));
            }
            sleep(Duration::from_millis(50));
        }
        Err("postgres does not answer".into())
    }

    /// One of PostgreSQL's programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        run_as(None, &self.bin.join(name))
    }

    /// A file beside the data.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs statements and gives back what they print.
    pub(crate) fn psql(&self, sql: &str) -> Result<String, String> {
        let mut psql = self.program("psql");
        output_of(psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url]))
    }

    /// Makes another database of this name in the server, and gives its URL.
    pub(crate) fn another(&self, name: &str) -> Result<String, String> {
        self.psql(&format!("CREATE DATABASE {name}"))?;
        Ok(self.url.replace("/postgres?", &format!("/{name}?")))
    }

    /// Its version and the settings that matter, as it says itself.
    pub(crate) fn told(&self) -> Result<String, String> {
        let settings = "string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY place)";
        let names = format!("unnest(string_to_array('{TOLD}', ',')) WITH ORDINALITY AS told (name, place)");
        let sql = format!("SELECT current_setting('server_version') || ': ' || {settings} FROM {names}");
        Ok(self.psql(&sql)?.trim().to_owned())
    }

    /// CPU time of all its processes until now.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        usage::family_cpu_seconds(self.postmaster.id())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Ends every process of the server at once; its data is not needed any more.
        let _ = kill_process(Pid::from_child(&self.postmaster), Signal::QUIT);
        let _ = self.postmaster.wait();
    }
}

/// Runs a command that must succeed, and gives back what it prints.
pub(crate) fn output_of(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let named = |what: &dyn std::fmt::Display| format!("{}: {what}", command.get_program().display());
    match output {
        Err(error) => Err(named(&error)),
        Ok(output) if !output.status.success() => Err(named(&String::from_utf8_lossy(&output.stderr).trim())),
        Ok(output) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
    }
}

/// Where the newest server's programs are.
fn binaries() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.extend(output_of(Command::new("pg_config").arg("--bindir")).ok().map(|path| PathBuf::from(path.trim())));
    let complete = |bin: &PathBuf| ["initdb", "postgres", "psql", "pgbench"].iter().all(|name| bin.join(name).exists());
    found.into_iter().rev().find(complete)
}

/// PostgreSQL refuses to run as root: then this is who runs it.
fn unprivileged() -> Result<User, String> {
    if !getuid().is_root() {
        return Ok(None);
    }
    let id = |what: &str, user: &str| output_of(Command::new("id").args([what, user])).ok()?.trim().parse().ok();
    let known = ["postgres", "nobody"].into_iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?)));
    known.map(Some).ok_or_else(|| "PostgreSQL does not run as root, and there is no user postgres or nobody".into())
}

fn run_as(user: User, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("LC_ALL", "C");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
