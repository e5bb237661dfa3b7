//! Calls through the recipes for proxies, to a real server behind them.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::proxies::{self, Proxy, free_address};
use crate::support::http::code;
use crate::support::{Server, Workspace};

const IMPORT: &str = "im_open_login_svc/multiaccount_import";
const MARK: &str = "recentcontact/mark_contact";
const GET: &str = "recentcontact/get_contact_group";

/// A proxy, and the server behind it.
struct Behind {
    name: &'static str,
    proxy: Proxy,
    server: Server,
    address: SocketAddr,
    workspace: Workspace,
}

/// Each proxy with a server of its own; `top` and `app` are lines of the configuration. The server may take as long for
/// an answer as the proxies wait, since the disk of a machine that tests is busy.
fn each(top: &str, app: &str) -> impl Iterator<Item = Behind> {
    proxies::all().into_iter().map(move |(name, start)| {
        let address = free_address();
        let top = format!("listen = [\"{address}\"]\ntimeouts.answer_ms = 15000\n{top}");
        let workspace = Workspace::with_app(&top, app);
        Behind { name, server: workspace.serve(), proxy: start(address), address, workspace }
    })
}

fn mark(text: &str) -> String {
    format!(
        r#"{{"From_Account":"alice","MarkItem":[{{"OptType":2,"ContactItem":{{"Type":1,"To_Account":"bob"}},"CustomMark":"{text}"}}]}}"#
    )
}

