//! Runs a server: opens the store, binds, serves until a signal, drains, closes the store; reports health on the way.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use pinfold_server::config::{Config, StoreConfig, StoreUrl, Timeouts};
use pinfold_server::{AdminPages, AdminPlane, Health, Plane, system_clock};
use pinfold_store::Store;
use tokio::runtime::Builder;
use tokio::signal::unix::Signal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::sighup::{self, Reload};
use crate::{open_files, open_store, signals, unconfigured_apps};

/// How long the admin plane may take to end its connections.
const ADMIN_DRAIN_MAX: Duration = Duration::from_secs(1);
/// Reads from the disk at a time. The runtime's own bound is 512, and each thread keeps memory for itself.
const READING_THREADS_MAX: usize = 16;
/// How long a read that hangs on the disk may hold up the end of the process.
const THREADS_MAX: Duration = Duration::from_secs(1);

/// Runs a server to its end. `prepare` makes its configuration once the store is open, and so once no other
/// process works in its directory; `announce` is given the addresses of the REST plane before the first call.
pub(crate) fn run(
    store: &StoreConfig,
    admin: Option<(SocketAddr, Timeouts)>,
    reload: Option<Reload>,
    prepare: impl FnOnce() -> Result<Config, Failure>,
    announce: impl FnOnce(&Config, &[SocketAddr]) -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().max_blocking_threads(READING_THREADS_MAX).build()?;
    let ended = runtime.block_on(async {
        let (stop, hang_ups) = (signals::stop_token()?, signals::hang_ups()?);
        let health = Health::default();
        // Opening a store may take long, and /readyz says meanwhile that the server starts.
        let admin = Admin::start(admin, &health)?;
        let pages = admin.pages.clone();
        let process = Process { stop, hang_ups, reload, health, admin: admin.address, admin_pages: pages };
        let ended = live(store, process, prepare, announce).await;
        admin.stop().await;
        ended
    });
    runtime.shutdown_timeout(THREADS_MAX);
    ended.map(|()| {
        tracing::info!("stopped");
        ExitCode::SUCCESS
    })
}

/// The admin plane, from the start of the process to the end of the drain.
struct Admin {
    address: Option<SocketAddr>,
    pages: Option<AdminPages>,
    ends: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Admin {
    fn start(settings: Option<(SocketAddr, Timeouts)>, health: &Health) -> Result<Self, Failure> {
        let ends = CancellationToken::new();
        let bind = |(address, timeouts)| AdminPlane::bind(address, &timeouts, health.clone());
        let plane = settings.map(bind).transpose()?;
        let address = plane.as_ref().and_then(AdminPlane::address);
        let pages = plane.as_ref().map(AdminPlane::pages);
        let task = plane.map(|plane| tokio::spawn(plane.serve(ends.clone().cancelled_owned())));
        Ok(Self { address, pages, ends, task })
    }

    async fn stop(self) {
        self.ends.cancel();
        if let Some(task) = self.task {
            let _ = tokio::time::timeout(ADMIN_DRAIN_MAX, task).await;
        }
    }
}

/// The signals that a server gets, and the pages where it reports.
struct Process {
    stop: CancellationToken,
    hang_ups: Signal,
    reload: Option<Reload>,
    health: Health,
    admin: Option<SocketAddr>,
    admin_pages: Option<AdminPages>,
}

async fn live(
    store: &StoreConfig,
    process: Process,
    prepare: impl FnOnce() -> Result<Config, Failure>,
    announce: impl FnOnce(&Config, &[SocketAddr]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(opened) = open_store::open(store, &process.stop, &process.health).await? else { return Ok(()) };
    let served = match prepare() {
        Ok(config) => serve(config, &opened, process, announce).await,
        Err(failure) => Err(failure),
    };
    let closed = opened.backend().close().await.map_err(Failure::from);
    served.and(closed)
}

async fn serve(
    config: Config,
    store: &Store,
    process: Process,
    announce: impl FnOnce(&Config, &[SocketAddr]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // The configuration itself stays as it was read: a reload is compared with it.
    let fitting = Config { connections_max: open_files::fitting(config.connections_max), ..config.clone() };
    let plane = Plane::bind(&fitting, store.clone(), system_clock()).await?;
    if let Some((pages, address)) = process.admin_pages.as_ref().zip(process.admin) {
        pages.measures(plane.metrics());
        offer_store(pages, address, store, &plane, &config);
    }
    process.health.serves(store.clone());
    log_start(&config, &plane, process.admin);
    announce(&config, &plane.addresses())?;
    unconfigured_apps::warn_in_background(store, &config);
    let drain_delay = Duration::from_secs(config.drain_delay_seconds.into());
    let stopped = async {
        process.stop.cancelled().await;
        process.health.drains();
        tokio::time::sleep(drain_delay).await;
    };
    let (control, reloads) = (plane.control(config), process.admin_pages.map(|pages| pages.reloads()));
    tokio::select! {
        () = plane.serve(stopped) => {}
        () = sighup::on_hang_ups(process.hang_ups, process.reload, control, store, reloads.unwrap_or_default()) => {}
    }
    Ok(())
}

/// A database needs no server for what is done with its store.
fn offer_store(pages: &AdminPages, address: SocketAddr, store: &Store, plane: &Plane, config: &Config) {
    let StoreUrl::File(directory) = &config.store.url else { return };
    let stall_max = config.timeouts.backup_stall;
    if let Err(error) = pages.offer_store(store.clone(), address, directory, stall_max, plane.webhooks()) {
        tracing::warn!(cause = %error, "no backups can be made and no webhooks paused while this serves");
    }
}

fn log_start(config: &Config, plane: &Plane, admin: Option<SocketAddr>) {
    let admin = admin.map_or("off".to_owned(), |address| address.to_string());
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
