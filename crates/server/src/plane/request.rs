//! One request from its first byte to its answer.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use pinfold_core::Timestamp;
use pinfold_store::StoreError;
use pinfold_wire::{Code, envelope};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::dispatch::Route;
use super::doors::Caller;
use super::{Service, answer, body, checks, unknown_path};
use crate::error::{Cause, Failure};
use crate::handlers::Call;
use crate::metrics::CallMeter;
use crate::query::Query;
use crate::traces;

/// Answers one request. What the protocol can say is said with status 200, so this cannot fail.
pub(super) async fn respond(
    service: &Service,
    caller: Caller,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let gzip = answer::wants_gzip(request.headers());
    let route = Route::find(request.uri().path());
    let is_probe = answer::is_probe(request.uri().path());
    if route.is_some() && request.method() == Method::OPTIONS {
        return Ok(answer::preflight());
    }
    // HTTP/2 has no such header: there a part of a request is in nobody's way.
    let has_connection_header = request.version() < Version::HTTP_2;
    let is_connect = request.method() == Method::CONNECT;
    let mut broken = false;
    let mut meter = service.meters.call(route.map(|route| route.place));
    let span = traces::call(route.map_or("other", |route| route.listed.name));
    let handled = handle(service, caller, route.as_ref(), request, &mut broken, &mut meter);
    let result = handled.instrument(span.clone()).await;
    let is_fault = result.as_ref().is_err_and(|failure| failure.cause().is_some());
    let (code, json) = match result {
        Ok(json) => (None, json),
        Err(failure) => {
            let (code, json) = fail(&failure, route.as_ref(), caller.nearest());
            (Some(code), json)
        }
    };
    let mut response = if is_probe { answer::probe() } else { answer::json(json, gzip) };
    traces::answered(&span, meter.app(), code, is_fault);
    meter.answered(code, response.body().size_hint().lower());
    if is_connect {
        // Success would say that a tunnel is open now.
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    }
    if broken && has_connection_header {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

async fn handle(
    service: &Service,
    caller: Caller,
    route: Option<&Route>,
    request: Request<Incoming>,
    broken: &mut bool,
    meter: &mut CallMeter<'_>,
) -> Result<Vec<u8>, Failure> {
    let (head, mut incoming) = request.into_parts();
    let bounds = body::Bounds {
        bytes_max: service.body_bytes_max,
        began: Instant::now(),
        time_max: service.timeouts.body,
        is_awaited: head.headers.contains_key(header::EXPECT),
    };
    let now = (service.clock)();
    let checked = match route {
        None => Err(Failure::Request(Code::NoSuchCommand, unknown_path::refusal(head.uri.path()))),
        Some(_) if head.method != Method::POST => {
            Err(Failure::Request(Code::RequestNotParsable, format!("the method is {}; POST is allowed", head.method)))
        }
        Some(route) => {
            let query = Query::parse(head.uri.query().unwrap_or(""));
            checks::app(service, &query.sdkappid).and_then(|app| {
                meter.of_app(Arc::clone(&app.meters));
                checks::check(service, route, &app, &query, caller, now)?;
                Ok((route, app))
            })
        }
    };
    let (route, app) = match checked {
        Ok(checked) => checked,
        Err(failure) => {
            // HTTP/2 ends a stream whose body nobody reads, and nothing else.
            let in_the_way = head.version != Version::HTTP_2 && !incoming.is_end_stream();
            *broken = in_the_way && !body::discard(&mut incoming, bounds.unwanted()).await;
            return Err(failure);
        }
    };
    let mut share = service.room.share();
    let body = body::read(&mut incoming, bounds, &mut share).await.map_err(|unread| {
        *broken = unread.broken;
        unread.failure
    })?;
    meter.read(body.len());
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let now = Timestamp(u32::try_from(now).unwrap_or(u32::MAX).min(i32::MAX as u32));
    let items = service.meters.items(route.place);
    let call = Call { app: &app, store: &service.store, now, target, body: &body, items };
    in_time(service, route, &call).await
}

/// Runs the command within the time every call is answered in. Only the store can make it wait.
async fn in_time(service: &Service, route: &Route, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
    let run = AssertUnwindSafe(route.run(call)).catch_unwind();
    match timeout(service.timeouts.answer, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => Err(Failure::Store(StoreError::Timeout)),
    }
}

/// The answer to a failed call, and its line in the log. Neither holds a signature, a key or a body.
fn fail(failure: &Failure, route: Option<&Route>, address: IpAddr) -> (Code, Vec<u8>) {
    let service = route.map(|route| route.listed.service);
    let command = route.map_or("", |route| route.listed.name);
    let (code, sentence) = failure.answer(service);
    match failure.cause() {
        Some(Cause { kind, text }) => {
            tracing::warn!(command, code = code.number(), %address, kind, cause = text, "call failed");
        }
        None => tracing::debug!(command, code = code.number(), %address, "call refused"),
    }
    (code, envelope::fail(service, code, &sentence))
}
