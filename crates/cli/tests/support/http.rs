//! HTTP/1.1 by hand: what a test sends is what it says.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use pinfold_wire::user_sig::{Claims, make};

use super::{APP, KEY, TIMEOUT};

/// A signature of the administrator by this key.
pub fn signature(key: &str) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = Claims { sdkappid: APP, identifier: "administrator".into(), time, expire: 3600, userbuf: None };
    make(key, &claims).unwrap()
}

/// The head of a call with a body of this length, signed with this key.
pub fn head(command: &str, key: &str, body_bytes: usize) -> String {
    format!(
        "POST /v4/{command}?sdkappid={APP}&identifier=administrator&usersig={} HTTP/1.1\r\n\
         Host: pinfold\r\nConnection: close\r\nContent-Length: {body_bytes}\r\n\r\n",
        signature(key)
    )
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// The answer until the connection ends: its status and its body.
pub fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// A call by the administrator, signed with the right key.
pub fn post(address: SocketAddr, command: &str, body: &str) -> String {
    post_signed(address, command, body, KEY)
}

/// A call by the administrator, signed with a key.
pub fn post_signed(address: SocketAddr, command: &str, body: &str, key: &str) -> String {
    let mut stream = connect(address);
    stream.write_all((head(command, key, body.len()) + body).as_bytes()).unwrap();
    let (status, body) = answer(stream);
    assert_eq!(status, 200);
    body
}

/// A page of the admin plane.
pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = connect(address);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    answer(stream)
}

/// `ErrorCode` of an answer.
pub fn code(answer: &str) -> u64 {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    answer["ErrorCode"].as_u64().unwrap()
}
