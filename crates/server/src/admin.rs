//! The admin plane: a listener of its own, by default on loopback only.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use pinfold_store::Store;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::backup::Backups;
use crate::plane::StartError;

/// The admin plane, bound to its address.
pub struct AdminPlane {
    listener: TcpListener,
    store: Store,
    backups: Option<Backups>,
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
        Ok(Self { listener: listener.map_err(|cause| StartError::Listen { address, cause })?, store, backups: None })
    }

    /// The address it is bound to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Gives backups of the store to whoever may read its directory.
    ///
    /// # Errors
    /// What the file system says; then it offers none.
    pub fn offer_backups(&mut self, directory: &Path) -> io::Result<()> {
        self.backups = Some(Backups::offer(self.store.clone(), self.listener.local_addr()?, directory)?);
        Ok(())
    }

    /// Serves until `stop` is done.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let router =
            Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz)).with_state(self.store);
        let router = router.merge(self.backups.map_or_else(Router::new, Backups::router));
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(cause = %error, "the admin plane ended");
        }
    }
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