/// `get_contact_group` with a body of this length.
fn get(bytes: usize) -> String {
    let bare = r#"{"From_Account":"alice","Ignored":""}"#.len();
    format!(r#"{{"From_Account":"alice","Ignored":"{}"}}"#, "x".repeat(bytes - bare))
}

/// How many connections to an address there were in the last minute.
fn connections_to(address: SocketAddr) -> usize {
    let remote = format!("0100007F:{:04X}", address.port());
    let listed = fs::read_to_string("/proc/net/tcp").unwrap();
    listed.lines().filter(|line| line.split_whitespace().nth(2) == Some(&*remote)).count()
}

#[test]
fn calls_pass_over_connections_that_are_kept_on_both_sides() {
    for Behind { name, proxy, server, address, .. } in each("", "") {
        let mut caller = proxy.dial();
        assert_eq!(code(&caller.call(IMPORT, r#"{"Accounts":["alice","bob"]}"#)), 0, "{name}");
        for n in 0..30 {
            let text = format!("call {n}");
            assert_eq!(code(&caller.call(MARK, &mark(&text))), 0, "{name}");
            assert!(caller.call(GET, r#"{"From_Account":"alice"}"#).contains(&text), "{name}");
        }
        let connections = connections_to(address);
        assert!((1..=3).contains(&connections), "{name}: {connections} connections for 61 calls");
        server.stop();
    }
}

#[test]
fn a_body_is_refused_by_pinfold_or_above_8_mib_by_the_proxy_in_the_same_words() {
    for Behind { name, proxy, server, .. } in each("", "accounts = \"any\"") {
        let mib = 1 << 20;
        assert_eq!(code(&proxy.dial().call(GET, &get(mib))), 0, "{name}");
        let by_pinfold = proxy.dial().call(GET, &get(mib + 1));
        assert!(
            by_pinfold.contains("60002") && by_pinfold.contains("larger than 1048576 bytes"),
            "{name}: {by_pinfold}"
        );
        let by_proxy = proxy.dial().call(GET, &get(8 * mib + 1));
        assert!(by_proxy.contains("60002") && by_proxy.contains("larger than 8 MiB"), "{name}: {by_proxy}");
        server.stop();
    }
}

#[test]
fn a_stream_is_passed_on_as_it_comes() {
    for Behind { name, proxy, server, .. } in each("", "accounts = \"any\"") {
        let mut watcher = proxy.dial();
        watcher.watch("alice");
        assert_eq!(watcher.line("content-type: ").to_ascii_lowercase(), "content-type: text/event-stream", "{name}");
        watcher.line("id: ");
        for text in ["one", "two"] {
            assert_eq!(code(&proxy.dial().call(MARK, &mark(text))), 0, "{name}");
            let change = watcher.line("data: ");
            assert!(change.contains(&format!(r#""CustomMark":"{text}""#)), "{name}: {change}");
        }
        server.stop();
        watcher.line("retry: ");
    }
}

/// Answers each request with the lines of its head that name a caller.
fn mirror() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(reflect));
    address
}

fn reflect(mut stream: TcpStream) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_ascii_lowercase()).collect();
    let named: Vec<_> = head.iter().filter(|line| line.starts_with("x-forwarded-for")).cloned().collect();
    let body = named.join("\n");
    let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
}

#[test]
fn the_address_of_the_caller_is_passed_on_and_not_what_the_caller_says() {
    for (name, start) in proxies::all() {
        let proxy = start(mirror());
        let passed = proxy.dial_from([127, 0, 0, 2]).call_with("X-Forwarded-For: 203.0.113.9\r\n", GET, "");
        assert_eq!(passed, "x-forwarded-for: 127.0.0.2", "{name}");
    }
}

/// The code of a call from an address of loopback that claims to come from another.
fn code_from(proxy: &Proxy, from: [u8; 4]) -> u64 {
    let claim = "X-Forwarded-For: 127.0.0.2\r\n";
    code(&proxy.dial_from(from).call_with(claim, GET, r#"{"From_Account":"alice"}"#))
}

#[test]
fn the_address_of_the_caller_decides_behind_a_trusted_proxy() {
    let app = "accounts = \"any\"\nallow_from = [\"127.0.0.2/32\"]";
    for Behind { name, proxy, server, .. } in each("trusted_proxies = [\"127.0.0.1/32\"]", app) {
        assert_eq!(code_from(&proxy, [127, 0, 0, 2]), 0, "{name}");
        assert_eq!(code_from(&proxy, [127, 0, 0, 3]), 60021, "{name}: it only says that it is the other");
        server.stop();
    }
}

#[test]
fn while_pinfold_is_away_the_proxy_answers_and_after_a_restart_calls_pass_again() {
    for Behind { name, proxy, server, workspace, .. } in each("", "accounts = \"any\"") {
        let mut caller = proxy.dial();
        let mut call = || code(&caller.call(MARK, &mark("kept")));
        assert_eq!(call(), 0, "{name}");
        server.stop();
        assert_eq!(call(), 60008, "{name}");
        let server = workspace.serve();
        assert_eq!(call(), 0, "{name}: after a restart");
        server.kill();
        let server = workspace.serve();
        assert_eq!(call(), 0, "{name}: after a crash");
        server.stop();
        logs_hold_no_signature(name, &proxy);
    }
}

fn logs_hold_no_signature(name: &str, proxy: &Proxy) {
    let logs = proxy.logs();
    assert!(logs.contains("/v4/recentcontact/mark_contact"), "{name}: calls are in the log:\n{logs}");
    assert!(!logs.contains("usersig"), "{name}:\n{logs}");
}

/// Clients that escape the whole URL, or build it wrongly: what they send has no query string, and a signature in its
/// path.
#[test]
fn a_signature_that_stands_in_the_path_is_not_logged() {
    for Behind { name, proxy, server, .. } in each("", "") {
        let mut caller = proxy.dial();
        for between in ["%3F", "%3f", "%253F", "&", "%26", ";", "%23", "/%3F", "%20", "%0A", "?a=b%3F", "?%3F"] {
            let target = format!("/v4/{MARK}{between}usersig={SIGNATURE}");
            let answer = caller.post(&target, "", "");
            assert_ne!(code(&answer), 0, "{name}: {target}");
        }
        server.stop();
        assert_eq!(code(&caller.post(&format!("/v4/{MARK}%3Fusersig={SIGNATURE}"), "", "")), 60008, "{name}");
        logs_hold_no_signature(name, &proxy);
        assert!(!proxy.logs().contains(SIGNATURE), "{name}:\n{}", proxy.logs());
    }
}

/// No real one.
const SIGNATURE: &str = "eJxNjl0LgjAYhf*L1yGbbk6DLsoiQoXCwLtB";
