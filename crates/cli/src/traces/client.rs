//! An HTTP client that sends one request at a time, on the calling thread.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Collectors answer in a few bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A client over plain HTTP with a runtime of its own: the thread that sends is none of the server's, and the server's
/// runtime is not there yet, and not there any more, when it sends.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Runtime,
    send_max: Duration,
}

impl Sender {
    pub(super) fn new(send_max: Duration) -> std::io::Result<Self> {
        // No task drives idle connections between two sends.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Ok(Self { client, runtime: Builder::new_current_thread().enable_all().build()?, send_max })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = self.client.request(request.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.runtime.block_on(async { timeout(self.send_max, self.send(request)).await? })
    }
}
