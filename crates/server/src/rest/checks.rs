//! What is checked before a body is read, in the protocol's order (docs/protocol.md, section 1).

use std::net::IpAddr;
use std::sync::Arc;

use pinfold_core::rules::Signer;
use pinfold_core::{AppId, AppPolicy, Messages};
use pinfold_store::AccountKey;
use pinfold_wire::{Code, Service};

use super::dispatch::Route;
use crate::net::admission::Caller;
use crate::net::rejections::count;
use crate::rest::apps::App;
use crate::rest::error::Failure;
use crate::rest::query::Query;
use crate::rest::signer;
use crate::state::State;

/// Who signed the call, which is allowed and not too often.
pub(crate) fn check(
    state: &State,
    route: &Route,
    app: &App,
    query: &Query<'_>,
    caller: Caller,
    now: u64,
) -> Result<Signer, Failure> {
    let signer = signer(state, app, query, route.listed.service, caller, now)?;
    messages_are_on(&app.policy, route)?;
    is_not_too_often(state, app, &signer, route.place, route.listed.name)?;
    has_room(state)?;
    Ok(signer)
}

/// Who signed, if a call of this service is allowed.
pub(super) fn signer(
    state: &State,
    app: &App,
    query: &Query<'_>,
    service: Service,
    caller: Caller,
    now: u64,
) -> Result<Signer, Failure> {
    is_enabled(app)?;
    let address = allowed(state, app, query, caller)?;
    signature(state, app, query, address, now)?;
    signer::permitted(&app.policy, &query.identifier, service)
}

/// Refuses a disabled app.
pub(super) fn is_enabled(app: &App) -> Result<(), Failure> {
    if app.disabled { Err(refuse(Code::AppDisabled, format!("app {} is disabled", app.id.0))) } else { Ok(()) }
}

/// Refuses a further call while those that are answered take all the memory they may.
pub(super) fn has_room(state: &State) -> Result<(), Failure> {
    if state.net.budget.has_room() { Ok(()) } else { Err(Failure::no_room()) }
}

/// Refuses a command of messages to an app that does not use them.
fn messages_are_on(policy: &AppPolicy, route: &Route) -> Result<(), Failure> {
    if !route.sends_messages || policy.messages == Messages::Touch {
        return Ok(());
    }
    let path = format!("{}/{}", route.listed.service.path(), route.listed.name);
    let sentence = format!("{path} is switched off; app.messages = \"touch\" switches it on");
    Err(refuse(Code::NoSuchCommand, sentence))
}

/// Refuses what is called too often: of administrators each command has a rate, and an account that calls for itself has
/// one.
pub(super) fn is_not_too_often(
    state: &State,
    app: &App,
    signer: &Signer,
    place: usize,
    name: &str,
) -> Result<(), Failure> {
    let called = match signer {
        Signer::Administrator(_) if app.may_call(place) => return Ok(()),
        Signer::Administrator(_) => format!("{name} is called"),
        Signer::Account(account) => {
            let key = AccountKey { app: app.id, account: account.clone() };
            if state.account_rates.may_call(&key, app.user_calls_per_second_max()) {
                return Ok(());
            }
            format!("account \"{account}\" calls")
        }
    };
    Err(refuse(Code::CommandTooOften, format!("{called} too often; wait a moment and call again")))
}

/// The caller's address, which the plane allows, and the app where its list holds for who claims to call.
fn allowed(state: &State, app: &App, query: &Query<'_>, caller: Caller) -> Result<IpAddr, Failure> {
    let address = allowed_by_plane(state, caller)?;
    if app.allows(address, &query.identifier) {
        return Ok(address);
    }
    Err(not_allowed(state, format!("calls from {address} are not allowed for this app")))
}

/// The caller's address, which the plane allows.
pub(super) fn allowed_by_plane(state: &State, caller: Caller) -> Result<IpAddr, Failure> {
    let sentence = match caller {
        Caller::At(address) if !state.net.admission.allows(address) => format!("calls from {address} are not allowed"),
        Caller::At(address) => return Ok(address),
        Caller::Unnamed { .. } => "the proxy does not give the caller's address in a form that can be read".to_owned(),
    };
    Err(not_allowed(state, sentence))
}

fn not_allowed(state: &State, sentence: String) -> Failure {
    count(&state.net.rejections.calls_not_allowed);
    refuse(Code::AddressNotAllowed, sentence)
}

/// Finds the app of a call, disabled or not; `parameter` is the name under which the URL has its id.
pub(crate) fn app(state: &State, parameter: &str, sdkappid: &str) -> Result<Arc<App>, Failure> {
    let missing = |sentence: &str| refuse(Code::AppIdMissing, format!("{parameter} {sentence}"));
    let id = match sdkappid {
        "" => return Err(missing("is missing in the URL")),
        // `parse` alone would take a sign.
        digits if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().unwrap_or(0),
        _ => 0,
    };
    if id == 0 {
        return Err(missing("in the URL must be a decimal number from 1 to 4294967295"));
    }
    state.app(AppId(id)).ok_or_else(|| refuse(Code::AppUnknown, format!("there is no app {id}")))
}

fn signature(state: &State, app: &App, query: &Query<'_>, address: IpAddr, now: u64) -> Result<(), Failure> {
    if query.identifier.is_empty() {
        return Err(refuse(Code::CallerMissing, "identifier is missing in the URL".to_owned()));
    }
    if state.failed_signatures.too_many(address, now) {
        count(&state.net.rejections.throttled);
        let sentence = "too many bad signatures from this address; try again in a minute".to_owned();
        return Err(refuse(Code::SigTooManyFailed, sentence));
    }
    state.signatures.check(app, &query.identifier, &query.usersig, now).map_err(|problem| {
        if problem.may_be_guess() && state.failed_signatures.failed(address, now) {
            tracing::warn!(%address, "too many bad signatures; further calls from there are refused for a minute");
        }
        refuse(problem.code(), problem.to_string())
    })
}

pub(super) fn refuse(code: Code, sentence: String) -> Failure {
    Failure::Request(code, sentence)
}
