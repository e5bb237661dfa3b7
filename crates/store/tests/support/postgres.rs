//! A PostgreSQL server for tests: private, on a loopback port, gone with the test process however that ends.
//!
//! `PINFOLD_TEST_POSTGRES` names another one by its URL, as a superuser of a server that is not in use otherwise: schemas and
//! roles stay. Tests that stop or configure their server start their own anyway.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server and how to reach it.
pub(crate) struct Server {
    /// Without a query: `postgres://user@host:port/database`.
    url: String,
    own: Option<Own>,
}

struct Own {
    bin: PathBuf,
    data: PathBuf,
    user: Option<String>,
    port: u16,
    /// It stops the server and removes its files when its input ends.
    keeper: Child,
}

/// The server that the tests of this binary share. It does not sync: no test of it is about power.
pub(crate) fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| match std::env::var("PINFOLD_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => Server { url, own: None },
        _ => Server::start(&["-c", "fsync=off"]),
    })
}

impl Server {
    /// A server of the caller's own, with these options of `postgres`.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_prepared(options, |_, _| ())
    }

    /// The same with a certificate, both in PEM.
    pub(crate) fn start_with_tls(certificate: &str, key: &str) -> Self {
        Self::start_prepared(&["-c", "ssl=on"], |data, user| {
            for (file, text) in [("server.crt", certificate), ("server.key", key)] {
                std::fs::write(data.join(file), text).unwrap();
                std::fs::set_permissions(data.join(file), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
                if let Some(user) = user {
                    output_of(Command::new("chown").arg(user).arg(data.join(file)));
                }
            }
        })
    }

    fn start_prepared(options: &[&str], prepare: impl FnOnce(&Path, Option<&str>)) -> Self {
        Self::start_made(options, |bin, data, user| {
            initialize(bin, data, user);
            prepare(data, user);
        })
    }

    /// A standby of this server, which follows it by way of `through` under the name `standby`.
    pub(crate) fn standby(&self, through: SocketAddr) -> Self {
        let primary = format!("host={} port={} user=postgres application_name=standby", through.ip(), through.port());
        Self::start_made(&["-c", "fsync=off"], |bin, data, user| {
            let mut copy = run_as(user, &bin.join("pg_basebackup"));
            copy.args(["-d", &primary, "-c", "fast", "--no-sync", "-R", "-D"]).arg(data);
            output_of(&mut copy);
        })
    }

    /// A server over the data that `make` puts into an empty place, with these options of `postgres`.
    fn start_made(options: &[&str], make: impl FnOnce(&Path, &Path, Option<&str>)) -> Self {
        let bin = binaries()
            .expect("this test needs a server of its own; PostgreSQL is installed: apt-get install postgresql");
        let user = unprivileged();
        let place = tempfile::Builder::new().prefix("pinfold-postgres-").tempdir().unwrap().keep();
        if let Some(user) = &user {
            assert!(Command::new("chown").arg(user).arg(&place).status().unwrap().success());
        }
        let (data, port) = (place.join("data"), free_port());
        make(&bin, &data, user.as_deref());
        let options = format!("-p {port} {}", options.join(" "));
        let script = r#""$0"/pg_ctl -D "$1" -o "$2" -l "$1/log" -w start >&2 && echo ready
            cat >/dev/null; "$0"/pg_ctl -D "$1" -m immediate stop >&2; rm -rf "$3""#;
        let mut keeper = run_as(user.as_deref(), Path::new("/bin/sh"));
        keeper.arg("-c").arg(script).args([&bin, &data]).arg(options).arg(&place);
        // In a process group of its own, so that an interrupt at the terminal leaves it to clean up.
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut keeper = keeper.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "{}", std::fs::read_to_string(data.join("log")).unwrap_or_default());
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Self { url, own: Some(Own { bin, data, user, port, keeper }) }
    }

    /// The URL of an empty place: a schema of its own.
    pub(crate) fn new_schema(&self) -> String {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        self.psql(&format!("CREATE SCHEMA {name}"));
        let and = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{and}options=-csearch_path%3D{name}", self.url)
    }

    /// Runs statements as the server's owner and gives back what they print.
    pub(crate) fn psql(&self, sql: &str) -> String {
        output_of(&mut self.psql_command(sql)).trim().to_owned()
    }

    /// A program of the server's version, such as `pg_dump`.
    pub(crate) fn program(&self, name: &str) -> Command {
        without_pg_variables(Command::new(
            self.own.as_ref().map_or_else(|| PathBuf::from(name), |own| own.bin.join(name)),
        ))
    }

    /// The URL of an empty database of its own.
    pub(crate) fn new_database(&self) -> String {
        static DATABASES: AtomicU32 = AtomicU32::new(0);
        let name = format!("d{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        self.psql(&format!("CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"));
        let (server, database) = self.url.rsplit_once('/').unwrap();
        let query = database.find('?').map_or("", |start| &database[start..]);
        format!("{server}/{name}{query}")
    }

    /// The command that does that.
    pub(crate) fn psql_command(&self, sql: &str) -> Command {
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url]);
        psql
    }

    /// Host and port, as its URLs have them.
    pub(crate) fn host(&self) -> &str {
        let after_scheme = self.url.split_once("://").unwrap().1;
        let place = after_scheme.split(['/', '?']).next().unwrap();
        place.rsplit_once('@').map_or(place, |(_, host)| host)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let (host, port) = self.host().rsplit_once(':').unwrap_or((self.host(), "5432"));
        (host, port.parse().unwrap()).to_socket_addrs().unwrap().next().unwrap()
    }

    /// One of its places as another user sees it, `name` or `name:password`.
    pub(crate) fn as_user(&self, place: &str, user: &str) -> String {
        let (_, rest) = place.split_once(self.host()).unwrap();
        format!("postgres://{user}@{}{rest}", self.host())
    }

    /// One of its places in another database.
    pub(crate) fn in_database(&self, place: &str, database: &str) -> String {
        let (before, rest) = place.split_once(self.host()).unwrap();
        let (_, query) = rest.split_once('?').unwrap();
        format!("{before}{}/{database}?{query}", self.host())
    }

    /// Changes a setting of the server, for sessions that are there too; `None` resets it.
    pub(crate) fn configure(&self, setting: &str, value: Option<&str>) {
        match value {
            Some(value) => self.psql(&format!("ALTER SYSTEM SET {setting} = {value}")),
            None => self.psql(&format!("ALTER SYSTEM RESET {setting}")),
        };
        let changed = format!("SELECT setting FROM pg_settings WHERE name = '{setting}'");
        let before = self.psql(&changed);
        self.psql("SELECT pg_reload_conf()");
        for _ in 0..500 {
            if self.psql(&changed) != before {
                return;
            }
        }
        panic!("the server does not take {setting}");
    }

    /// The log of the server.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.own().data.join("log")).unwrap()
    }

    /// Ends every process of the server at once, as a crash would, and starts it again.
    pub(crate) fn crash_and_start(&self) {
        self.stop();
        self.start_again();
    }

    /// Starts it after [`Server::stop`].
    pub(crate) fn start_again(&self) {
        self.control(&["-w", "-l", self.own().data.join("log").to_str().unwrap(), "-o"], &["start"]);
    }

    /// Ends every process of the server at once.
    pub(crate) fn stop(&self) {
        let Own { bin, data, user, .. } = self.own();
        let mut stop = run_as(user.as_deref(), &bin.join("pg_ctl"));
        assert!(
            stop.arg("-D")
                .arg(data)
                .args(["-m", "immediate", "stop"])
                .stdout(Stdio::null())
                .status()
                .unwrap()
                .success()
        );
    }

    fn control(&self, before: &[&str], after: &[&str]) {
        let Own { bin, data, user, port, .. } = self.own();
        let mut control = run_as(user.as_deref(), &bin.join("pg_ctl"));
        control.arg("-D").arg(data).args(before).arg(format!("-p {port}")).args(after);
        assert!(control.stdout(Stdio::null()).status().unwrap().success());
    }

    fn own(&self) -> &Own {
        self.own.as_ref().expect("a server of the test's own")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn initialize(bin: &Path, data: &Path, user: Option<&str>) {
    let mut initdb = run_as(user, &bin.join("initdb"));
    initdb.arg("-D").arg(data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    output_of(&mut initdb);
    let append = |file: &str, text: &str| {
        let path = data.join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n{before}")).unwrap();
    };
    append("pg_hba.conf", "host all locked 127.0.0.1/32 scram-sha-256");
    let settings = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\n\
        shared_buffers = 32MB\nautovacuum_naptime = 5min";
    append("postgresql.conf", settings);
}

/// Runs a command that must succeed, and gives back what it prints.
pub(crate) fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Where the newest server's programs are.
fn binaries() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    found.sort();
    let of_config = Command::new("pg_config").arg("--bindir").output().ok();
    let of_config = of_config.and_then(|output| String::from_utf8(output.stdout).ok());
    found.extend(of_config.map(|path| PathBuf::from(path.trim())));
    found.into_iter().rev().find(|bin| bin.join("initdb").exists())
}

/// PostgreSQL refuses to run as root: then this is who runs it.
fn unprivileged() -> Option<String> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    };
    if id(&["-u"])? != "0" {
        return None;
    }
    ["postgres", "nobody"].into_iter().find(|user| id(&["-u", user]).is_some()).map(str::to_owned)
}

fn run_as(user: Option<&str>, program: &Path) -> Command {
    let mut command = match user {
        None => Command::new(program),
        Some(user) => {
            let group = output_of(Command::new("id").args(["-g", user]));
            let mut command = Command::new("setpriv");
            command.args(["--reuid", user, "--regid", group.trim(), "--clear-groups", "--"]).arg(program);
            command
        }
    };
    command.current_dir("/").env("LC_ALL", "C");
    without_pg_variables(command)
}

/// Without the variables that name another server on this machine: `PGOPTIONS`, `PGSSLMODE` and the like.
fn without_pg_variables(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
