//! One request from its first byte to its answer.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use pinfold_core::Timestamp;
use pinfold_store::StoreError;
use pinfold_wire::{Code, envelope};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::dispatch::Route;
use super::traces;
use super::{answer, body, checks, coding, unknown_path};
use crate::handlers::Call;
use crate::metrics::CallMeter;
use crate::net::admission::Caller;
use crate::net::connection::HEADERS_MAX;
use crate::net::heads::HeadReservation;
use crate::rest::error::{Cause, Failure};
use crate::rest::query::Query;
use crate::state::State;

/// How many times its size a body takes while it is worked on: itself, without its comments, its keys that are compared,
/// its fields, and those as values of the rules. tests/memory.rs has the bodies that come nearest to it.
const WORKED_ON_FACTOR: usize = 5;

/// A request as it came.
struct Arrival {
    caller: Caller,
    request: Request<Incoming>,
    /// The memory of its head; none if there is no room for it.
    reservation: Option<HeadReservation>,
    bounds: body::Bounds,
}

/// Answers one request. What the protocol can say is said with status 200, so this cannot fail. Without a reservation there
/// is no room for its head.
pub(crate) async fn respond(
    state: &State,
    caller: Caller,
    mut request: Request<Incoming>,
    reservation: Option<HeadReservation>,
) -> Response<Full<Bytes>> {
    let gzip = answer::wants_gzip(request.headers());
    let route = Route::find(request.uri().path());
    let is_probe = answer::is_probe(request.uri().path());
    let is_preflight = route.is_some() && request.method() == Method::OPTIONS;
    // The HTTP layer counts those of HTTP/1 only.
    let has_too_many_headers = request.headers().len() > HEADERS_MAX;
    if is_preflight || has_too_many_headers {
        let mut response = if has_too_many_headers { answer::too_many_headers() } else { answer::preflight() };
        let bounds = body_bounds(state, request.headers()).unwanted();
        if !body::discard(request.body_mut(), bounds).await {
            end_unread(&mut response, request.version(), request.into_body(), bounds);
        }
        return response;
    }
    let version = request.version();
    let is_connect = request.method() == Method::CONNECT;
    let mut unread = None;
    let mut meter = state.meters.call(route.map(|route| route.place));
    let span = traces::call(route.map_or("other", |route| route.listed.name));
    let bounds = body_bounds(state, request.headers());
    let arrival = Arrival { caller, request, reservation, bounds };
    let handled = handle(state, arrival, route.as_ref(), &mut unread, &mut meter);
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
    if let Some(incoming) = unread {
        end_unread(&mut response, version, incoming, bounds);
    }
    response
}

/// How the body of a request may be read.
fn body_bounds(state: &State, headers: &HeaderMap) -> body::Bounds {
    body::Bounds {
        bytes_max: state.body_bytes_max,
        began: Instant::now(),
        time_max: state.timeouts.body,
        is_awaited: headers.contains_key(header::EXPECT),
    }
}

/// Answers although a part of the request is still on its way. Over HTTP/1 the connection is of no use any more. Over
/// HTTP/2 the stream would be reset as soon as the answer is out, and clients drop an answer that comes with a reset;
/// so what is on its way is read for a while more.
fn end_unread(response: &mut Response<Full<Bytes>>, version: Version, mut incoming: Incoming, bounds: body::Bounds) {
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return;
    }
    let bounds = body::Bounds { began: Instant::now(), ..bounds.unwanted() };
    tokio::spawn(async move { body::discard(&mut incoming, bounds).await });
}

/// The answer to a request. `unread` is its body if a part of that is still on its way.
async fn handle(
    state: &State,
    arrival: Arrival,
    route: Option<&Route>,
    unread: &mut Option<Incoming>,
    meter: &mut CallMeter<'_>,
) -> Result<Vec<u8>, Failure> {
    let Arrival { caller, request, reservation, bounds } = arrival;
    let (head, mut incoming) = request.into_parts();
    let now = (state.clock)();
    let checked = match route {
        _ if reservation.is_none() => Err(Failure::no_room()),
        None => Err(Failure::Request(Code::NoSuchCommand, unknown_path::refusal(head.uri.path()))),
        Some(_) if head.method != Method::POST => {
            Err(Failure::Request(Code::RequestNotParsable, format!("the method is {}; POST is allowed", head.method)))
        }
        Some(route) => {
            let query = Query::parse(head.uri.query().unwrap_or(""));
            checks::app(state, &query.sdkappid).and_then(|app| {
                meter.of_app(Arc::clone(&app.meters));
                checks::check(state, route, &app, &query, caller, now)?;
                Ok((route, app))
            })
        }
    };
    let (route, app) = match checked {
        Ok(checked) => checked,
        Err(failure) => {
            drop((head, reservation));
            if !body::discard(&mut incoming, bounds.unwanted()).await {
                *unread = Some(incoming);
            }
            return Err(failure);
        }
    };
    let mut budget = state.net.budget.reservation();
    let read = body::read(&mut incoming, bounds, &mut budget).await;
    let body = read.map_err(|refused| {
        *unread = refused.broken.then_some(incoming);
        refused.failure
    })?;
    meter.read(body.len());
    let body = coding::decode(&head.headers, body, bounds.bytes_max, &mut budget)?;
    if !budget.grow(body.len().saturating_mul(WORKED_ON_FACTOR)) {
        return Err(Failure::no_room());
    }
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let now = Timestamp(u32::try_from(now).unwrap_or(u32::MAX).min(i32::MAX as u32));
    let items = state.meters.items(route.place);
    let call = Call { app: &app, store: &state.store, now, target, body: &body, items };
    in_time(state, route, &call).await
}

/// Runs the command within the time every call is answered in. Only the store can make it wait.
async fn in_time(state: &State, route: &Route, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
    let run = AssertUnwindSafe(route.run(call)).catch_unwind();
    match timeout(state.timeouts.answer, run).await {
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
