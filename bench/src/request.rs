//! A prepared request. Its account and its marks are written into it anew each time it is sent, so that a few prepared
//! requests reach every account and change something every time.

use bytes::Bytes;
use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use rand::Rng;
use rand::rngs::SmallRng;

use crate::accounts::{Accounts, DIGITS};
use crate::prepare::{APP, signature};

/// Digits of a custom mark `mark-000000`.
const MARK_DIGITS: usize = 6;

/// Whose request it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The account's that the body names.
    Fixed,
    /// A random account's.
    Random,
    /// The account's of the request before.
    Same,
}

/// A request that can be sent over HTTP/1.1 and HTTP/2.
pub(crate) struct Request {
    bytes: Vec<u8>,
    body_at: usize,
    uri: Uri,
    whose: Whose,
    account_at: usize,
    /// Of a message to another random account.
    receiver_at: Option<usize>,
    marks_at: Vec<usize>,
    /// What its answer must be.
    pub(crate) check: Check,
}

type Check = fn(&[u8]) -> Result<(), String>;

impl Request {
    /// A call of a command by the administrator.
    pub(crate) fn new(service: &str, command: &str, body: &str, whose: Whose) -> Self {
        let random: u32 = rand::random();
        let path = format!(
            "/v4/{service}/{command}?sdkappid={APP}&identifier=administrator&usersig={}&random={random}&contenttype=json",
            signature()
        );
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        const ACCOUNT: &str = r#""From_Account":""#;
        const RECEIVER: &str = r#""To_Account":"many"#;
        const MARK: &str = r#""mark-"#;
        let account_at = body.find(ACCOUNT).map_or(0, |place| head.len() + place + ACCOUNT.len() + "user".len());
        let receiver_at = body.find(RECEIVER).map(|place| head.len() + place + RECEIVER.len());
        let marks_at = body.match_indices(MARK).map(|(place, _)| head.len() + place + MARK.len()).collect();
        let (body_at, bytes) = (head.len(), (head + body).into_bytes());
        Self { body_at, bytes, uri: uri(&path), whose, account_at, receiver_at, marks_at, check }
    }

    /// A command of redis as webdis takes it, for a random account.
    pub(crate) fn of_webdis(path: &str, check: Check) -> Self {
        const ACCOUNT: &str = "/user:";
        const MARK: &str = "/mark-";
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        let after = |text: &str| bytes.find(text).map(|place| place + text.len());
        let (account_at, marks_at) = (after(ACCOUNT).unwrap_or(0), after(MARK).into_iter().collect());
        let (body_at, bytes) = (bytes.len(), bytes.into_bytes());
        Self { bytes, body_at, uri: uri(path), whose: Whose::Random, account_at, receiver_at: None, marks_at, check }
    }

    /// A call of `recentcontact` by a random account.
    pub(crate) fn random(command: &str, body: &str) -> Self {
        Self::new("recentcontact", command, body, Whose::Random)
    }

    /// Whether it belongs to the request before.
    pub(crate) fn follows(&self) -> bool {
        self.whose == Whose::Same
    }

    /// Writes new marks into it, and its account; `account` is the one of the request before.
    pub(crate) fn renew(&mut self, random: &mut SmallRng, accounts: &Accounts, account: &mut u32) {
        for place in &self.marks_at {
            let mark = random.random_range(0..10_u32.pow(MARK_DIGITS as u32));
            write_digits(&mut self.bytes[*place..*place + MARK_DIGITS], mark);
        }
        if self.whose == Whose::Random {
            *account = accounts.pick(random);
        }
        if self.whose != Whose::Fixed {
            write_digits(&mut self.bytes[self.account_at..self.account_at + DIGITS], *account);
        }
        if let Some(place) = self.receiver_at {
            write_digits(&mut self.bytes[place..place + DIGITS], accounts.pick(random));
        }
    }

    /// As it goes over an HTTP/1.1 connection.
    pub(crate) fn http1(&self) -> &[u8] {
        &self.bytes
    }

    /// As it goes into an HTTP/2 connection.
    pub(crate) fn http2(&self) -> (Uri, Bytes) {
        (self.uri.clone(), Bytes::copy_from_slice(&self.bytes[self.body_at..]))
    }
}

/// An answer with any other code than 0 fails the run.
fn check(body: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let ok = text.contains(r#""ErrorCode":0"#);
    let refused =
        text.match_indices(r#""ResultCode":"#).any(|(place, name)| !text[place + name.len()..].starts_with('0'));
    if ok && !refused { Ok(()) } else { Err(format!("an answer says: {}", text.get(..300).unwrap_or(text))) }
}

fn uri(path: &str) -> Uri {
    let path = PathAndQuery::try_from(path).expect("a path of our own");
    Uri::builder().scheme("https").authority("127.0.0.1").path_and_query(path).build().expect("all its parts are there")
}

fn write_digits(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::accounts::Size;

    #[test]
    fn a_renewed_request_names_a_touched_account_and_another_mark() {
        let accounts = Accounts::usual(Size { stored: 1000, touched: 10 });
        let body = r#"{"From_Account":"user0000000","CustomMark":"mark-xxxxxx"}"#;
        let mut request = Request::random("mark_contact", body);
        let (mut random, mut account) = (SmallRng::seed_from_u64(1), 0);
        request.renew(&mut random, &accounts, &mut account);
        let (_, sent) = request.http2();
        let sent = std::str::from_utf8(&sent).unwrap();
        assert_eq!(account % 100, 0);
        assert!(sent.starts_with(&format!(r#"{{"From_Account":"{}","CustomMark":"mark-"#, accounts.name(account))));
        assert!(!sent.contains('x') && sent.len() == body.len());
    }
}
