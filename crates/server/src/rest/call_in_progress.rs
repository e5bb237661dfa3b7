//! One call: its head is checked, its body read, its command run, its answer written.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use pinfold_core::rules::Signer;
use pinfold_core::{Origin, TimeMs, Via};
use pinfold_store::StoreError;
use pinfold_wire::{Code, Service, envelope};
use smol_str::SmolStr;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::callback::Callback;
use super::dispatch::{Route, Target};
use super::{answer, body, checks, coding, traces, unknown_path};
use crate::handlers::Call;
use crate::metrics::{CALLBACK, CallMeter};
use crate::net::admission::Caller;
use crate::net::heads::HeadReservation;
use crate::net::memory_budget::{MemoryBudget, Reservation};
use crate::rest::apps::App;
use crate::rest::error::{Cause, Failure};
use crate::rest::query::Query;
use crate::state::State;

/// How many times its size a body takes while the call is handled: itself, without its comments, its keys that are
/// compared, its fields, and those as values of the rules. tests/memory_of_attacks.rs has the bodies that come nearest to it.
const MEMORY_PER_BODY_BYTE: usize = 5;

/// A request whose head was checked.
enum Checked {
    Call { route: Route, app: Arc<App>, signer: Signer },
    Callback(Callback),
}

/// The place of a target among those that are measured.
fn place(target: Target) -> usize {
    match target {
        Target::Command(route) => route.place,
        Target::Callback => CALLBACK,
    }
}

/// Who asks for the changes of a call.
pub(super) fn origin(signer: &Signer, route: &Route) -> Origin {
    let command = SmolStr::new_static(route.listed.name);
    Origin { caller: Some(signer.account().clone()), via: Via::Call, command }
}

/// A call that is being answered.
pub(super) struct CallInProgress<'s> {
    state: &'s State,
    /// `None` for a path that is not known.
    target: Option<Target>,
    caller: Caller,
    bounds: body::Bounds,
    meter: CallMeter<'s>,
}

impl<'s> CallInProgress<'s> {
    pub(super) fn begin(state: &'s State, target: Option<Target>, caller: Caller, bounds: body::Bounds) -> Self {
        let meter = state.meters.call(target.map(place));
        Self { state, target, caller, bounds, meter }
    }

