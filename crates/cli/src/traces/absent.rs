//! In the place of `traces` in a build without the feature `otlp`.

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;

use crate::failure::Failure;

/// Never made.
pub(crate) enum Traces {}

impl Traces {
    pub(crate) fn start(_: &str) -> Result<Self, Failure> {
        Err(Failure::new("otlp_endpoint is set, but this build has no traces: build it with the feature otlp"))
    }

    pub(crate) fn layer<S: Subscriber>(&self) -> impl Layer<S> + use<S> {
        Identity::new()
    }

    pub(crate) fn end(self) {
        match self {}
    }
}
