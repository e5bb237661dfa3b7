//! Spans of calls, sent to a collector.
//!
//! They wait in a queue with a bound for a thread of their own. If the collector is slow or away the queue fills
//! and further spans are dropped: no call ever waits for one.

mod client;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use pinfold_server::config::Loaded;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::failure::Failure;
use client::Sender;

/// Spans that may wait; further ones are dropped.
const WAITING_MAX: usize = 2048;
/// Time for one batch to reach the collector.
const SEND_MAX: Duration = Duration::from_secs(3);
/// Time for what is left when the process ends.
const END_MAX: Duration = Duration::from_secs(2);

/// This build can send to whatever collector a configuration names.
pub(crate) fn check(_: &Loaded) -> Result<(), Failure> {
    Ok(())
}

/// The way to a collector.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send to the collector of the configuration, if it names one; whether it is there does not matter.
    pub(crate) fn start(loaded: &Loaded) -> Result<Option<Self>, Failure> {
        loaded.config.otlp_endpoint.as_deref().map(Self::to).transpose()
    }

    /// To a base URL.
    fn to(endpoint: &str) -> Result<Self, Failure> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(SEND_MAX)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_timeout(SEND_MAX)
            .build()
            .map_err(|error| Failure::new(format!("no traces can be sent to {endpoint}: {error}")))?;
        let queue = BatchConfigBuilder::default().with_max_queue_size(WAITING_MAX).build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(queue).build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name("pinfold").with_attribute(version).build();
        Ok(Self(SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource).build()))
    }

    /// Takes spans. It needs a filter: what it is given goes to the collector.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let bridge = tracing_opentelemetry::layer().with_tracer(self.0.tracer("pinfold"));
        bridge.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false)
    }

    /// Sends the spans that are left, for a moment. Spans that do not get through then are lost.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(END_MAX) {
            tracing::warn!(cause = %error, "the last traces were not sent");
        }
    }
}
