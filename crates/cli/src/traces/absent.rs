//! Replaces `traces` in a build without the feature `otlp`.

use pinfold_server::config::Loaded;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;

use crate::failure::Failure;

/// Refuses a configuration that wants traces: without the refusal an operator would wait for spans that never come.
pub(crate) fn check(loaded: &Loaded) -> Result<(), Failure> {
    if loaded.config.otlp_endpoint.is_none() {
        return Ok(());
    }
    let origin = loaded.origin("otlp_endpoint").map(ToString::to_string).unwrap_or_default();
    Err(Failure::new(format!(
        "otlp_endpoint is set, but this build has no traces; build it with --features otlp, or remove the key ({origin})"
    )))
}

/// Never made.
pub(crate) enum Traces {}

impl Traces {
    pub(crate) fn start(loaded: &Loaded) -> Result<Option<Self>, Failure> {
        check(loaded).map(|()| None)
    }

    pub(crate) fn layer<S: Subscriber>(&self) -> impl Layer<S> + use<S> {
        Identity::new()
    }

    pub(crate) fn end(self) {
        match self {}
    }
}
