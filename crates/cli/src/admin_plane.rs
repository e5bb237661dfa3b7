//! Requests to the admin plane of a server, for `pinfold health`, `reload` and `webhook`.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::service;

/// For an answer. The server answers within two seconds, whatever its store does.
const TIME_MAX: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Which admin plane to ask.
#[derive(Args)]
pub(crate) struct AdminPlane {
    #[command(flatten)]
    config: ConfigFile,
    /// The admin plane to ask, such as http://127.0.0.1:9090; then no configuration is read here
    #[arg(long, value_name = "URL")]
    url: Option<Uri>,
}

impl AdminPlane {
    /// Host and port: of the URL, or else of the configuration.
    pub(crate) fn address(&self) -> Result<String, Failure> {
        match &self.url {
            Some(url) => address_of(url),
            None => address_of(&configured(self.config.load()?.config.admin_listen)?),
        }
    }
}

/// Runs a future to its end. A name that is still being looked up then does not hold up the process.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    result
}

fn configured(address: Option<SocketAddr>) -> Result<Uri, Failure> {
    match address {
        None => Err(Failure::new("admin_listen is empty, so there is no admin plane to ask; set it, or give --url")),
        Some(address) if address.port() == 0 => {
            Err(Failure::new("admin_listen has port 0, so its real port is not known; give --url"))
        }
        Some(address) => Ok(service::base_url(false, address).parse()?),
    }
}

/// Host and port to connect to.
fn address_of(url: &Uri) -> Result<String, Failure> {
    match (url.scheme_str(), url.host(), url.path()) {
        (Some("http"), Some(host), "/" | "/readyz") => Ok(format!("{host}:{}", url.port_u16().unwrap_or(80))),
        _ => Err(Failure::new(format!("--url {url} is not the URL of an admin plane; allowed is http://HOST:PORT"))),
    }
}

/// Gets a path of the admin plane at a host and port, within three seconds.
pub(crate) async fn get(address: &str, path: &str) -> Result<(StatusCode, Bytes), Failure> {
    let request = Request::get(path).header(HOST, address).body(Empty::new())?;
    let got = async {
        let stream = TcpStream::connect(address).await.map_err(|cause| no_answer(address, &cause))?;
        ask(stream, address, request, ANSWER_BYTES_MAX).await
    };
    tokio::time::timeout(TIME_MAX, got).await.map_err(|_| late(address, TIME_MAX))?
}

/// Sends a request to the admin plane over this connection; the status and the body of its answer.
pub(crate) async fn ask(
    stream: TcpStream,
    address: &str,
    request: Request<Empty<Bytes>>,
    bytes_max: usize,
) -> Result<(StatusCode, Bytes), Failure> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|cause| no_answer(address, &cause))?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|cause| no_answer(address, &cause))?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, bytes_max).collect().await.map_err(|cause| no_answer(address, &cause))?;
    Ok((head.status, body.to_bytes()))
}

fn no_answer(address: &str, cause: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("no answer from {address}: {cause}"))
}

/// The failure of an answer that takes longer than this.
pub(crate) fn late(address: &str, time_max: Duration) -> Failure {
    Failure::new(format!("{address} did not answer within {} s", time_max.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_known_is_refused() {
        assert!(configured(None).is_err() && configured(Some(([127, 0, 0, 1], 0).into())).is_err());
        assert_eq!(address_of(&configured(Some(([0, 0, 0, 0], 9090).into())).unwrap()).unwrap(), "127.0.0.1:9090");
    }

    #[test]
    fn a_url_is_http_with_a_host() {
        let of = |url: &str| address_of(&url.parse().unwrap());
        assert_eq!(of("http://localhost:9090").unwrap(), "localhost:9090");
        assert_eq!(of("http://[::1]/readyz").unwrap(), "[::1]:80");
        for url in ["https://localhost:9090", "localhost:9090", "/readyz", "http://localhost/metrics"] {
            assert!(of(url).is_err(), "{url}");
        }
    }
}
