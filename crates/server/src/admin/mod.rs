//! The admin plane: a listener of its own, by default on loopback only.

mod access;
mod backup;
mod connections;
mod health;
mod reloads;
mod webhooks;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use pinfold_store::Store;
use serde::Serialize;
use tokio::net::TcpListener;

pub use access::StoreAccess;
pub use backup::{BACKUP_PATH, WITHOUT_HISTORY};
pub use connections::ADMIN_CONNECTIONS_MAX;
pub(crate) use connections::Connection;
pub use health::{Health, NotReady, Reason};
pub use reloads::{RELOADS_PATH, ReloadReport, Reloads};
pub use webhooks::{PAUSE_WEBHOOK_PATH, RESUME_WEBHOOK_PATH, WEBHOOKS_PATH};

use crate::config::Timeouts;
use crate::net::connection::Bounds;
use crate::net::idle::ConnectionTimeouts;
use crate::net::listener::{StartError, listen};
use crate::net::memory_budget::MemoryBudget;
use crate::net::rejections::RejectionCounters;
use crate::scrape::Metrics;
use crate::webhooks::WebhookControl;
use access::{AccessFile, Refused};
use backup::Backups;

/// Memory for the heads of requests, and for answers that are not read, in MiB each.
const MIB_MAX: u32 = 4;

/// The admin plane, bound to its address.
pub struct AdminPlane {
    listener: TcpListener,
    bounds: Bounds,
    health: Health,
    pages: AdminPages,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(flatten)]
    why_not: Option<NotReady>,
}

impl AdminPlane {
    /// Binds the address. Connections have the times of those of the REST plane.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub fn bind(address: SocketAddr, timeouts: &Timeouts, health: Health) -> Result<Self, StartError> {
        let listener = listen(address, false)?;
        let bounds = Bounds {
            timeouts: ConnectionTimeouts::of(timeouts),
            heads: MemoryBudget::of_mib(MIB_MAX),
            answers: MemoryBudget::of_mib(MIB_MAX),
            rejections: Arc::<RejectionCounters>::default(),
        };
        Ok(Self { listener, bounds, health, pages: AdminPages::default() })
    }

    /// The address it is bound to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// What it is to serve besides health.
    pub fn pages(&self) -> AdminPages {
        self.pages.clone()
    }

    /// Serves until `stop` is done.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let router = Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz));
        let router = router.with_state(self.health);
        let pages = Router::new().route("/metrics", get(metrics)).route(BACKUP_PATH, post(backups));
        let pages = pages.route(RELOADS_PATH, get(reloads)).route(WEBHOOKS_PATH, get(webhook_reports));
        let pages = pages.route(PAUSE_WEBHOOK_PATH, post(pause_webhook));
        let pages = pages.route(RESUME_WEBHOOK_PATH, post(resume_webhook));
        let router = router.merge(pages.with_state(self.pages));
        connections::serve(self.listener, router, self.bounds, stop).await;
    }
}

/// The pages of an admin plane that a server has only once its store is open. Clones share them.
#[derive(Clone, Default)]
pub struct AdminPages(Arc<Pages>);

#[derive(Default)]
struct Pages {
    metrics: OnceLock<Metrics>,
    of_store: OnceLock<OfStore>,
    reloads: Reloads,
}

/// The pages for callers that can read the directory of the store.
struct OfStore {
    access: AccessFile,
    backups: Backups,
    webhooks: WebhookControl,
}

impl AdminPages {
    /// Serves what a plane measures; a process has one.
    pub fn measures(&self, metrics: Metrics) {
        let _ = self.0.metrics.set(metrics);
    }

    /// The reports of reloads.
    pub fn reloads(&self) -> Reloads {
        self.0.reloads.clone()
    }

    /// Works on the store for callers that can read its directory, on this address of the admin plane: gives them
    /// backups, and tells and pauses webhooks. A reader of a backup that takes nothing for `stall_max` loses it.
    ///
    /// # Errors
    /// What the file system says; then it does nothing for them.
    pub fn offer_store(
        &self,
        store: Store,
        bound: SocketAddr,
        directory: &Path,
        stall_max: Duration,
        webhooks: WebhookControl,
    ) -> io::Result<()> {
        let access = AccessFile::write(bound, directory)?;
        let _ = self.0.of_store.set(OfStore { access, backups: Backups::new(store, stall_max), webhooks });
        Ok(())
    }

    /// The pages for a caller that can read the directory of the store.
    fn of_store(&self, headers: &HeaderMap) -> Result<&OfStore, Refused> {
        let of_store = self.0.of_store.get();
        let of_store = of_store.ok_or_else(|| (StatusCode::NOT_FOUND, "the store is not offered here\n".to_owned()))?;
        of_store.access.check(headers).map(|()| of_store)
    }
}

/// 503 as long as the server starts: there is nothing to measure yet.
async fn metrics(State(pages): State<AdminPages>) -> Response {
    let Some(metrics) = pages.0.metrics.get() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is starting\n").into_response();
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.text().await).into_response()
}

async fn backups(
    State(pages): State<AdminPages>,
    Extension(connection): Extension<Connection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match pages.of_store(&headers) {
        Ok(of_store) => backup::answer(&of_store.backups, connection, query.as_deref()).await,
        Err(refused) => refused.into_response(),
    }
}

async fn webhook_reports(State(pages): State<AdminPages>, headers: HeaderMap) -> Response {
    match pages.of_store(&headers) {
        Ok(of_store) => webhooks::reports(&of_store.webhooks).await,
        Err(refused) => refused.into_response(),
    }
}

async fn pause_webhook(State(pages): State<AdminPages>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    set_paused(&pages, query.as_deref(), &headers, true).await
}

async fn resume_webhook(State(pages): State<AdminPages>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    set_paused(&pages, query.as_deref(), &headers, false).await
}

async fn set_paused(pages: &AdminPages, query: Option<&str>, headers: &HeaderMap, paused: bool) -> Response {
    match pages.of_store(headers) {
        Ok(of_store) => webhooks::set_paused(&of_store.webhooks, query, paused).await,
        Err(refused) => refused.into_response(),
    }
}

async fn reloads(State(pages): State<AdminPages>) -> Json<ReloadReport> {
    Json(pages.0.reloads.report())
}

/// 200 where calls can be expected to work, else 503 with the reason.
async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Readiness>) {
    match health.check().await {
        Ok(()) => (StatusCode::OK, Json(Readiness { ready: true, why_not: None })),
        Err(why_not) => (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { ready: false, why_not: Some(why_not) })),
    }
}