    /// Answers the call, in its span and with its metrics. The second value is the body of the request, if it was not
    /// read to its end.
    pub(super) async fn answer(
        self,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> (Response<Full<Bytes>>, Option<Incoming>) {
        let form = answer::Form::of(&request);
        let span = traces::call(self.target.map_or("other", Target::name));
        let result = self.handle(request, reservation).instrument(span.clone()).await;
        let is_fault = result.as_ref().is_err_and(|refused| refused.failure.cause().is_some());
        let (code, json, unread) = match result {
            Ok(json) => (None, json, None),
            Err(body::Refused { failure, unread }) => {
                let (code, json) = self.refusal(&failure);
                (Some(code), json, unread)
            }
        };
        traces::answered(&span, self.meter.app(), code, is_fault);
        let response = form.response(json);
        self.meter.answered(code, response.body().size_hint().lower());
        (response, unread)
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> Result<Vec<u8>, body::Refused<Incoming>> {
        let (head, incoming) = request.into_parts();
        let now = TimeMs(self.state.clock.ms());
        let checked = if reservation.is_some() { self.check(&head, now.0 / 1000) } else { Err(Failure::no_room()) };
        let checked = match checked {
            Ok(checked) => checked,
            Err(failure) => {
                drop((head, reservation));
                let unread = body::discard(incoming, self.bounds.unwanted()).await;
                return Err(body::Refused { failure, unread });
            }
        };
        let mut memory = self.state.net.budget.reservation();
        let body = self.read_body(&head.headers, incoming, &mut memory).await?;
        let answer = match checked {
            Checked::Call { route, app, signer } => {
                let call = Call {
                    app: &app,
                    store: &self.state.store,
                    now: now.seconds(),
                    now_ms: now,
                    origin: origin(&signer, &route),
                    target: head.uri.path_and_query().map_or("", |target| target.as_str()),
                    body: &body,
                    trims: &self.state.trims,
                    history_trims: &self.state.history_trims,
                    items: self.state.meters.items(route.place),
                    meters: &self.state.meters,
                    message_numbers: &self.state.message_numbers,
                    signer: &signer,
                    account: None,
                };
                self.in_time(route.run(call)).await?
            }
            // In a box, as the future of a command is: in place it would make that of every call as large, and it moves.
            Checked::Callback(callback) => {
                self.in_time(Box::pin(callback.answer(self.state, &body, now.seconds()))).await?
            }
        };
        Ok(answer)
    }

    /// Checks the head of the request, in the protocol's order.
    fn check(&self, head: &Parts, now: u64) -> Result<Checked, Failure> {
        let query = head.uri.query().unwrap_or("");
        let Some(target) = self.target else {
            return Err(Failure::Request(Code::NoSuchCommand, unknown_path::refusal(head.uri.path(), query)));
        };
        if head.method != Method::POST {
            let allowed = match target {
                Target::Command(_) => "POST is allowed",
                Target::Callback => "a chat service sends its callbacks with POST",
            };
            let sentence = format!("the method is {}; {allowed}", head.method);
            return Err(Failure::Request(Code::RequestNotParsable, sentence));
        }
        match target {
            Target::Command(route) => self.check_call(route, &Query::parse(query), now),
            Target::Callback => {
                Callback::check(self.state, query, &self.meter, self.caller, now).map(Checked::Callback)
            }
        }
    }

    fn check_call(&self, route: Route, query: &Query<'_>, now: u64) -> Result<Checked, Failure> {
        let app = checks::app(self.state, "sdkappid", &query.sdkappid)?;
        self.meter.of_app(&app.meters);
        let signer = checks::check(self.state, &route, &app, query, self.caller, now)?;
        Ok(Checked::Call { route, app, signer })
    }

    /// Reads and inflates the body, and reserves the memory that it takes while the call is handled.
    async fn read_body(
        &self,
        headers: &HeaderMap,
        incoming: Incoming,
        memory: &mut Reservation<&MemoryBudget>,
    ) -> Result<Bytes, body::Refused<Incoming>> {
        let body = body::read(incoming, self.bounds, memory).await?;
        self.meter.read(body.len());
        let body = coding::decode(headers, body, self.bounds.bytes_max, memory)?;
        if !memory.grow(body.len().saturating_mul(MEMORY_PER_BODY_BYTE)) {
            return Err(Failure::no_room().into());
        }
        Ok(body)
    }

    /// Waits for the answer within the time in which every call is answered. Only the store can make it wait.
    async fn in_time(&self, answer: impl Future<Output = Result<Vec<u8>, Failure>>) -> Result<Vec<u8>, Failure> {
        let run = AssertUnwindSafe(answer).catch_unwind();
        match timeout(self.state.timeouts.answer, run).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Failure::Panicked),
            Err(_) => Err(Failure::Store(StoreError::Timeout)),
        }
    }

    /// The code and the body of a refusal, which is logged. Neither holds a signature, a key or a body.
    fn refusal(&self, failure: &Failure) -> (Code, Vec<u8>) {
        let (service, form) = match self.target {
            Some(Target::Command(route)) => (Some(route.listed.service), Some(route.listed.service)),
            // Callbacks have no codes of their own, and the form of the account service.
            Some(Target::Callback) => (None, Some(Service::Account)),
            None => (None, None),
        };
        let command = self.target.map_or("", Target::name);
        let address = self.caller.nearest();
        let (code, sentence) = failure.answer(service);
        match failure.cause() {
            Some(Cause { kind, text }) => {
                tracing::warn!(command, code = code.number(), %address, kind, cause = text, "call failed");
            }
            None => tracing::debug!(command, code = code.number(), %address, "call refused"),
        }
        (code, envelope::fail(form, code, &sentence))
    }
}
