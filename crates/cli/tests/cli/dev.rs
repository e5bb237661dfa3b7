//! `pinfold dev`, as a newcomer uses it.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Server, http, pinfold, private_directory, run, text};

/// A server by `dev`, and what it printed.
pub(crate) struct Dev {
    pub(crate) server: Server,
    pub(crate) curls: Vec<String>,
    pub(crate) printed: String,
}

impl Dev {
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = pinfold(["dev", "--listen", "127.0.0.1:0", "--data", text(data)]);
        command.args(arguments).stdout(Stdio::piped());
        let mut server = Server::start(command);
        let (mut curls, mut printed) = (Vec::new(), String::new());
        for line in BufReader::new(server.stdout()).lines() {
            let line = line.unwrap();
            printed += &format!("{line}\n");
            if line.starts_with("curl ") {
                curls.push(line);
            }
            if curls.len() == 3 {
                break;
            }
        }
        Self { server, curls, printed }
    }

    /// The value on the line that begins with a label.
    pub(crate) fn value(&self, label: &str) -> String {
        let mut lines = self.printed.lines().filter_map(|line| line.trim().strip_prefix(label));
        lines.next().unwrap().trim().to_owned()
    }

    /// Runs the printed lines one by one in a shell; their answers.
    pub(crate) fn paste(&self) -> Vec<String> {
        let paste = |line: &String| {
            let mut shell = Command::new("sh");
            shell.args(["-c", line]);
            for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
                shell.env_remove(proxy);
            }
            let output = run(shell);
            assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        self.curls.iter().map(paste).collect()
    }
}

pub(crate) fn has_curl() -> bool {
    let found = Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        // Not by a macro: of a test that passes nothing printed by one is shown.
        let _ = writeln!(io::stderr(), "SKIPPED: curl is not installed, so the printed lines were not run");
    }
    found
}

pub(crate) fn are_the_answers_of_the_guide(answers: &[String]) {
    assert_eq!(answers[0], "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0,\"FailAccounts\":[]}\n");
    assert!(answers[1].contains(r#""ResultCode":0"#) && answers[1].contains(r#""ErrorCode":0"#), "{}", answers[1]);
    let record = r#"{"ContactItem":[{"Type":1,"To_Account":"bob","StandardMark":"1","Timestamp":"#;
    assert!(answers[2].starts_with(record), "{}", answers[2]);
}

#[test]
fn the_printed_lines_work_when_pasted() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &[]);
    assert_eq!(dev.value("base URL"), format!("http://{}", dev.server.rest));
    assert_eq!((dev.value("sdkappid").as_str(), dev.value("identifier").as_str()), ("1400000001", "administrator"));
    if has_curl() {
        are_the_answers_of_the_guide(&dev.paste());
    }
    dev.server.stop();
}

#[test]
fn a_directory_with_a_name_that_the_shell_would_split_works_too() {
    let workspace = private_directory();
    let dev = Dev::start(&workspace.path().join("bob's data"), &["--tls"]);
    if has_curl() {
        are_the_answers_of_the_guide(&dev.paste());
    }
    dev.server.stop();
}

#[test]
fn a_second_start_keeps_key_and_data() {
    let workspace = private_directory();
    let first = Dev::start(workspace.path(), &[]);
    let usersig = first.value("usersig");
    let import = r#"{"UserID":"carol"}"#;
    let key = fs::read_to_string(workspace.path().join("key")).unwrap();
    let answer = http::post_signed(first.server.rest, "im_open_login_svc/account_import", import, key.trim());
    assert_eq!(http::code(&answer), 0);
    first.server.stop();

    let second = Dev::start(workspace.path(), &[]);
    assert_eq!(fs::read_to_string(workspace.path().join("key")).unwrap(), key);
    let check = r#"{"CheckItem":[{"UserID":"carol"}]}"#;
    let target =
        format!("im_open_login_svc/account_check?sdkappid=1400000001&identifier=administrator&usersig={usersig}");
    // The signature of the first start, as a script may hold it. What `post` appends is ignored.
    let answer = http::post(second.server.rest, &format!("{target}&x="), check);
    assert!(answer.contains(r#""AccountStatus":"Imported""#), "{answer}");
    second.server.stop();
}

#[test]
fn messages_are_taken_so_that_the_list_of_recent_conversations_can_be_tried() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &[]);
    let key = fs::read_to_string(workspace.path().join("key")).unwrap();
    let post = |command: &str, body: &str| http::post_signed(dev.server.rest, command, body, key.trim());
    let message =
        r#"{"To_Account":"administrator","MsgRandom":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#;
    let answer = post("openim/sendmsg", message);
    assert_eq!(http::code(&answer), 0, "{answer}");
    dev.server.stop();
}

#[test]
fn the_key_is_private_and_never_shown() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &["--log", "trace"]);
    let path = workspace.path().join("key");
    let key = fs::read_to_string(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!dev.printed.contains(key.trim()) && !dev.server.log().contains(key.trim()));
    assert_eq!(fs::read_to_string(workspace.path().join(".gitignore")).unwrap(), "*\n");
    dev.server.stop();
}

#[test]
fn the_key_file_serves_call_as_the_help_says() {
    let workspace = private_directory();
    let dev = Dev::start(workspace.path(), &[]);
    let key = workspace.path().join("key");
    let arguments = ["call", "--key-file", text(&key), "--app", "1400000001", "--url", &dev.value("base URL")];
    let mut command = pinfold(arguments);
    command.args(["account_check", r#"{"CheckItem":[{"UserID":"bob"}]}"#]);
    let output = run(command);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("NotImported"));
    dev.server.stop();
}

#[test]
fn a_directory_or_a_key_that_others_can_write_is_not_used() {
    let workspace = private_directory();
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let refusal = || {
        let output = run(pinfold(["dev", "--listen", "127.0.0.1:0", "--data", text(workspace.path())]));
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let key = workspace.path().join("key");
    let expected = |path: &Path| format!("pinfold: other users can write to {}, so a key in it may be", path.display());
    open(workspace.path(), 0o777);
    assert!(refusal().starts_with(&expected(workspace.path())));
    assert_eq!(fs::read_dir(workspace.path()).unwrap().count(), 0, "nothing was made");
    open(workspace.path(), 0o755);
    fs::write(&key, "a-key-that-others-know-too\n").unwrap();
    open(&key, 0o666);
    assert!(refusal().contains(&expected(&key)));
}

#[test]
fn planted_links_are_not_followed() {
    let workspace = private_directory();
    let mine = workspace.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    let data = workspace.path().join("data");
    fs::create_dir_all(data.join("tls")).unwrap();
    for directory in [data.clone(), data.join("tls")] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    }
    for name in ["key.new", ".gitignore.new", "tls/authority.pem.new", "tls/ca.pem.new", "tls/server.pem.new"] {
        symlink(&mine, data.join(name)).unwrap();
    }
    Dev::start(&data, &["--tls"]).server.stop();
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    assert!(fs::symlink_metadata(data.join("key")).unwrap().is_file());
}
