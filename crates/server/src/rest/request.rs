//! One request from its first byte to its answer.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, Version};
use tokio::time::Instant;

use super::answer::AnswerBody;
use super::call_in_progress::CallInProgress;
use super::dispatch::Target;
use super::{answer, body};
use crate::net::admission::Caller;
use crate::net::connection::HEADERS_MAX;
use crate::net::heads::HeadReservation;
use crate::state::State;

/// Answers one request. A refusal is an answer with status 200, so this cannot fail. Without a reservation there is no
/// memory for the head of the request.
pub(crate) async fn respond(
    state: &Arc<State>,
    caller: Caller,
    request: Request<Incoming>,
    reservation: Option<HeadReservation>,
) -> Response<AnswerBody> {
    let version = request.version();
    let target = Target::find(request.uri().path());
    let bounds = body_bounds(state, request.headers());
    let (mut response, unread) = match answer_without_call(&request, target) {
        Some(response) => (response, body::discard(request.into_body(), bounds.unwanted()).await),
        None => CallInProgress::begin(state, target, caller, bounds).answer(request, reservation).await,
    };
    if let Some(unread) = unread {
        end_unread(&mut response, version, unread, bounds);
    }
    response
}

/// The answer to a request that is not a call: a browser's preflight, or one with too many headers.
fn answer_without_call(request: &Request<Incoming>, target: Option<Target>) -> Option<Response<AnswerBody>> {
    // The HTTP layer counts those of HTTP/1 only.
    if request.headers().len() > HEADERS_MAX {
        return Some(answer::too_many_headers());
    }
    target.filter(|_| request.method() == Method::OPTIONS).map(answer::preflight)
}

/// The limits within which the body of a request is read.
fn body_bounds(state: &State, headers: &HeaderMap) -> body::Bounds {
    body::Bounds {
        bytes_max: state.body_bytes_max,
        began: Instant::now(),
        time_max: state.timeouts.body,
        is_awaited: headers.contains_key(header::EXPECT),
    }
}

/// Prepares an answer to a request of which a part has not arrived yet. An HTTP/1 connection cannot be used again and
/// is closed. An HTTP/2 stream would be reset as soon as the answer is out, and clients drop an answer that comes with a
/// reset, so the rest of the body is read for a while.
fn end_unread(response: &mut Response<AnswerBody>, version: Version, unread: Incoming, bounds: body::Bounds) {
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return;
    }
    let bounds = body::Bounds { began: Instant::now(), ..bounds.unwanted() };
    tokio::spawn(body::discard(unread, bounds));
}
