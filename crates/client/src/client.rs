//! Sends a call and reads its answer.

use std::{
    error::Error,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use pinfold_wire::{Command, envelope};

use crate::{CallError, Settings, SettingsError, address::Base, signer::Signer, tls};

/// How long an idle connection is kept. Shorter than the 75 s of the service, so that it is not closed under a call.
const IDLE: Duration = Duration::from_secs(60);
/// How often a connection of HTTP/2 that an answer is expected on is asked whether it lives, and how long it may take to
/// say so. Otherwise a watch whose connection died unnoticed would be opened again on that same connection.
const PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// A client for one app and account. Cloning is cheap, and clones share connections and signature.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: Base,
    signer: Signer,
    timeout: Duration,
    answer_bytes_max: usize,
    silence_max: Duration,
}

impl Client {
    /// Checks the settings and makes the first signature. Connects to nothing yet.
    pub fn new(settings: Settings) -> Result<Client, SettingsError> {
        let base = Base::parse(&settings.base_url)?;
        let shared = Shared {
            http: http(tls::config(&base, &settings)?),
            signer: Signer::new(&settings, now().as_secs()).map_err(SettingsError::Identifier)?,
            base,
            timeout: settings.timeout,
            answer_bytes_max: settings.answer_bytes_max,
            silence_max: settings.silence_max,
        };
        Ok(Client { shared: Arc::new(shared) })
    }

    /// Sends one command and reads its answer. Item results with a code are part of a response, not an error.
    pub async fn call<C: Command>(&self, request: &C::Request) -> Result<C::Response, CallError> {
        let body = serde_json::to_vec(request).expect("requests are structs with named fields");
        let answer = self.call_raw(&format!("{}/{}", C::SERVICE.path(), C::NAME), body).await?;
        Ok(envelope::parse_answer::<C>(&answer)?)
    }

    /// Sends any body to a command such as `recentcontact/mark_contact` and gives the answer as it came.
    ///
    /// A refusal is an answer too: [`envelope::parse_outcome`] tells it from a success.
    pub async fn call_raw(&self, service_command: &str, body: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let mut request = self.request(Method::POST, service_command, "&contenttype=json", body.into())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.in_time(async { self.read(self.answer(request).await?.into_body()).await }).await
    }

    /// A request with the parameters of every call and some more, which are escaped already.
    pub(crate) fn request(
        &self,
        method: Method,
        service_command: &str,
        more: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, CallError> {
        let now = now();
        let caller = self.shared.signer.query(now.as_secs()).map_err(CallError::Signature)?;
        let query = format!("{caller}&random={}{more}", now.subsec_nanos());
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = self.shared.base.call(service_command, &query)?;
        Ok(request)
    }

    /// The time that a call may take.
    pub(crate) async fn in_time<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
        let timeout = self.shared.timeout;
        tokio::time::timeout(timeout, call).await.unwrap_or(Err(CallError::Timeout(timeout)))
    }

    /// Sends a request; the body of the answer is not read yet.
    pub(crate) async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, CallError> {
        let answer = self.shared.http.request(request).await.map_err(|error| CallError::Transport(error.into()))?;
        let status = answer.status();
        if status == StatusCode::OK { Ok(answer) } else { Err(CallError::Status(status.as_u16())) }
    }

    /// Reads the body of an answer to its end.
    pub(crate) async fn read(&self, body: Incoming) -> Result<Vec<u8>, CallError> {
        let bytes_max = self.shared.answer_bytes_max;
        let whole = Limited::new(body, bytes_max).collect().await;
        whole.map(|whole| whole.to_bytes().to_vec()).map_err(|error| broken_body(error, bytes_max))
    }

    /// Most bytes of an answer, and of a line of a stream.
    pub(crate) fn answer_bytes_max(&self) -> usize {
        self.shared.answer_bytes_max
    }

    /// How long a stream may be silent.
    pub(crate) fn silence_max(&self) -> Duration {
        self.shared.silence_max
    }
}

fn broken_body(error: Box<dyn Error + Send + Sync>, bytes_max: usize) -> CallError {
    if error.is::<LengthLimitError>() { CallError::AnswerTooLong(bytes_max) } else { CallError::Transport(error) }
}

fn http(tls: rustls::ClientConfig) -> legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions().wrap_connector(tcp);
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http2_keep_alive_interval(PING.0)
        .http2_keep_alive_timeout(PING.1)
        .build(connector)
}

/// Time since 1970; a clock before that counts as 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
