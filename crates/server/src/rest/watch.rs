//! `watch`: who may watch whose changes from where on, checked in the protocol's order (docs/protocol.md, section 8).

use std::borrow::Cow;
use std::sync::Arc;

use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use pinfold_core::rules::{self, Signer};
use pinfold_core::{AccountId, Refusal};
use pinfold_store::AccountKey;
use pinfold_wire::pinfold::watch;
use pinfold_wire::user_sig::UserSig;
use pinfold_wire::{Code, Service};

use super::checks::{self, refuse};
use super::error::Failure;
use super::query::{Query, parameters};
use crate::live::{Permission, Since, Watcher};
use crate::metrics::{CallMeter, WATCH};
use crate::net::admission::Caller;
use crate::state::State;

/// A request to watch whose head was checked.
pub(super) struct Watch {
    account: AccountKey,
    since: Since,
    permission: Permission,
}

impl Watch {
    /// Checks the head of the request.
    pub(super) fn check(
        state: &State,
        head: &Parts,
        meter: &CallMeter<'_>,
        caller: Caller,
        now: u64,
    ) -> Result<Self, Failure> {
        let text = head.uri.query().unwrap_or("");
        let query = Query::parse(text);
        let app = checks::app(state, "sdkappid", &query.sdkappid)?;
        meter.of_app(&app.meters);
        let signer = checks::signer(state, &app, &query, Service::Pinfold, caller, now)?;
        checks::is_not_too_often(state, &app, &signer, WATCH, watch::NAME)?;
        checks::has_room(state)?;
        let [account, after] = parameters(text, ["account", "after"]);
        let account = AccountKey { app: app.id, account: watched(&signer, &account)? };
        let since = last_event_id(&head.headers).or((!after.is_empty()).then_some(after));
        let since = since.map_or(Since::Now, |cursor| Since::of_cursor(&account, &cursor));
        // It was read before: no signature comes here that cannot be.
        let valid_until = UserSig::decode(&query.usersig).map_or(now, |signature| signature.claims().valid_until());
        let (identifier, usersig) = (query.identifier.into(), query.usersig.into());
        Ok(Self { account, since, permission: Permission { app, identifier, usersig, valid_until } })
    }

    /// Takes a place and begins to watch.
    pub(super) async fn begin(self, state: &Arc<State>) -> Result<Watcher, Failure> {
        let Self { account, since, permission } = self;
        let policy = &permission.app.policy;
        // Before the account is read, so that no change comes in between. The refusals have another order.
        let subscription = state.hub.subscribe(&account, &policy.limits);
        // The head alone: the accounts of thousands of idle streams need no room in the cache.
        let position = state.store.position(&account).await?;
        if !policy.knows_account(&account.account, position.is_some_and(|position| position.imported)) {
            return Err(Refusal::AccountNotImported(account.account).into());
        }
        let subscription = subscription.map_err(|full| refuse(Code::Overloaded, full.to_string()))?;
        Ok(Watcher::begin(Arc::clone(state), subscription, permission, since, position).await?)
    }
}

/// The account that is watched: the one that the URL names, or the signer.
fn watched(signer: &Signer, named: &str) -> Result<AccountId, Failure> {
    let parsed = AccountId::parse(named).map_err(|problem| Refusal::Malformed(format!("account {problem}")));
    match signer {
        Signer::Administrator(_) if named.is_empty() => {
            Err(Refusal::Malformed("account is missing in the URL".to_owned()).into())
        }
        Signer::Administrator(_) | Signer::Account(_) => {
            rules::arranged_by(signer, (!named.is_empty()).then_some(parsed)).map_err(of_the_url)
        }
    }
}

/// A refusal of the account, by its name in the URL.
fn of_the_url(refusal: Refusal) -> Failure {
    if !matches!(refusal, Refusal::OtherAccount { .. }) {
        return refusal.into();
    }
    refuse(Code::NotAdministrator, refusal.to_string().replacen("From_Account is", "account is", 1))
}

/// The cursor of a browser that comes back. It asks for the URL as before, so what that says is older.
fn last_event_id(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let last = headers.get_all("last-event-id").into_iter().next_back()?;
    Some(String::from_utf8_lossy(last.as_bytes())).filter(|cursor| !cursor.is_empty())
}
