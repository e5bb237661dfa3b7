//! Callbacks: the hosted service tells of messages and of chat groups, and what it tells is kept as if calls had said so
//! (docs/protocol.md, section 5, "Callbacks").

mod event;

use std::sync::Arc;

use pinfold_core::Timestamp;
use pinfold_wire::callback::{Answer, Body, Event, check_sign};
use pinfold_wire::{Code, Service, body, envelope};

use self::event::Receiver;
use super::checks::{self, refuse};
use super::error::Failure;
use super::query::parameters;
use crate::messages::MessageTaker;
use crate::metrics::{CallMeter, CallbackOutcome as Outcome};
use crate::net::admission::Caller;
use crate::rest::apps::App;
use crate::state::State;

/// The parameters that are looked at.
pub(super) const PARAMETERS: [&str; 4] = ["SdkAppid", "CallbackCommand", "Sign", "RequestTime"];

/// A callback that was signed with the token of its app.
pub(super) struct Callback {
    app: Arc<App>,
    /// `CallbackCommand` of the URL; empty where only the body has it.
    command: String,
}

impl Callback {
    /// Checks the URL, in the protocol's order. A bad signature does not count as a failed one of its address: it costs
    /// one hash to check, and a token is too long to be guessed.
    pub(super) fn check(
        state: &State,
        query: &str,
        meter: &CallMeter<'_>,
        caller: Caller,
        now: u64,
    ) -> Result<Self, Failure> {
        let [app_id, command, sign, request_time] = parameters(query, PARAMETERS);
        let app = checks::app(state, "SdkAppid", &app_id)?;
        meter.of_app(&app.meters);
        checks::is_enabled(&app)?;
        let Some(token) = app.callback_token() else {
            let sentence = "callbacks are switched off; app.callback_token or callback_token_file switches them on";
            return Err(refuse(Code::NoSuchCommand, sentence.to_owned()));
        };
        checks::allowed_by_plane(state, caller)?;
        check_sign(token.expose(), &request_time, &sign, now)
            .map_err(|problem| refuse(Code::SigOfOtherKey, problem.to_string()))?;
        checks::has_room(state)?;
        Ok(Self { command: command.into_owned(), app })
    }

    /// Takes over what the body tells. Whatever it is, the sender learns that it arrived; it would not send it again.
    pub(super) async fn answer(&self, state: &State, body: &[u8], now: Timestamp) -> Result<Vec<u8>, Failure> {
        let State { store, trims, meters, .. } = state;
        let taker = MessageTaker { app: &self.app, store, trims, meters, now };
        let outcome = take(taker, &self.command, body).await?;
        meters.callback(&self.app.meters, outcome);
        Ok(envelope::ok(Service::Account, &Answer {}))
    }
}

/// Takes over what a body tells; `command` is that of the URL, or empty.
pub(super) async fn take(taker: MessageTaker<'_>, command: &str, body: &[u8]) -> Result<Outcome, Failure> {
    let named = Event::from_command(command);
    if named.is_none() && !command.is_empty() {
        return Ok(Outcome::OtherCommand);
    }
    let Ok(body) = body::read_bounded::<Body>(body, 0) else { return Ok(Outcome::Unreadable) };
    let of_body = || Event::from_command(body.callback_command.given()?);
    let Some(event) = named.or_else(of_body) else { return Ok(Outcome::OtherCommand) };
    Receiver(taker).receive(event, &body).await
}
