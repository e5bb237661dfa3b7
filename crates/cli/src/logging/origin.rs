//! The place in the code that an event comes from.
//!
//! Records of the `log` facade, such as the storage engine's, share one callsite for each level and carry their place
//! in fields.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tracing::Event;
use tracing::field::{Field, Visit};

const OF_LOG: &str = "log.";
const TARGET: &str = "log.target";
const FILE: &str = "log.file";
const LINE: &str = "log.line";
/// Tells events of one place apart whose lines are limited each for itself.
const KIND: &str = "kind";

/// Whether a field is the place of a record of the `log` facade.
pub(super) fn is_of_log(field: &Field) -> bool {
    field.name().starts_with(OF_LOG)
}

/// A place, for people.
#[derive(Default)]
pub(super) struct Origin {
    pub(super) target: String,
    line: u64,
    kind: Option<String>,
}

impl Origin {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let mut origin =
            Self { target: metadata.target().to_owned(), line: metadata.line().unwrap_or_default().into(), kind: None };
        event.record(&mut origin);
        origin
    }

    /// Target, line and kind as one word: `pinfold_server::rest::call_in_progress:150(timeout)`.
    pub(super) fn name(&self) -> String {
        let kind = self.kind.as_ref().map(|kind| format!("({kind})")).unwrap_or_default();
        format!("{}:{}{kind}", self.target, self.line)
    }
}

impl Visit for Origin {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            TARGET => value.clone_into(&mut self.target),
            KIND => self.kind = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == LINE {
            self.line = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// A number for the place and kind of an event. It is made for every event, so it formats nothing.
pub(super) fn key(event: &Event<'_>) -> u64 {
    let mut key = Key(DefaultHasher::new());
    event.metadata().callsite().hash(&mut key.0);
    event.record(&mut key);
    key.0.finish()
}

struct Key(DefaultHasher);

impl Visit for Key {
    fn record_str(&mut self, field: &Field, value: &str) {
        if [FILE, KIND].contains(&field.name()) {
            value.hash(&mut self.0);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == LINE {
            value.hash(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
