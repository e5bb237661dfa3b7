//! The server, and the client for it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use reqwest::Certificate;
use tempfile::TempDir;
use tencent_im_rs::api::v4::im_open_login_svc::multi_account_import::{
    api_multiaccount_import, MultiAccountImportRequest,
};
use tencent_im_rs::api::v4::TencentHelper;
use tencent_im_rs::user_sig::hmac_sha256::TencentSig;

/// The app of `pinfold dev`, and its administrator.
pub(crate) const APP: u32 = 1_400_000_001;
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// A server with data of its own; it ends when it is dropped.
pub(crate) struct Server {
    process: Child,
    /// Held, because a process whose output nobody reads any more fails to print.
    _output: BufReader<ChildStdout>,
    data: TempDir,
    port: u16,
}

impl Server {
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut process = Command::new(binary())
            .args(["dev", "--tls", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        // It prints this when it listens; the pipe holds what follows.
        let port = output.by_ref().lines().map_while(Result::ok).find_map(|line| port(&line));
        Self { process, _output: output, data, port: port.expect("pinfold did not start") }
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.data.path().join(name)).unwrap()
    }

    /// A signature made by the client's own code with this key, or with the server's.
    pub(crate) fn signature(&self, identifier: &str, key: Option<&str>) -> String {
        let own = String::from_utf8(self.file("key")).unwrap();
        let key = key.unwrap_or(own.trim()).to_owned();
        TencentSig::new(APP, key).generate_user_sig(identifier.to_owned(), 86_400).unwrap()
    }

    /// A client that calls the server by this host name and trusts its authority.
    pub(crate) fn client_with(&self, host: &str, identifier: &str, signature: String) -> TencentHelper {
        let domain = format!("{host}:{}", self.port);
        let mut client = TencentHelper::new(domain, APP, identifier.to_owned(), signature);
        let authority = Certificate::from_pem(&self.file("tls/ca.pem")).unwrap();
        *client.get_client() = reqwest::Client::builder().add_root_certificate(authority).no_proxy().build().unwrap();
        client
    }

    pub(crate) fn client(&self) -> TencentHelper {
        self.client_with("127.0.0.1", ADMINISTRATOR, self.signature(ADMINISTRATOR, None))
    }

    /// A client of a server that knows these accounts.
    pub(crate) async fn client_among(&self, accounts: &[&str]) -> TencentHelper {
        let mut client = self.client();
        let answer =
            api_multiaccount_import(&mut client, MultiAccountImportRequest::new(accounts.to_vec())).await.unwrap();
        assert_eq!((answer.error_code, answer.fail_accounts), (Some(0), Some(Vec::new())));
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port in the line that names the base URL.
fn port(line: &str) -> Option<u16> {
    line.trim().strip_prefix("base URL")?.rsplit(':').next()?.parse().ok()
}

/// `PINFOLD_BIN`, or else what was built in the repository, the debug build first.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PINFOLD_BIN") {
        return path.into();
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let built = ["debug/pinfold", "release/pinfold"].map(|name| target.join(name));
    let found = built.into_iter().find(|path| path.is_file());
    found.expect("there is no pinfold: run `cargo build` at the root of the repository, or set PINFOLD_BIN")
}
