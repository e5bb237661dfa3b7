//! The admin plane: a listener of its own, by default on loopback only.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::health::{Health, NotReady};
use crate::plane::StartError;

/// The admin plane, bound to its address.
pub struct AdminPlane {
    listener: TcpListener,
    health: Health,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(flatten)]
    why_not: Option<NotReady>,
}

impl AdminPlane {
    /// Binds the address.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn bind(address: SocketAddr, health: Health) -> Result<Self, StartError> {
        let listener = TcpListener::bind(address).await;
        Ok(Self { listener: listener.map_err(|cause| StartError::Listen { address, cause })?, health })
    }

    /// The address it is bound to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Serves until `stop` is done.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let router = Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz));
        let router = router.route("/metrics", get(metrics)).with_state(self.health);
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(cause = %error, "the admin plane ended");
        }
    }
}

/// 503 as long as the server starts: there is nothing to measure yet.
async fn metrics(State(health): State<Health>) -> Response {
    let Some(metrics) = health.metrics() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is starting\n").into_response();
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.text().await).into_response()
}

/// 200 where calls can be expected to work, else 503 with the reason.
async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Readiness>) {
    match health.check().await {
        Ok(()) => (StatusCode::OK, Json(Readiness { ready: true, why_not: None })),
        Err(why_not) => (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { ready: false, why_not: Some(why_not) })),
    }
}
