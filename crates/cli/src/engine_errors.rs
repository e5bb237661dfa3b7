//! Passes what the storage engine logs at the level error on to the store, whatever the log filter lets through: the
//! cause of a failure is in the engine's log only, and the store heals itself only after a shortage.

use std::fmt;

use pinfold_store::embedded;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Crates whose lines are the engine's.
const ENGINE: [&str; 2] = ["fjall", "lsm_tree"];
const MESSAGE: &str = "message";
/// Where the bridge from the crate `log` keeps the module that a line comes from.
const MODULE: &str = "log.target";

pub(crate) struct EngineErrors;

impl<S: Subscriber> Layer<S> for EngineErrors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let module = line.module.split("::").next().unwrap_or_default();
        if ENGINE.contains(&module) {
            embedded::engine_logged(&line.message);
        }
    }
}

#[derive(Default)]
struct Line {
    module: String,
    message: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == MODULE {
            value.clone_into(&mut self.module);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == MESSAGE {
            self.message = format!("{value:?}");
        }
    }
}
