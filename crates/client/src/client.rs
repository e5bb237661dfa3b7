//! Sends a call and reads its answer.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, StatusCode,
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
        let request = self.request(service_command, body)?;
        let timeout = self.shared.timeout;
        tokio::time::timeout(timeout, self.exchange(request)).await.unwrap_or(Err(CallError::Timeout(timeout)))
    }

    fn request(&self, service_command: &str, body: Vec<u8>) -> Result<Request<Full<Bytes>>, CallError> {
        let now = now();
        let caller = self.shared.signer.query(now.as_secs()).map_err(CallError::Signature)?;
        let query = format!("{caller}&random={}&contenttype=json", now.subsec_nanos());
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.shared.base.call(service_command, &query)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(request)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Vec<u8>, CallError> {
        let answer = self.shared.http.request(request).await.map_err(|error| CallError::Transport(error.into()))?;
        if answer.status() != StatusCode::OK {
            return Err(CallError::Status(answer.status().as_u16()));
        }
        self.read(answer.into_body()).await
    }

    async fn read(&self, body: Incoming) -> Result<Vec<u8>, CallError> {
        let bytes_max = self.shared.answer_bytes_max;
        let whole = Limited::new(body, bytes_max).collect().await;
        whole.map(|whole| whole.to_bytes().to_vec()).map_err(|error| broken_body(error, bytes_max))
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
    legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector)
}

/// Time since 1970; a clock before that counts as 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
