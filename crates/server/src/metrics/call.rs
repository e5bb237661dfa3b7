//! Metrics of calls: number, duration, size, code.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use pinfold_core::AppId;
use pinfold_wire::Code;
use pinfold_wire::commands::COMMANDS;
use pinfold_wire::pinfold::watch;
use prometheus::{Histogram, IntCounter};

use super::Meters;
use super::counted::Counted;

/// The label of apps that are not configured, and of paths that are not commands.
const OTHER: &str = "other";
/// The place of `watch`, after those of the commands in [`COMMANDS`].
pub(crate) const WATCH: usize = COMMANDS.len();
/// The place of callbacks.
pub(crate) const CALLBACK: usize = WATCH + 1;
/// The place of calls of no command.
const NO_COMMAND: usize = CALLBACK + 1;
const SUCCESS: &str = "0";

/// Calls over a rate.
const TOO_OFTEN: [Code; 2] = [Code::CommandTooOften, Code::AppTooOften];
/// Calls whose caller is not authenticated, or not permitted; with the label `reason`.
const NOT_AUTHENTICATED: [(Code, &str); 12] = [
    (Code::CallerMissing, "no_identifier"),
    (Code::SigMissing, "no_signature"),
    (Code::SigUnreadable, "unreadable"),
    (Code::SigExpired, "expired"),
    (Code::SigOfOtherKey, "other_key"),
    (Code::SigOfOtherIdentifier, "other_identifier"),
    (Code::SigOfOtherApp, "other_app"),
    (Code::SigTooManyFailed, "too_many_failed"),
    (Code::NotAdministrator, "not_permitted"),
    (Code::AccountNotAdministrator, "not_permitted"),
    (Code::GroupNoPermission, "not_permitted"),
    (Code::MessageNotAdministrator, "not_permitted"),
];

/// The handles of one command.
pub(super) struct CommandMetrics {
    name: &'static str,
    seconds: Histogram,
    items: Histogram,
    request_bytes: IntCounter,
    answer_bytes: IntCounter,
}

impl CommandMetrics {
    /// In the order of [`COMMANDS`], then for `watch`, callbacks and calls of no command.
    pub(super) fn all(counted: &Counted) -> Vec<Self> {
        let of_command = |name| Self {
            name,
            seconds: counted.call_seconds.with_label_values(&[name]),
            items: counted.call_items.with_label_values(&[name]),
            request_bytes: counted.request_bytes.with_label_values(&[name]),
            answer_bytes: counted.answer_bytes.with_label_values(&[name]),
        };
        let others = [watch::NAME, "callback", OTHER];
        COMMANDS.iter().map(|command| command.name).chain(others).map(of_command).collect()
    }
}

/// The label of one app, and its counters of successful calls, each made at its first use.
pub(crate) struct AppMetrics {
    label: String,
    answered: [OnceLock<IntCounter>; NO_COMMAND],
    touches: OnceLock<IntCounter>,
}

impl AppMetrics {
    pub(crate) fn new(app: AppId) -> Self {
        Self { label: app.0.to_string(), answered: [const { OnceLock::new() }; NO_COMMAND], touches: OnceLock::new() }
    }

    /// The value of the label `app`.
    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

/// One call that is being answered. It counts as in flight until this is dropped, and as abandoned if that is
/// before its answer.
pub(crate) struct CallMeter<'s> {
    meters: &'s Meters,
    /// The place of its command.
    command: usize,
    /// Empty until the app is known.
    app: OnceLock<Arc<AppMetrics>>,
    began: Instant,
    is_answered: bool,
}

impl Meters {
    /// Makes the counters of an app's refusals begin at 0: a series that begins at 1 shows no increase.
    pub(crate) fn begin_app(&self, app: AppId) {
        let label = app.0.to_string();
        self.counted.rate_limited.with_label_values(&[&label]);
        self.counted.touches.with_label_values(&[&label]);
        self.begin_callbacks(app);
        self.begin_watchers(&label);
    }

    /// Makes the counters without an app begin at 0.
    pub(super) fn begin_refusals(&self) {
        for (_, reason) in NOT_AUTHENTICATED {
            self.counted.failed_authentications.with_label_values(&[reason]);
        }
    }

    /// A call of the command at this place in [`COMMANDS`], or of none, begins.
    pub(crate) fn call(&self, command: Option<usize>) -> CallMeter<'_> {
        self.counted.in_flight.inc();
        let command = command.unwrap_or(NO_COMMAND);
        CallMeter { meters: self, command, app: OnceLock::new(), began: Instant::now(), is_answered: false }
    }

    /// The histogram of how many items calls of this command name.
    pub(crate) fn items(&self, command: usize) -> &Histogram {
        &self.by_command[command].items
    }

    /// So many times of messages of an app were kept.
    pub(crate) fn touched(&self, app: &AppMetrics, count: usize) {
        let counter = || self.counted.touches.with_label_values(&[app.label()]);
        app.touches.get_or_init(counter).inc_by(count as u64);
    }

    /// Refusals are rare: their counters are looked up each time.
    fn refused(&self, app: &str, command: &str, code: Code) {
        self.counted.calls.with_label_values(&[app, command, &code.number().to_string()]).inc();
        if TOO_OFTEN.contains(&code) {
            self.counted.rate_limited.with_label_values(&[app]).inc();
        }
        if let Some((_, reason)) = NOT_AUTHENTICATED.iter().find(|(of, _)| *of == code) {
            self.counted.failed_authentications.with_label_values(&[reason]).inc();
        }
    }
}

impl<'s> CallMeter<'s> {
    /// The call is for this app.
    pub(crate) fn of_app(&self, app: &Arc<AppMetrics>) {
        let _ = self.app.set(Arc::clone(app));
    }

    /// The label of its app in metrics and traces; `None` if it is for none.
    pub(crate) fn app(&self) -> Option<&str> {
        self.app.get().map(|app| app.label())
    }

    /// Its body was read.
    pub(crate) fn read(&self, bytes: usize) {
        self.of_command().request_bytes.inc_by(bytes as u64);
    }

    /// It is answered: with success, or with a code.
    pub(crate) fn answered(mut self, refusal: Option<Code>, bytes: u64) {
        self.is_answered = true;
        let of_command = self.of_command();
        of_command.seconds.observe(self.began.elapsed().as_secs_f64());
        of_command.answer_bytes.inc_by(bytes);
        match (refusal, self.app.get()) {
            (Some(code), _) => self.meters.refused(self.app().unwrap_or(OTHER), of_command.name, code),
            (None, Some(app)) => self.succeeded(app).inc(),
            (None, None) => {}
        }
    }

    fn succeeded<'a>(&self, app: &'a AppMetrics) -> &'a IntCounter {
        let labels = [app.label(), self.of_command().name, SUCCESS];
        app.answered[self.command].get_or_init(|| self.meters.counted.calls.with_label_values(&labels))
    }

    fn of_command(&self) -> &'s CommandMetrics {
        &self.meters.by_command[self.command]
    }
}

impl Drop for CallMeter<'_> {
    fn drop(&mut self) {
        self.meters.counted.in_flight.dec();
        if !self.is_answered {
            self.meters.counted.abandoned.inc();
        }
    }
}
