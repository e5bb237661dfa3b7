//! Hooks for `crates/fuzz-targets`: a call takes the way of a real one, without a connection. Only with the feature
//! `fuzzing`.

use std::borrow::Cow;

use pinfold_core::rules::Signer;
use pinfold_core::{AccountId, AppId, Timestamp};
use pinfold_store::Store;
use pinfold_wire::commands::COMMANDS;
use pinfold_wire::envelope;
use pinfold_wire::user_sig::SigProblem;

use super::call_in_progress::origin;
use super::callback;
use super::dispatch::Route;
use crate::config::{AppConfig, Secret};
use crate::handlers::Call;
use crate::housekeeping::{HistoryTrims, TrimQueue};
use crate::message_numbers::MessageNumbers;
use crate::messages::MessageTaker;
use crate::metrics::{CallbackOutcome, Meters};
use crate::rest::apps::App;
use crate::rest::query::{Query, parameters};
use crate::rest::signatures::Signatures;

/// `sdkappid`, `identifier` and `usersig` of a query string.
pub fn query(text: &str) -> [String; 3] {
    let Query { sdkappid, identifier, usersig } = Query::parse(text);
    [sdkappid, identifier, usersig].map(Cow::into_owned)
}

/// What is looked at in the query string of a callback: `SdkAppid`, `CallbackCommand`, `Sign` and `RequestTime`.
pub fn callback_query(text: &str) -> [String; 4] {
    parameters(text, callback::PARAMETERS).map(Cow::into_owned)
}

/// Calls of an administrator to one app that have passed every check that comes before the body.
pub struct Calls {
    app: App,
    signer: Signer,
    store: Store,
    trims: TrimQueue,
    history_trims: HistoryTrims,
    meters: Meters,
    message_numbers: MessageNumbers,
}

impl Calls {
    /// Calls to this app, over a store.
    pub fn new(app: &AppConfig, store: Store) -> Self {
        let administrator = AccountId::parse("administrator").expect("a short text is an account id");
        let signer = Signer::Administrator(administrator);
        let meters = Meters::new([app.sdkappid].into_iter());
        Self {
            app: App::new(app),
            signer,
            store,
            trims: TrimQueue::new(),
            history_trims: HistoryTrims::new(),
            meters,
            message_numbers: MessageNumbers::new(),
        }
    }

    /// The answer to a body; `place` is that of the command in [`COMMANDS`]. A panic of the handler comes through.
    pub async fn answer(&self, place: usize, now: Timestamp, body: &[u8]) -> Vec<u8> {
        let listed = COMMANDS[place];
        let target = format!("/v4/{}/{}", listed.service.path(), listed.name);
        let route = Route::find(&target).expect("every listed command is found");
        let items = self.meters.items(place);
        let call = Call {
            app: &self.app,
            store: &self.store,
            now,
            now_ms: now.into(),
            origin: origin(&self.signer, &route),
            target: &target,
            body,
            trims: &self.trims,
            history_trims: &self.history_trims,
            items,
            meters: &self.meters,
            message_numbers: &self.message_numbers,
            signer: &self.signer,
            account: None,
        };
        route.run(call).await.unwrap_or_else(|failure| {
            let (code, sentence) = failure.answer(Some(listed.service));
            envelope::fail(Some(listed.service), code, &sentence)
        })
    }
}

impl Calls {
    /// What is made of a callback that is well signed: the label of the metric; `None` if the store failed.
    pub async fn callback(&self, now: Timestamp, command: &str, body: &[u8]) -> Option<&'static str> {
        let Self { app, store, trims, meters, .. } = self;
        let taker = MessageTaker { app, store, trims, meters, now };
        callback::take(taker, command, body).await.ok().map(CallbackOutcome::as_str)
    }
}

/// Signatures, the good ones remembered as a server does those of administrators.
pub struct Remembered(Signatures);

impl Remembered {
    /// None yet.
    #[expect(clippy::new_without_default, reason = "it is never used")]
    pub fn new() -> Self {
        Self(Signatures::new())
    }

    /// Whether the signature allows a call to the app by its administrator `identifier` at `now`, in unix seconds.
    ///
    /// # Errors
    /// [`SigProblem`] if it does not.
    pub fn check(&self, app: AppId, keys: &[Secret], identifier: &str, text: &str, now: u64) -> Result<(), SigProblem> {
        self.0.check_administrator(app, &keys.into(), identifier, text, now)
    }
}
