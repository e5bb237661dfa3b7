//! Sockets: who may connect, how a connection is served, and when it ends. Knows no protocol above HTTP; a request is
//! handed to a [`Respond`].

pub(crate) mod acceptor;
pub(crate) mod admission;
pub(crate) mod connection;
mod forwarded;
mod frames;
pub(crate) mod heads;
pub(crate) mod idle;
mod incoming;
pub(crate) mod listener;
mod long_answer;
pub(crate) mod memory_budget;
pub(crate) mod networks;
mod proxy_protocol;
pub(crate) mod rejections;
mod slow_reader;
pub(crate) mod tls;
mod wakers;
mod watched_stream;

use std::sync::Arc;

use admission::Admission;
use connection::Bounds;
use idle::ConnectionTimeouts;
use memory_budget::MemoryBudget;
use rejections::RejectionCounters;

use crate::config::Config;

/// What the connections of the REST plane share.
pub(crate) struct Net {
    pub(crate) admission: Admission,
    pub(crate) rejections: Arc<RejectionCounters>,
    /// For large bodies and answers.
    pub(crate) budget: Arc<MemoryBudget>,
    pub(crate) bounds: Bounds,
}

impl Net {
    pub(crate) fn new(config: &Config) -> Self {
        let rejections = Arc::<RejectionCounters>::default();
        let budget = MemoryBudget::of_mib(config.calls_mib_max);
        let bounds = Bounds {
            timeouts: ConnectionTimeouts::of(&config.timeouts),
            heads: MemoryBudget::of_mib(config.heads_mib_max),
            answers: Arc::clone(&budget),
            rejections: Arc::clone(&rejections),
        };
        Self { admission: Admission::new(config, Arc::clone(&rejections)), rejections, budget, bounds }
    }
}
