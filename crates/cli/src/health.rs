//! `pinfold health`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::{call, output};

/// For everything. The server answers within two seconds, whatever its store does.
const TIME_MAX: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Asks a server whether it is ready: 0 if it is, or else 1 and why not, within three seconds
///
/// Made for the health checks of containers, which need no other program then. Asks /readyz on the address that the
/// configuration names in admin_listen.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold health --config pinfold.toml
  pinfold health --url http://127.0.0.1:9090")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The admin plane to ask, such as http://127.0.0.1:9090; then no configuration is read
    #[arg(long, value_name = "URL")]
    url: Option<Uri>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let place = admin_plane(&arguments.config, arguments.url.as_ref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(get(&place, "/readyz"));
    // A name that is being looked up would hold up the end.
    runtime.shutdown_background();
    let (status, body) = answer?;
    read(&place, status, &body)?;
    output::print("ready\n")?;
    Ok(ExitCode::SUCCESS)
}

/// Host and port of the admin plane: of a URL, or else of the configuration.
pub(crate) fn admin_plane(config: &ConfigFile, url: Option<&Uri>) -> Result<String, Failure> {
    match url {
        Some(url) => place(url),
        None => place(&configured(config.load()?.config.admin_listen)?),
    }
}

fn configured(address: Option<SocketAddr>) -> Result<Uri, Failure> {
    match address {
        None => Err(Failure::new("admin_listen is empty, so nobody can be asked; set it, or give --url")),
        Some(address) if address.port() == 0 => {
            Err(Failure::new("admin_listen has port 0, so its real port is not known; give --url"))
        }
        Some(address) => Ok(call::base_url(false, address).parse()?),
    }
}

/// Host and port to connect to.
fn place(url: &Uri) -> Result<String, Failure> {
    match (url.scheme_str(), url.host(), url.path()) {
        (Some("http"), Some(host), "/" | "/readyz") => Ok(format!("{host}:{}", url.port_u16().unwrap_or(80))),
        _ => Err(Failure::new(format!("--url {url} is no admin plane; allowed is http://HOST:PORT"))),
    }
}

/// What the admin plane at a host and port answers to a path, within three seconds.
pub(crate) async fn get(place: &str, path: &str) -> Result<(StatusCode, Bytes), Failure> {
    let late = |_| Failure::new(format!("{place} did not answer within {} s", TIME_MAX.as_secs()));
    tokio::time::timeout(TIME_MAX, ask(place, path)).await.map_err(late)?
}

async fn ask(place: &str, path: &str) -> Result<(StatusCode, Bytes), Failure> {
    let no_answer = |cause: &dyn std::fmt::Display| Failure::new(format!("no answer from {place}: {cause}"));
    let stream = TcpStream::connect(place).await.map_err(|cause| no_answer(&cause))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|cause| no_answer(&cause))?;
    tokio::spawn(connection);
    let request = Request::get(path).header(HOST, place).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await.map_err(|cause| no_answer(&cause))?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|cause| no_answer(&cause))?.to_bytes();
    Ok((head.status, body))
}

fn read(place: &str, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match (status, answer["ready"].as_bool()) {
        (StatusCode::OK, Some(true)) => Ok(()),
        (_, Some(false)) => {
            let [reason, detail] = ["reason", "detail"].map(|key| answer[key].as_str().unwrap_or("?"));
            Err(Failure::new(format!("{place} is not ready: {reason}: {detail}")))
        }
        _ => Err(Failure::new(format!("{place} answers {status}, and not as an admin plane does"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_where_the_address_is_not_known() {
        assert!(configured(None).is_err() && configured(Some(([127, 0, 0, 1], 0).into())).is_err());
        assert_eq!(place(&configured(Some(([0, 0, 0, 0], 9090).into())).unwrap()).unwrap(), "127.0.0.1:9090");
    }

    #[test]
    fn a_url_is_http_with_a_host() {
        let of = |url: &str| place(&url.parse().unwrap());
        assert_eq!(of("http://localhost:9090").unwrap(), "localhost:9090");
        assert_eq!(of("http://[::1]/readyz").unwrap(), "[::1]:80");
        for url in ["https://localhost:9090", "localhost:9090", "/readyz", "http://localhost/metrics"] {
            assert!(of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(read("here", StatusCode::OK, br#"{"ready":true}"#).is_ok());
        for (status, body) in [
            (StatusCode::OK, &b"ok\n"[..]),
            (StatusCode::SERVICE_UNAVAILABLE, br#"{"ready":true}"#),
            (StatusCode::OK, br#"{"ready":false}"#),
            (StatusCode::NOT_FOUND, b""),
        ] {
            assert!(read("here", status, body).is_err(), "{status} {body:?}");
        }
    }
}
