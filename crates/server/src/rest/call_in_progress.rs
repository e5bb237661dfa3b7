//! One call: its head is checked, its body read, its command run, its answer written.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
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

use super::answer::AnswerBody;
use super::callback::Callback;
use super::dispatch::{Route, Target};
use super::watch::Watch;
use super::{answer, body, checks, coding, traces, unknown_path};
use crate::handlers::Call;
use crate::live::Watcher;
use crate::metrics::{CALLBACK, CallMeter, WATCH};
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
    Read(WithBody),
    Watch(Watch),
}

/// A request whose body is read.
enum WithBody {
    Call { route: Route, app: Arc<App>, signer: Signer },
    Callback(Callback),
}

/// What a request is answered with.
enum Answered {
    Json(Vec<u8>),
    Stream(Watcher),
}

/// The place of a target among those that are measured.
fn place(target: Target) -> usize {
    match target {
        Target::Command(route) => route.place,
        Target::Watch => WATCH,
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
    state: &'s Arc<State>,
    /// `None` for a path that is not known.
    target: Option<Target>,
    caller: Caller,
    bounds: body::Bounds,
    meter: CallMeter<'s>,
}

impl<'s> CallInProgress<'s> {
    pub(super) fn begin(state: &'s Arc<State>, target: Option<Target>, caller: Caller, bounds: body::Bounds) -> Self {
        let meter = state.meters.call(target.map(place));
        Self { state, target, caller, bounds, meter }
    }

    /// Answers the call, in its span and with its metrics. The second value is the body of the request, if it was not
    /// read to its end.
    pub(super) async fn answer(
        self,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> (Response<AnswerBody>, Option<Incoming>) {
        let form = answer::Form::of(&request);
        let span = traces::call(self.target.map_or("other", Target::name));
        let result = self.handle(request, reservation).instrument(span.clone()).await;
        let is_fault = result.as_ref().is_err_and(|refused| refused.failure.cause().is_some());
        let (code, response, unread) = match result {
            Ok(Answered::Json(json)) => (None, form.response(json), None),
            Ok(Answered::Stream(watcher)) => (None, answer::event_stream(watcher.into_body()), None),
            Err(body::Refused { failure, unread }) => {
                let (code, json) = self.refusal(&failure);
                (Some(code), form.response(json), unread)
            }
        };
        traces::answered(&span, self.meter.app(), code, is_fault);
        self.meter.answered(code, response.body().size_hint().lower());
        (response, unread)
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> Result<Answered, body::Refused<Incoming>> {
        let (head, incoming) = request.into_parts();
        let now = TimeMs(self.state.clock.ms());
        let checked = if reservation.is_some() { self.check(&head, now.0 / 1000) } else { Err(Failure::no_room()) };
        let checked = match checked {
            Ok(Checked::Read(checked)) => checked,
            Ok(Checked::Watch(watch)) => {
                drop((head, reservation));
                let begun = self.in_time(Box::pin(watch.begin(self.state))).await;
                return match begun {
                    Ok(watcher) => Ok(Answered::Stream(watcher)),
                    Err(failure) => Err(self.refuse(failure, incoming).await),
                };
            }
            Err(failure) => {
                drop((head, reservation));
                return Err(self.refuse(failure, incoming).await);
            }
        };
        let mut memory = self.state.net.budget.reservation();
        let body = self.read_body(&head.headers, incoming, &mut memory).await?;
        let answer = match checked {
            WithBody::Call { route, app, signer } => {
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
            WithBody::Callback(callback) => {
                self.in_time(Box::pin(callback.answer(self.state, &body, now.seconds()))).await?
            }
        };
        Ok(Answered::Json(answer))
    }

    /// Refuses a request whose body was not read.
    async fn refuse(&self, failure: Failure, incoming: Incoming) -> body::Refused<Incoming> {
        body::Refused { failure, unread: body::discard(incoming, self.bounds.unwanted()).await }
    }

    /// Checks the head of the request, in the protocol's order.
    fn check(&self, head: &Parts, now: u64) -> Result<Checked, Failure> {
        let query = head.uri.query().unwrap_or("");
        let Some(target) = self.target else {
            return Err(Failure::Request(Code::NoSuchCommand, unknown_path::refusal(head.uri.path(), query)));
        };
        let (method, allowed) = match target {
            Target::Command(_) => (Method::POST, "POST is allowed"),
            Target::Watch => (Method::GET, "GET is allowed"),
            Target::Callback => (Method::POST, "a chat service sends its callbacks with POST"),
        };
        if head.method != method {
            let sentence = format!("the method is {}; {allowed}", head.method);
            return Err(Failure::Request(Code::RequestNotParsable, sentence));
        }
        match target {
            Target::Command(route) => self.check_call(route, &Query::parse(query), now),
            Target::Watch => Watch::check(self.state, head, &self.meter, self.caller, now).map(Checked::Watch),
            Target::Callback => {
                let checked = Callback::check(self.state, query, &self.meter, self.caller, now);
                checked.map(|callback| Checked::Read(WithBody::Callback(callback)))
            }
        }
    }

    fn check_call(&self, route: Route, query: &Query<'_>, now: u64) -> Result<Checked, Failure> {
        let app = checks::app(self.state, "sdkappid", &query.sdkappid)?;
        self.meter.of_app(&app.meters);
        let signer = checks::check(self.state, &route, &app, query, self.caller, now)?;
        Ok(Checked::Read(WithBody::Call { route, app, signer }))
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
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
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
            Some(Target::Watch) => (Some(Service::Pinfold), Some(Service::Pinfold)),
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
