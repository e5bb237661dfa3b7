//! The header of the PROXY protocol, version 1 or 2: it names the caller where a proxy forwards bytes, not requests.
//!
//! It stands before everything else, a TLS handshake included. No byte after it is read.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How a header of version 2 begins.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// The longest header of version 1 there can be, its end included.
const LINE_BYTES_MAX: usize = 107;
/// What may follow the fixed part of version 2: addresses, and further fields of the proxy.
const REST_BYTES_MAX: usize = 4096;

/// Whose connection the header says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// That of a caller at this address.
    Caller(IpAddr),
    /// The proxy's own, to see whether the server lives.
    Proxy,
    /// That of a caller whose address the proxy does not know.
    Unknown,
}

/// Reads the header.
///
/// # Errors
/// `InvalidData` for everything that is not such a header.
pub(crate) async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Source> {
    let mut begin = [0; SIGNATURE.len()];
    stream.read_exact(&mut begin).await?;
    if begin == SIGNATURE { version_2(stream).await } else { version_1(stream, &begin).await }
}

async fn version_2<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Source> {
    let (command, family) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = usize::from(stream.read_u16().await?);
    if length > REST_BYTES_MAX {
        return Err(invalid());
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    match (command, family) {
        // "LOCAL", whatever addresses it holds.
        (0x20, _) => Ok(Source::Proxy),
        // "PROXY" of something that has no address.
        (0x21, 0x00) => Ok(Source::Unknown),
        (0x21, 0x11) if length >= 12 => Ok(Source::Caller(source::<4, Ipv4Addr>(&rest)?.into())),
        (0x21, 0x21) if length >= 36 => Ok(Source::Caller(source::<16, Ipv6Addr>(&rest)?.into())),
        _ => Err(invalid()),
    }
}

/// The first of the addresses, the one the connection comes from.
fn source<const BYTES: usize, A: From<[u8; BYTES]>>(addresses: &[u8]) -> io::Result<A> {
    addresses.first_chunk().map(|bytes: &[u8; BYTES]| A::from(*bytes)).ok_or_else(invalid)
}

async fn version_1<S: AsyncRead + Unpin>(stream: &mut S, begin: &[u8]) -> io::Result<Source> {
    if !begin.starts_with(b"PROXY ") {
        return Err(invalid());
    }
    let mut line = begin.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() == LINE_BYTES_MAX {
            return Err(invalid());
        }
        line.push(stream.read_u8().await?);
    }
    let text = str::from_utf8(&line[..line.len() - 2]).map_err(|_| invalid())?;
    let words: Vec<_> = text.split(' ').collect();
    match words[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(Source::Unknown),
        ["PROXY", "TCP4", source, target, from, to] => same_kind::<Ipv4Addr>(source, target, [from, to]),
        ["PROXY", "TCP6", source, target, from, to] => same_kind::<Ipv6Addr>(source, target, [from, to]),
        _ => Err(invalid()),
    }
}

fn same_kind<A>(source: &str, target: &str, ports: [&str; 2]) -> io::Result<Source>
where
    A: std::str::FromStr + Into<IpAddr>,
{
    let is_whole = target.parse::<A>().is_ok() && ports.iter().all(|port| port.parse::<u16>().is_ok());
    let source = source.parse::<A>().ok().filter(|_| is_whole);
    source.map(|source| Source::Caller(source.into())).ok_or_else(invalid)
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no header of the PROXY protocol")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of a header, and the bytes after it.
    async fn said(mut bytes: &[u8]) -> (io::Result<Source>, &[u8]) {
        (read(&mut bytes).await, bytes)
    }

    fn header_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = (rest.len() as u16).to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    fn address(text: &str) -> Source {
        Source::Caller(text.parse().unwrap())
    }

    #[tokio::test]
    async fn version_2_names_the_source_and_may_say_more_behind_the_addresses() {
        let v4 = [203, 0, 113, 7, 127, 0, 0, 1, 0xc0, 0, 0x1f, 0x90];
        let more = [&v4[..], &[0x04, 0, 1, 9]].concat();
        let v6 = [&Ipv6Addr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]).octets()[..], &[0; 20]].concat();
        for (family, rest, expected) in
            [(0x11, &v4[..], "203.0.113.7"), (0x11, &more, "203.0.113.7"), (0x21, &v6, "2001:db8::7")]
        {
            let bytes = [header_2(0x21, family, rest), b"POST".to_vec()].concat();
            let (read, left) = said(&bytes).await;
            assert_eq!((read.unwrap(), left), (address(expected), &b"POST"[..]));
        }
    }

    #[tokio::test]
    async fn version_1_names_the_source() {
        for (line, expected) in [
            ("PROXY TCP4 203.0.113.7 127.0.0.1 49152 8080\r\n", address("203.0.113.7")),
            ("PROXY TCP6 2001:db8::7 ::1 49152 8080\r\n", address("2001:db8::7")),
            ("PROXY UNKNOWN\r\n", Source::Unknown),
            ("PROXY UNKNOWN something else\r\n", Source::Unknown),
        ] {
            let bytes = format!("{line}POST");
            let (read, left) = said(bytes.as_bytes()).await;
            assert_eq!((read.unwrap(), left), (expected, &b"POST"[..]), "{line}");
        }
    }

    #[tokio::test]
    async fn version_2_tells_a_connection_of_the_proxy_from_one_of_an_unknown_caller() {
        for (command, family, rest, expected) in [
            (0x20, 0x00, &[][..], Source::Proxy),
            (0x20, 0x11, &[9; 12], Source::Proxy),
            (0x21, 0x00, &[1, 2, 3], Source::Unknown),
        ] {
            assert_eq!(said(&header_2(command, family, rest)).await.0.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn everything_else_is_no_header() {
        let line = |words: &str| format!("PROXY {words}\r\n").into_bytes();
        for bytes in [
            b"POST / HTTP/1.1\r\n".to_vec(),
            vec![0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 7, 7],
            SIGNATURE[..8].to_vec(),
            header_2(0x21, 0x11, &[0; 11]),
            header_2(0x21, 0x21, &[0; 35]),
            header_2(0x21, 0x12, &[0; 12]),
            header_2(0x21, 0x31, &[0; 216]),
            header_2(0x22, 0x11, &[0; 12]),
            header_2(0x11, 0x11, &[0; 12]),
            header_2(0x21, 0x11, &[0; REST_BYTES_MAX + 1]),
            header_2(0x21, 0x11, &[0; 12])[..20].to_vec(),
            line("TCP4 2001:db8::7 ::1 49152 8080"),
            line("TCP4 203.0.113.7 127.0.0.1 49152"),
            line("TCP4 203.0.113.7 127.0.0.1 49152 65536"),
            line("TCP4 203.0.113.7  127.0.0.1 49152 8080"),
            line("TCP5 203.0.113.7 127.0.0.1 49152 8080"),
            line(&"x".repeat(LINE_BYTES_MAX)),
        ] {
            assert!(said(&bytes).await.0.is_err(), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[tokio::test]
    async fn of_a_line_that_does_not_end_no_more_is_read_than_a_header_may_have() {
        let bytes = [b"PROXY UNKNOWN ".to_vec(), vec![b'x'; 1000]].concat();
        let (read, left) = said(&bytes).await;
        assert!(read.is_err() && bytes.len() - left.len() == LINE_BYTES_MAX);
    }
}
