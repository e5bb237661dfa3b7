//! The load generator: connections that send one request after the other and check every answer.

use std::time::{Duration, Instant};

use crate::caller::Caller;
use crate::latency::Latencies;
use crate::request::Request;

/// What a load came to.
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) times: Latencies,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}

/// What one connection sends.
pub(crate) trait Source: Send + 'static {
    /// The next request; `None` ends the connection's part. `elapsed` is the time since the load began.
    fn next(&mut self, elapsed: Duration) -> Option<&Request>;

    /// The last request was answered as it should be.
    fn answered(&mut self) {}
}

/// Sends each source's requests over a connection of its own. The connections are there already, so that neither
/// connecting nor a TLS handshake is measured.
pub(crate) async fn run<S: Source>(callers: Vec<Caller>, sources: Vec<S>) -> Result<Measured, String> {
    let (began, connections) = (Instant::now(), callers.len());
    let pairs = callers.into_iter().zip(sources);
    let tasks: Vec<_> = pairs.map(|(caller, source)| tokio::spawn(connection(caller, source, began))).collect();
    let mut times = Latencies::new();
    for task in tasks {
        times.add(&task.await.map_err(|error| error.to_string())??);
    }
    let seconds = began.elapsed().as_secs_f64();
    times.correct(connections, seconds);
    Ok(Measured { requests: times.count(), seconds, times })
}

async fn connection(mut caller: Caller, mut source: impl Source, began: Instant) -> Result<Latencies, String> {
    let mut times = Latencies::new();
    while let Some(request) = source.next(began.elapsed()) {
        let sent = Instant::now();
        let check = request.check;
        check(caller.call(request).await?)?;
        times.record(sent.elapsed().as_micros() as u64);
        source.answered();
    }
    Ok(times)
}
