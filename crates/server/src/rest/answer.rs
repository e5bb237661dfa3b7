//! Answers: status 200, JSON or an event stream, readable for a page of any origin. Others are 404 for a health check that asks here, 405
//! for CONNECT, 431 for too many headers.

use std::convert::Infallible;
use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::dispatch::Target;

/// Shorter answers gain nothing from compression.
const COMPRESSED_BYTES_MIN: usize = 4096;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const ANY: HeaderValue = HeaderValue::from_static("*");

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// The body of an answer: whole, or one that goes on.
pub(crate) type AnswerBody = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Infallible>>;

fn whole(body: Bytes) -> Response<AnswerBody> {
    Response::new(Either::Left(Full::new(body)))
}

/// How the answer to a request is written.
pub(crate) struct Form {
    gzip: bool,
    is_probe: bool,
    is_connect: bool,
}

impl Form {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        Self {
            gzip: wants_gzip(request.headers()),
            is_probe: is_probe(request.uri().path()),
            is_connect: request.method() == Method::CONNECT,
        }
    }

    pub(crate) fn response(&self, body: Vec<u8>) -> Response<AnswerBody> {
        let mut answer = if self.is_probe { probe() } else { json(body, self.gzip) };
        if self.is_connect {
            // Success would say that a tunnel is open now.
            *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        answer
    }
}

/// An answer with this body, compressed if it is long and the caller asks for it.
fn json(body: Vec<u8>, gzip: bool) -> Response<AnswerBody> {
    let zipped = if gzip && body.len() >= COMPRESSED_BYTES_MIN { zip(&body) } else { None };
    let is_zipped = zipped.is_some();
    let mut answer = whole(zipped.unwrap_or(body).into());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    if is_zipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    answer
}

/// An event stream, which is never compressed and which no proxy may keep back.
pub(crate) fn event_stream(body: impl Body<Data = Bytes, Error = Infallible> + Send + 'static) -> Response<AnswerBody> {
    let mut answer = Response::new(Either::Right(body.boxed_unsync()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    answer
}

/// The answer to a browser's question whether it may call.
pub(crate) fn preflight(target: Target) -> Response<AnswerBody> {
    let (method, allowed) = match target {
        Target::Command(_) | Target::Callback => ("POST", "X-Requested-With, Content-Type"),
        Target::Watch => ("GET", "X-Requested-With, Content-Type, Last-Event-ID"),
    };
    let mut answer = whole(Bytes::new());
    *answer.status_mut() = StatusCode::OK;
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(method));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
    answer
}

/// Whether a path is one that health checks ask. It belongs to the admin plane; repeated slashes count as one.
fn is_probe(path: &str) -> bool {
    let name = path.trim_start_matches('/');
    name.len() < path.len() && matches!(name, "healthz" | "readyz")
}

/// The answer to a health check of the wrong port, which must not succeed: the only one that is not the protocol's.
fn probe() -> Response<AnswerBody> {
    let text = "not found: health is served on the address that admin_listen names\n";
    let mut answer = whole(Bytes::from_static(text.as_bytes()));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

/// The answer to a request with too many headers.
pub(crate) fn too_many_headers() -> Response<AnswerBody> {
    let mut answer = whole(Bytes::new());
    *answer.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    answer
}

/// Whether a caller asks for gzip.
fn wants_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && quality.is_ok_and(|quality| quality > 0.0)
    })
}

fn zip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
        wants_gzip(&headers)
    }

    #[test]
    fn only_a_caller_that_asks_for_gzip_gets_it() {
        assert!(asks("gzip") && asks("br, GZIP;q=0.5") && asks("deflate, gzip"));
        assert!(!asks("br") && !asks("gzip;q=0") && !asks("identity") && !wants_gzip(&HeaderMap::new()));
    }

    #[test]
    fn only_the_two_paths_of_the_admin_plane_are_probes() {
        assert!(is_probe("/healthz") && is_probe("/readyz") && is_probe("//readyz"));
        for path in ["healthz", "/healthz/", "/Healthz", "/v4/healthz", "/health", "/", "", "/readyz/x"] {
            assert!(!is_probe(path), "{path}");
        }
    }

    #[test]
    fn a_short_answer_is_never_compressed() {
        assert!(json(vec![b' '; 4095], true).headers().get(header::CONTENT_ENCODING).is_none());
        assert!(json(vec![b' '; 4096], true).headers().get(header::CONTENT_ENCODING).is_some());
        assert!(json(vec![b' '; 4096], false).headers().get(header::CONTENT_ENCODING).is_none());
    }
}
