//! The real binary, started and talked to by tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "test code, of which each test uses a part")]

pub mod failing_disk;
pub mod http;
pub mod receiver;

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The app of every test.
pub const APP: u32 = 1_400_000_001;
/// Its key, made up for tests.
pub const KEY: &str = "a-made-up-key-for-the-tests-of-the-binary";
/// How long a start, an end or a line may take on a machine that is busy.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// The binary with these arguments, no variable of ours, and no configuration but one that is named.
pub fn pinfold<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = without_variables(Command::new(env!("CARGO_BIN_EXE_pinfold")));
    command.args(arguments);
    command
}

/// The same in a shell, after these commands of it; arguments are added by the test.
pub fn pinfold_after(commands: &str) -> Command {
    let mut shell = without_variables(Command::new("sh"));
    shell.args(["-c", &format!("{commands}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_pinfold")]);
    shell
}

/// Removes the variables of a pinfold that is installed on this machine, that of its configuration included.
fn without_variables(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PINFOLD_")) {
        command.env_remove(name);
    }
    command.env("PINFOLD_CONFIG", "").stdin(Stdio::null());
    command
}

/// Runs a command that ends by itself; kills it if it does not.
pub fn run(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let stderr = std::thread::spawn(move || whole(&mut stderr));
    let watched = std::thread::spawn(move || ended(&mut child));
    let stdout = whole(&mut stdout);
    Output { status: watched.join().unwrap(), stdout, stderr: stderr.join().unwrap() }
}

fn whole(from: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    bytes
}

fn ended(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    while began.elapsed() < TIMEOUT {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the process did not end within {TIMEOUT:?}");
}

/// A process that is killed when it is dropped, so that a test that fails leaves none.
pub struct Killed(pub Child);

impl Killed {
    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        ended(&mut self.0)
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory that only its owner can use, whatever the umask: `pinfold dev` takes no other.
pub fn private_directory() -> TempDir {
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o700)).tempdir().unwrap()
}

/// A directory with a configuration that listens on free ports.
pub struct Workspace {
    pub directory: TempDir,
}

impl Workspace {
    /// With these lines before the app of the tests.
    pub fn with(top: &str) -> Self {
        Self::with_app(top, "")
    }

    /// With lines before the app, and lines of the app.
    pub fn with_app(top: &str, app: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Self { directory };
        let listen = if top.starts_with("listen") { "" } else { "listen = [\"127.0.0.1:0\"]\n" };
        let admin = if top.contains("admin_listen") { "" } else { "admin_listen = \"127.0.0.1:0\"\n" };
        let text = format!("{listen}{admin}{top}\n[[app]]\nsdkappid = {APP}\nkeys_file = \"app.keys\"\n{app}\n");
        fs::write(workspace.config(), text).unwrap();
        fs::write(workspace.path("app.keys"), format!("{KEY}\n")).unwrap();
        fs::set_permissions(workspace.path("app.keys"), fs::Permissions::from_mode(0o600)).unwrap();
        workspace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("pinfold.toml")
    }

    /// `pinfold SUBCOMMAND --config FILE` and what follows.
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = pinfold([subcommand, "--config"]);
        command.arg(self.config());
        command
    }

    /// A running server.
    pub fn serve(&self) -> Server {
        Server::start(self.command("serve"))
    }
}

/// A process that serves; it is killed when it is dropped.
pub struct Server {
    pub rest: SocketAddr,
    pub admin: Option<SocketAddr>,
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Starts it and waits for the line of the log that says so.
    pub fn start(command: Command) -> Self {
        Self::start_while(command, || ())
    }

    /// The same; `meanwhile` is done once the process runs.
    pub fn start_while(mut command: Command, meanwhile: impl FnOnce()) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let copy = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                *copy.lock().unwrap() += &(line + "\n");
            }
        });
        meanwhile();
        let began = Instant::now();
        loop {
            let text = log.lock().unwrap().clone();
            if let Some(line) = text.lines().find(|line| line.contains(": started ")) {
                // The first one, which may have brackets itself.
                let rest = field(line, "addresses=[", ' ').trim_end_matches([',', ']']).parse().unwrap();
                let admin = field(line, "admin=\"", '"').parse().ok();
                return Self { rest, admin, child, log, reader: Some(reader) };
            }
            let over = child.try_wait().unwrap().is_some() || began.elapsed() > TIMEOUT;
            if over {
                let _ = child.kill();
                let _ = child.wait();
                reader.join().unwrap();
                panic!("it did not start; its log:\n{}", log.lock().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// The log so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log holds a text.
    pub fn await_log(&self, text: &str) {
        let began = Instant::now();
        while !self.log().contains(text) {
            assert!(began.elapsed() < TIMEOUT, "no {text:?} in the log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it says that it serves and takes writes.
    pub fn await_ready(&self) {
        let began = Instant::now();
        while http::get(self.admin.unwrap(), "/readyz").0 != 200 {
            assert!(began.elapsed() < TIMEOUT, "{:?}\n{}", http::get(self.admin.unwrap(), "/readyz"), self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.id())).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; the status and the whole log.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = ended(&mut self.child);
        self.reader.take().unwrap().join().unwrap();
        (status, self.log())
    }

    /// SIGTERM, and its end, which must be in good order.
    pub fn stop(self) {
        self.signal("TERM");
        let (status, log) = self.wait();
        assert_eq!(status.code(), Some(0), "{log}");
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The part of a log line between two texts.
pub fn field<'a>(line: &'a str, begin: &str, end: char) -> &'a str {
    let (_, rest) = line.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {line}"));
    rest.split(end).next().unwrap()
}

/// A port without a listener, that no other test is given, and that the system gives to no outgoing connection.
pub fn free_port() -> u16 {
    // Marks on another address, to the end of the process: tests of other processes look for them too.
    static MARKS: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let first = std::process::id() * 64 % 20_000;
    let free = (0..20_000).find_map(|n| {
        let port = (10_000 + (first + n) % 20_000) as u16;
        let mark = UdpSocket::bind(("127.0.0.9", port)).ok()?;
        TcpListener::bind(("127.0.0.1", port)).ok().map(|_| (port, mark))
    });
    let (port, mark) = free.expect("a free port");
    MARKS.lock().unwrap().push(mark);
    port
}

/// Whether a program is installed that a test needs. What is left out is said, and fails where
/// `PINFOLD_TEST_REQUIRE_PROGRAMS` is set, as in CI.
pub fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = directories.any(|directory| directory.join(program).is_file());
    let required = std::env::var_os("PINFOLD_TEST_REQUIRE_PROGRAMS").is_some_and(|value| !value.is_empty());
    assert!(found || !required, "{program} is not installed");
    if !found {
        // Not by a macro: of a test that passes nothing printed by one is shown.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {program} is not installed");
    }
    found
}

/// The text of a file's path.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
