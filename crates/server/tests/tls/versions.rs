//! Which versions of TLS are spoken, asked with a greeting written by hand: libraries of today speak nothing old.

use std::process::{Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::certificates::Authority;
use crate::support::TestServer;
use crate::support::no_timeouts::LONG;

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const FATAL: u8 = 2;
const PROTOCOL_VERSION: u8 = 70;

fn with_length(bytes: usize, content: &[u8]) -> Vec<u8> {
    [&content.len().to_be_bytes()[8 - bytes..], content].concat()
}

fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], &with_length(2, content)].concat()
}

/// The first record of a client that speaks no version above this one: 2 is TLS 1.1, 3 is 1.2.
fn greeting(minor: u8) -> Vec<u8> {
    let groups = extension(10, &with_length(2, &[0, 23, 0, 29]));
    let point_formats = extension(11, &with_length(1, &[0]));
    let signatures = extension(13, &with_length(2, &[4, 3, 2, 3]));
    let master_secret = extension(23, &[]);
    // ECDHE-ECDSA with AES in GCM, which is of TLS 1.2, and in CBC, which is of all three.
    let suites = [0xc0, 0x2b, 0xc0, 0x09];
    let hello = [
        &[3, minor][..],
        &[7; 32],
        &with_length(1, &[]),
        &with_length(2, &suites),
        &with_length(1, &[0]),
        &with_length(2, &[groups, point_formats, signatures, master_secret].concat()),
    ]
    .concat();
    let message = [&[1][..], &with_length(3, &hello)].concat();
    [&[HANDSHAKE, 3, 1][..], &with_length(2, &message)].concat()
}

/// The kind of the first record that answers a greeting, and its first two bytes.
async fn answer(server: &TestServer, minor: u8) -> (u8, [u8; 2]) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&greeting(minor)).await.unwrap();
    let mut record = [0; 7];
    timeout(LONG, stream.read_exact(&mut record)).await.expect("no answer").unwrap();
    (record[0], [record[5], record[6]])
}

#[tokio::test]
async fn a_client_that_speaks_tls_1_1_or_1_0_is_refused_and_told_why() {
    let authority = Authority::new();
    let server = TestServer::with(|config| config.tls = Some(authority.pair())).await;
    for minor in [2, 1] {
        assert_eq!(answer(&server, minor).await, (ALERT, [FATAL, PROTOCOL_VERSION]));
    }
    // The same greeting is understood in TLS 1.2.
    assert_eq!(answer(&server, 3).await.0, HANDSHAKE);
}

#[tokio::test]
async fn openssl_is_refused_with_tls_1_1_and_served_with_1_2() {
    let authority = Authority::new();
    let server = TestServer::with(|config| config.tls = Some(authority.pair())).await;
    let said = async |version: &'static str| {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &server.address.to_string(), version, "-cipher", "DEFAULT@SECLEVEL=0"]);
        command.stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().ok()?;
        Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let Some(refused) = said("-tls1_1").await else {
        println!("skipped: openssl is not installed");
        return;
    };
    // A build of openssl may lack the version altogether.
    assert!(!refused.contains("Cipher is ECDHE"), "{refused}");
    assert!(said("-tls1_2").await.unwrap().contains("Cipher is ECDHE"));
}
