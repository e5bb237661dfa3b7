//! A server's life: open the store, bind, serve until a signal, drain, close the store.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use pinfold_server::config::{Config, StoreConfig, StoreUrl};
use pinfold_server::{AdminPlane, Plane, open_store, system_clock};
use pinfold_store::Store;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::{open_files, signals};

/// How long the admin plane may take to end its connections.
const ADMIN_DRAIN_MAX: Duration = Duration::from_secs(1);
/// Reads from the disk at a time. The runtime's own bound is 512, and each thread keeps memory for itself.
const READING_THREADS_MAX: usize = 32;
/// How long a read that hangs on the disk may hold up the end of the process.
const THREADS_MAX: Duration = Duration::from_secs(1);

/// Runs a server to its end. `prepare` makes its configuration once the store is open, and so once no other
/// process works in its directory; `announce` is given the addresses of the REST plane before the first call.
pub(crate) fn run(
    store: &StoreConfig,
    prepare: impl FnOnce() -> Result<Config, Failure>,
    announce: impl FnOnce(&Config, &[SocketAddr]) -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().max_blocking_threads(READING_THREADS_MAX).build()?;
    let ended = runtime.block_on(async {
        let stop = signals::stop_token()?;
        let Some(opened) = open(store, &stop).await? else { return Ok(()) };
        let served = match prepare() {
            Ok(config) => serve(&config, &opened, &stop, announce).await,
            Err(failure) => Err(failure),
        };
        let closed = opened.backend().close().await.map_err(Failure::from);
        served.and(closed)
    });
    runtime.shutdown_timeout(THREADS_MAX);
    ended.map(|()| {
        tracing::info!("stopped");
        ExitCode::SUCCESS
    })
}

/// None if a signal came first: opening replays journals, which nobody has to wait for.
async fn open(config: &StoreConfig, stop: &CancellationToken) -> Result<Option<Store>, Failure> {
    tokio::select! {
        opened = open_store(config) => Ok(Some(opened?)),
        () = stop.cancelled() => Ok(None),
    }
}

async fn serve(
    config: &Config,
    store: &Store,
    stop: &CancellationToken,
    announce: impl FnOnce(&Config, &[SocketAddr]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let plane = Plane::bind(config, store.clone(), system_clock()).await?;
    let admin = match config.admin_listen {
        Some(address) => Some(with_backups(AdminPlane::bind(address, store.clone()).await?, config)),
        None => None,
    };
    open_files::allow(config.connections_max);
    log_start(config, &plane, admin.as_ref());
    announce(config, &plane.addresses())?;
    let drained = CancellationToken::new();
    // Health is told to the end of the drain.
    let admin = admin.map(|admin| tokio::spawn(admin.serve(drained.clone().cancelled_owned())));
    plane.serve(stop.cancelled()).await;
    drained.cancel();
    if let Some(admin) = admin {
        let _ = tokio::time::timeout(ADMIN_DRAIN_MAX, admin).await;
    }
    Ok(())
}

/// A database needs no server for its backups.
fn with_backups(mut admin: AdminPlane, config: &Config) -> AdminPlane {
    if let StoreUrl::File(directory) = &config.store.url
        && let Err(error) = admin.offer_backups(directory)
    {
        tracing::warn!(cause = %error, "no backups can be made while this serves");
    }
    admin
}

fn log_start(config: &Config, plane: &Plane, admin: Option<&AdminPlane>) {
    let admin = admin.and_then(AdminPlane::address).map_or("off".to_owned(), |address| address.to_string());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        addresses = ?plane.addresses(),
        tls = config.tls.is_some(),
        admin,
        store = %config.store.url,
        apps = config.apps.len(),
        "started"
    );
}
