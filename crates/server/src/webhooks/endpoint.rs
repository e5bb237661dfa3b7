//! Sends messages to the backend of one app.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::{self, connect::capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use pinfold_core::AppId;
use pinfold_wire::webhook;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::connector::{self, Connector, TOO_LONG};
use super::{DeliveryError, Message, WebhookUrl};
use crate::config::Secret;

/// Time for one attempt: to connect, to send, and for the answer as far as it is read.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Some servers close one after 5 s, and a message that meets that is sent again.
const IDLE: Duration = Duration::from_secs(4);
/// Idle connections that are kept.
const IDLE_CONNECTIONS_MAX: usize = 32;
/// Most bytes of the head of an answer.
const ANSWER_HEAD_BYTES_MAX: usize = 64 * 1024;
/// How much of the body of an answer is read.
const ANSWER_BODY_BYTES_MAX: usize = 64 * 1024;

/// The receiver of an app's webhooks, with the connections to it.
pub(crate) struct Endpoint {
    app: AppId,
    url: WebhookUrl,
    token: Secret,
    http: legacy::Client<Connector, Full<Bytes>>,
    timeout: Duration,
}

impl Endpoint {
    /// Connects to nothing yet. Where `authorities` are given, only what they signed is trusted, otherwise what the
    /// system trusts.
    ///
    /// # Errors
    /// What is wrong with the certificates that would be trusted.
    pub(super) fn new(
        app: AppId,
        url: WebhookUrl,
        token: Secret,
        authorities: &[CertificateDer<'static>],
    ) -> Result<Self, String> {
        Self::with_timeout(app, url, token, authorities, TIMEOUT)
    }

    pub(super) fn with_timeout(
        app: AppId,
        url: WebhookUrl,
        token: Secret,
        authorities: &[CertificateDer<'static>],
        timeout: Duration,
    ) -> Result<Self, String> {
        let tls = if url.is_https() { connector::tls(authorities)? } else { connector::no_tls()? };
        // A request that was not yet begun on a connection that turns out to be closed goes to another one. One that
        // may have been handled is not sent again here.
        let http = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .http1_max_buf_size(ANSWER_HEAD_BYTES_MAX)
            .build(Connector::new(tls, timeout));
        Ok(Self { app, url, token, http, timeout })
    }

    /// The host of the URL, with its port if it names one.
    pub(crate) fn host(&self) -> &str {
        self.url.host()
    }

    /// Sends a message once, signed for the unix second `now`, and gives the status of the answer.
    ///
    /// # Errors
    /// [`DeliveryError`] where the receiver did not take it, and where that is not known.
    pub(crate) async fn send(&self, message: &Message, now: u64) -> Result<u16, DeliveryError> {
        let mut request = self.request(message, now);
        let connection = capture_connection(&mut request);
        let outcome = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        let timed_out = |_| {
            let host = self.url.host().to_owned();
            Err(match &*connection.connection_metadata() {
                Some(_) => DeliveryError::NoAnswer { host, timeout: self.timeout },
                None => DeliveryError::NoConnection { host, cause: TOO_LONG.to_owned() },
            })
        };
        outcome.unwrap_or_else(timed_out)
    }

    fn request(&self, message: &Message, now: u64) -> Request<Full<Bytes>> {
        let token = self.token.expose();
        let url = webhook::url(self.url.expose(), self.app.0, message.command.name(), token, now);
        let mut request = Request::new(Full::from(message.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::try_from(url).expect("a URL that was parsed, with letters and digits added to it");
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("pinfold/", env!("CARGO_PKG_VERSION"))));
        for (name, value) in webhook::headers(token, &message.id, &message.body, now) {
            let value = HeaderValue::try_from(value).expect("an id, a number and base64 are visible ASCII");
            headers.insert(HeaderName::from_static(name), value);
        }
        request
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<u16, DeliveryError> {
        let of_client = |error| DeliveryError::of_client(self.url.host(), &error);
        let answer = self.http.request(request).await.map_err(of_client)?;
        let (host, status) = (self.url.host().to_owned(), answer.status());
        if status.is_redirection() {
            return Err(DeliveryError::Redirect { host, status: status.as_u16() });
        }
        if !status.is_success() {
            return Err(DeliveryError::Status { host, status: status.as_u16() });
        }
        let body = beginning(answer.into_body()).await.map_err(|error| DeliveryError::of_body(&host, &error))?;
        match webhook::refusal(&body) {
            Some(code) => Err(DeliveryError::Refused { host, code }),
            None => Ok(status.as_u16()),
        }
    }
}

/// The first [`ANSWER_BODY_BYTES_MAX`] of a body. Where more follows it is not read, and its connection is closed.
async fn beginning(mut body: Incoming) -> Result<Bytes, hyper::Error> {
    let mut bytes = BytesMut::new();
    while bytes.len() < ANSWER_BODY_BYTES_MAX {
        let Some(frame) = body.frame().await else { break };
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    bytes.truncate(ANSWER_BODY_BYTES_MAX);
    Ok(bytes.freeze())
}
