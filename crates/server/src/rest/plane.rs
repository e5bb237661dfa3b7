//! The REST plane: bound, serving, and drained at its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response};
use pinfold_store::Store;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::answer::AnswerBody;
use super::request;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::addresses::is_ipv6_alone;
use crate::control::Control;
use crate::housekeeping;
use crate::live;
use crate::metrics::OpenConnection;
use crate::net::acceptor::{Acceptor, Listener, Respond};
use crate::net::admission::Peer;
use crate::net::heads::HeadReservation;
use crate::net::listener::{StartError, listen};
use crate::net::rejections::RejectionCounters;
use crate::net::tls::{self, Pair, Tls};
use crate::scrape::Metrics;
use crate::state::State;
use crate::webhooks::WebhookControl;

/// What a semaphore can hold, also where a `usize` has 32 bits.
const PERMITS_MAX: u32 = u32::MAX >> 3;

/// The REST plane, bound to its addresses.
pub struct Plane {
    listeners: Vec<Listener>,
    tls: Option<Arc<Tls>>,
    state: Arc<State>,
    connections_max: u32,
    drain_max: Duration,
}

impl Plane {
    /// Binds the addresses of the configuration and reads its certificate.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator.
    pub async fn bind(config: &Config, store: Store, clock: Clock) -> Result<Self, StartError> {
        let pair = config.tls.as_ref().map(Pair::read).transpose()?;
        let mut listeners = Vec::with_capacity(config.listen.len());
        for address in &config.listen {
            let socket = listen(*address, is_ipv6_alone(*address, &config.listen))?;
            listeners.push(Listener { socket, is_behind_proxy: config.proxy_protocol.contains(address) });
        }
        let tls = pair.map(|pair| Arc::new(Tls::new(pair, clock.clone())));
        let state = Arc::new(State::new(config, store, clock));
        state.webhooks.exchange(state.webhooks.prepare(&config.apps)?);
        Ok(Self {
            listeners,
            tls,
            state,
            connections_max: config.connections_max.min(PERMITS_MAX),
            drain_max: config.timeouts.drain,
        })
    }

    /// The addresses it is bound to; a port 0 of the configuration has become a real one.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.socket.local_addr().ok()).collect()
    }

    /// Connections and calls that were rejected, by reason.
    pub fn rejections(&self) -> Arc<RejectionCounters> {
        Arc::clone(&self.state.net.rejections)
    }

    /// What can be changed while it serves. `config` is the one it was bound with.
    pub fn control(&self, config: Config) -> Control {
        Control::new(config, Arc::clone(&self.state), self.tls.clone())
    }

    /// What this plane measures.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(Arc::clone(&self.state), self.tls.clone())
    }

    /// What an operator does with its webhooks.
    pub fn webhooks(&self) -> WebhookControl {
        WebhookControl::new(Arc::clone(&self.state))
    }

    /// Serves until `stop` is done, then finishes the requests in flight; after the configured time
    /// those that are left are cut off.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (draining, cut_off) = (self.state.draining.clone(), CancellationToken::new());
        let _cut_off_at_last = cut_off.clone().drop_guard();
        let permits = Arc::new(Semaphore::new(self.connections_max as usize));
        if let Some(tls) = self.tls.clone() {
            tokio::spawn(draining.clone().run_until_cancelled_owned(async move { tls.watch(tls::log).await }));
        }
        housekeeping::spawn(&self.state, &draining);
        live::spawn(&self.state, &draining);
        let webhooks = self.state.webhooks.spawn(&self.state, &draining);
        let acceptor = Acceptor {
            net: Arc::clone(&self.state.net),
            tls: self.tls,
            respond: Responder(Arc::clone(&self.state)),
            permits: Arc::clone(&permits),
            draining: draining.clone(),
            cut_off,
        };
        let accepting = self.listeners.into_iter().map(|listener| tokio::spawn(acceptor.clone().run(listener)));
        let accepting: Vec<_> = accepting.collect();
        tokio::select! {
            () = stop => {}
            () = self.state.net.rejections.log_every_minute() => {}
        }
        draining.cancel();
        for task in accepting {
            let _ = task.await;
        }
        // Every connection holds a permit, so all permits being free means that all have ended.
        let connections = timeout(self.drain_max, permits.acquire_many(self.connections_max));
        let (connections, webhooks) = tokio::join!(connections, timeout(self.drain_max, webhooks.ended()));
        let waited_ms = self.drain_max.as_millis() as u64;
        if connections.is_err() {
            tracing::warn!(waited_ms, "connections were cut off at the end");
        }
        if webhooks.is_err() {
            tracing::warn!(waited_ms, "webhooks were cut off at the end; some changes may be sent again");
        }
    }
}

/// Answers calls.
#[derive(Clone)]
struct Responder(Arc<State>);

impl Respond for Responder {
    type Body = AnswerBody;

    fn connection_opens(&self) -> OpenConnection {
        self.0.meters.connection()
    }

    fn respond(
        &self,
        peer: Peer,
        request: Request<Incoming>,
        reservation: Option<HeadReservation>,
    ) -> impl Future<Output = Response<AnswerBody>> + Send + 'static {
        let state = Arc::clone(&self.0);
        async move {
            let caller = state.net.admission.caller(peer, request.headers());
            request::respond(&state, caller, request, reservation).await
        }
    }
}
