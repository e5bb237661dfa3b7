//! The admin plane: a listener of its own, by default on loopback only.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use pinfold_store::Store;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::metrics::Metrics;
use crate::plane::StartError;

/// The admin plane, bound to its address.
pub struct AdminPlane {
    listener: TcpListener,
    store: Store,
    metrics: Option<Metrics>,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl AdminPlane {
    /// Binds the address.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn bind(address: SocketAddr, store: Store) -> Result<Self, StartError> {
        let listener = TcpListener::bind(address).await;
        Ok(Self { listener: listener.map_err(|cause| StartError::Listen { address, cause })?, store, metrics: None })
    }

    /// Serves these at `/metrics`; without any there is no such page.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// The address it is bound to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Serves until `stop` is done.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let router =
            Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz)).with_state(self.store);
        let router = match self.metrics {
            Some(of_plane) => router.merge(Router::new().route("/metrics", get(metrics)).with_state(of_plane)),
            None => router,
        };
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(cause = %error, "the admin plane ended");
        }
    }
}

async fn metrics(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.text().await)
}

/// 200 where calls can be expected to work, else 503 with the reason.
async fn readyz(State(store): State<Store>) -> (StatusCode, Json<Readiness>) {
    match store.backend().health().await {
        Ok(()) => (StatusCode::OK, Json(Readiness { ready: true, reason: None })),
        Err(error) => {
            let reason = Some(error.to_string());
            (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { ready: false, reason }))
        }
    }
}
