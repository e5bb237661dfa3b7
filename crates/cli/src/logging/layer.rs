//! The layer of `tracing` that turns an event into a line and queues it.

use std::sync::Arc;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::line::Style;
use super::queue::Queue;
use super::throttle::Throttle;

/// Logs events. Spans are not shown: ours are for collectors, others come at the levels debug and trace only.
pub(super) struct Lines {
    style: Style,
    throttle: Arc<Throttle>,
    queue: Arc<Queue>,
}

impl Lines {
    pub(super) fn new(style: Style, throttle: Arc<Throttle>, queue: Arc<Queue>) -> Self {
        Self { style, throttle, queue }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.throttle.admit(event) {
            self.queue.push(&self.style.event(event));
        }
    }
}
