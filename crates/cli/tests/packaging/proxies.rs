//! nginx and Caddy, started from the recipes of the repository: on loopback, on a free port, without rights.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::caller::Caller;
use crate::support::{TIMEOUT, free_port, installed, text};
use crate::{adapted, read};

/// How to start a proxy in front of an address.
pub(crate) type Start = fn(SocketAddr) -> Proxy;

/// Those that are installed.
pub(crate) fn all() -> Vec<(&'static str, Start)> {
    let known: [(&str, Start); 2] = [("nginx", nginx), ("caddy", caddy)];
    known.into_iter().filter(|(program, _)| installed(program)).collect()
}

/// A proxy that runs; it is ended when it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    certificate: String,
    process: Child,
    directory: TempDir,
}

impl Proxy {
    /// A new connection to it.
    pub(crate) fn dial(&self) -> Caller {
        Caller::dial(self.address, &self.certificate)
    }

    /// The same from another address of loopback.
    pub(crate) fn dial_from(&self, from: [u8; 4]) -> Caller {
        Caller::dial_from(from.into(), self.address, &self.certificate)
    }

    /// Everything it logged.
    pub(crate) fn logs(&self) -> String {
        let files = fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|end| end == "log")).map(|file| text_of(&file)).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Not SIGKILL at first: the workers of nginx would stay.
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let began = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && began.elapsed() < TIMEOUT {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

/// An address without a listener.
pub(crate) fn free_address() -> SocketAddr {
    ([127, 0, 0, 1], free_port()).into()
}

fn nginx(upstream: SocketAddr) -> Proxy {
    let (files, address) = (Files::new(), free_address());
    let recipe = adapted(
        read("packaging/nginx/pinfold.conf"),
        &[
            ("server 127.0.0.1:8080;", &format!("server {upstream};")),
            ("listen 443 ssl http2;", &format!("listen {address} ssl http2;")),
            ("listen [::]:443 ssl http2;", ""),
            ("/etc/nginx/pinfold", &files.text()),
            ("/var/log/nginx", &files.text()),
        ],
    );
    // What the distribution's nginx.conf does, and directories that need no rights.
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {}/{name};\n", files.text()))
        .concat();
    let main = format!(
        "daemon off;\npid {0}/nginx.pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n{temporary}include {0}/pinfold.conf;\n}}",
        files.text()
    );
    files.write("pinfold.conf", &recipe);
    files.write("nginx.conf", &main);
    let (log, directory, config) = (files.file("nginx.log"), files.text(), files.file("nginx.conf"));
    files.start("nginx", &["-e", &log, "-p", &directory, "-c", &config], &[], address)
}

fn caddy(upstream: SocketAddr) -> Proxy {
    let (files, address) = (Files::new(), free_address());
    let own_certificate = format!("tls {} {}\n\n\trequest_body {{", files.file("cert.pem"), files.file("key.pem"));
    let recipe = adapted(
        read("packaging/caddy/Caddyfile"),
        &[
            // Loopback only, no port for administration, and nothing in the system's list of authorities.
            ("\tauto_https", "\tdefault_bind 127.0.0.1\n\tadmin off\n\tskip_install_trust\n\tauto_https"),
            ("request_body {", &own_certificate),
        ],
    );
    files.write("Caddyfile", &recipe);
    let (site, upstream) = (format!("https://localhost:{}", address.port()), upstream.to_string());
    let (home, config) = (files.text(), files.file("Caddyfile"));
    let variables = [("PINFOLD_SITE", site.as_str()), ("PINFOLD_UPSTREAMS", &upstream), ("HOME", &home)];
    files.start("caddy", &["run", "--config", &config], &variables, address)
}

/// A directory for the files of a proxy, with a certificate for localhost.
struct Files {
    directory: TempDir,
    certificate: String,
}

impl Files {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = Self { directory: tempfile::tempdir().unwrap(), certificate: made.cert.pem() };
        files.write("cert.pem", &files.certificate);
        files.write("key.pem", &made.signing_key.serialize_pem());
        files
    }

    fn text(&self) -> String {
        text(self.directory.path()).to_owned()
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.text())
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.directory.path().join(name), text).unwrap();
    }

    /// Starts the program, as the user `nobody` if these tests run as root, and waits until it takes connections.
    fn start(self, program: &str, arguments: &[&str], variables: &[(&str, &str)], address: SocketAddr) -> Proxy {
        let mut command = unprivileged(program, self.directory.path());
        // Where nginx is, and what a user who is not root often does not search.
        command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
        let log = fs::File::create(self.file("stderr.log")).unwrap();
        command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().unwrap();
        let mut proxy = Proxy { address, certificate: self.certificate, process, directory: self.directory };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let over = proxy.process.try_wait().unwrap().is_some() || began.elapsed() > TIMEOUT;
            assert!(!over, "{program} does not start:\n{}", proxy.logs());
            std::thread::sleep(Duration::from_millis(10));
        }
        proxy
    }
}

fn unprivileged(program: &str, directory: &Path) -> Command {
    let printed = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    if printed(&["-u"]) != "0" {
        return Command::new(program);
    }
    let (user, group) = (printed(&["-u", "nobody"]), printed(&["-g", "nobody"]));
    let owned = Command::new("chown").args(["-R", &format!("{user}:{group}")]).arg(directory).status().unwrap();
    assert!(owned.success());
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &user, "--regid", &group, "--clear-groups", "--", program]);
    command
}
