//! `watch`, mostly against a server of this test that sends what is written down here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::support::{Killed, TIMEOUT, Workspace, run};

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const BEGAN: &str = "id: c0\n\n";

fn change(revision: u32) -> String {
    format!(
        "event: change\nid: c{revision}\ndata: {{\"Revision\":{revision},\"Time\":1750000000000,\"Caller\":\"root\",\
         \"Via\":\"call\",\"Command\":\"top\",\"Event\":[{{\"EventType\":\"AccountImported\"}}]}}\n\n"
    )
}

/// Answers one connection after another with one of these texts, and closes all but the last.
struct Script {
    address: SocketAddr,
    /// The first line of each request.
    requests: Receiver<String>,
    /// The last connection.
    open: Receiver<TcpStream>,
}

impl Script {
    fn play(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ((sender, requests), (keeper, open)) = (mpsc::channel(), mpsc::channel());
        let answers: Vec<_> = answers.into_iter().collect();
        thread::spawn(move || {
            let mut last = None;
            for answer in answers {
                // Closes the one before.
                drop(last.take());
                let (mut stream, _) = listener.accept().unwrap();
                sender.send(first_line(&mut stream)).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                last = Some(stream);
            }
            let _ = keeper.send(last.unwrap());
        });
        Self { address, requests, open }
    }

    fn watch(&self, workspace: &Workspace, arguments: &[&str]) -> Command {
        let mut command = workspace.command("watch");
        command.args(["--url", &format!("http://{}", self.address)]).args(arguments);
        command
    }

    fn request(&self) -> String {
        self.requests.recv_timeout(TIMEOUT).unwrap()
    }
}

fn first_line(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().lines().next().unwrap().to_owned()
}

fn stream(blocks: &[String]) -> String {
    format!("{STREAM}{BEGAN}{}", blocks.concat())
}

/// A running command, and the lines that it prints.
struct Running {
    child: Killed,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child: Killed(child), stdout, stderr }
    }

    fn line(&self) -> String {
        self.stdout.recv_timeout(TIMEOUT).unwrap()
    }

    fn note(&self) -> String {
        self.stderr.recv_timeout(TIMEOUT).unwrap()
    }

    /// The exit code after this signal.
    fn end(mut self, signal: &str) -> Option<i32> {
        let Killed(child) = &self.child;
        send(child, signal);
        self.child.ended().code()
    }
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("sh").arg("-c").arg(format!("kill -{signal} {}", child.id())).status().unwrap().success());
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

#[test]
fn each_change_is_a_line_over_interruptions_too() {
    let workspace = Workspace::with("");
    let script = Script::play([stream(&[change(1), "retry: 1\n\n".to_owned()]), stream(&[change(2)])]);
    let running = Running::start(script.watch(&workspace, &["alice"]));
    assert_eq!(running.line(), "1  2025-06-15 15:06:40.000Z  root  call  top  account imported");
    assert_eq!(running.line(), "2  2025-06-15 15:06:40.000Z  root  call  top  account imported");
    assert!(script.request().contains("&account=alice HTTP"));
    assert!(script.request().contains("&account=alice&after=c1 HTTP"));
    assert_eq!(running.note(), "pinfold: watching; what comes after cursor c0 is told");
    assert_eq!(running.note(), "pinfold: the service ended the stream; trying again in 0.0 s");
    assert_eq!(running.end("INT"), Some(0));
}

#[test]
fn json_has_the_cursor_that_a_later_watch_goes_on_from() {
    let workspace = Workspace::with("");
    let script = Script::play([format!("{STREAM}event: reset\nid: c0\ndata: {{}}\n\n{}", change(1))]);
    let running = Running::start(script.watch(&workspace, &["--json", "--after", "old", "alice"]));
    assert_eq!(running.line(), r#"{"event":"reset","id":"c0","data":{}}"#);
    assert!(running.line().starts_with(r#"{"event":"change","id":"c1","data":{"Revision":1,"#));
    assert!(script.request().contains("&after=old HTTP"));
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn a_refused_watch_says_why_and_exits_with_1() {
    let workspace = Workspace::with("");
    let refusal = r#"{"ActionStatus":"FAIL","ErrorCode":50001,"ErrorInfo":"no such account","ErrorDisplay":""}"#;
    let length = refusal.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    let script = Script::play([head + refusal]);
    let output = run(script.watch(&workspace, &["alice"]));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "pinfold: refused with 50001: no such account\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn a_watch_that_cannot_be_made_or_understood_exits_with_2() {
    let workspace = Workspace::with("");
    let no_change = format!("{STREAM}event: change\nid: c1\ndata: {{\n\n");
    let script = Script::play([no_change]);
    let output = run(script.watch(&workspace, &["alice"]));
    assert_eq!(output.status.code(), Some(2));
    for arguments in [&["--url", "nonsense", "alice"][..], &["--app", "7", "alice"], &[""]] {
        let mut command = workspace.command("watch");
        command.args(arguments);
        assert_eq!(run(command).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_watch_ends_when_the_reader_of_its_lines_has_gone() {
    let workspace = Workspace::with("");
    let script = Script::play([stream(&[change(1)])]);
    let mut command = script.watch(&workspace, &["alice"]);
    let mut child = Killed(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut stdout = BufReader::new(child.0.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let mut open = script.open.recv_timeout(TIMEOUT).unwrap();
    open.write_all(change(2).as_bytes()).unwrap();
    assert_eq!(child.ended().code(), Some(0));
}

#[test]
fn a_service_that_is_not_reached_is_tried_until_the_watch_is_stopped() {
    let workspace = Workspace::with("");
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = workspace.command("watch");
    command.args(["--url", &format!("http://{unused}"), "alice"]);
    let running = Running::start(command);
    for _ in 0..2 {
        let note = running.note();
        assert!(note.starts_with("pinfold: the service could not be reached"), "{note}");
        assert!(["0.", "1."].iter().any(|time| note.contains(&format!("; trying again in {time}"))), "{note}");
    }
    assert_eq!(running.end("INT"), Some(0));
}

#[test]
fn an_account_watches_itself_and_no_other() {
    let workspace = Workspace::with_app("", "accounts = \"any\"\nusers = \"own\"");
    let server = workspace.serve();
    let url = format!("http://{}", server.rest);
    let command = |subcommand: &str, arguments: &[&str]| {
        let mut command = workspace.command(subcommand);
        command.args(["--url", &url]).args(arguments);
        command
    };
    let running = Running::start(command("watch", &["--identifier", "alice", "alice"]));
    assert!(running.note().starts_with("pinfold: watching; "));
    let mark = r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0],"CustomMark":"vip"}]}"#;
    assert_eq!(run(command("call", &["mark_contact", mark])).status.code(), Some(0));
    let line = running.line();
    let (revision, rest) = line.split_once("  ").unwrap();
    let (_, change) = rest.split_once("Z  ").unwrap();
    assert_eq!((revision, change), ("1", r#"administrator  call  mark_contact  bob: +0 custom mark "vip", was """#));
    assert_eq!(running.end("INT"), Some(0));
    let refused = run(command("watch", &["--identifier", "bob", "alice"]));
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("refused with 50003"));
    server.stop();
}
