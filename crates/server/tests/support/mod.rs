//! A server on loopback for tests, with a clock that a test can move.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "test code, of which each test uses a part")]

pub mod no_timeouts;
pub mod process_memory;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pinfold_client::{Client, Settings};
use pinfold_core::{AppId, Messages};
use pinfold_server::config::{AppConfig, Config, Secret};
use pinfold_server::{Clock, Metrics, Plane, RejectionCounters};
use pinfold_store::{Memory, Store};
use pinfold_wire::user_sig::{Claims, make};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The app that every test server has.
pub const APP: u32 = 1_400_000_001;
/// Its key, made up for tests.
pub const KEY: &str = "a-made-up-key-for-the-tests-of-the-server";
/// Its administrator.
pub const ADMIN: &str = "administrator";
/// The first time of the clock of a test server, in unix seconds.
pub const START: u64 = 1_750_000_000;

/// A running server; it stops when it is dropped.
pub struct TestServer {
    pub control: pinfold_server::Control,
    pub address: SocketAddr,
    pub clock: Arc<AtomicU64>,
    pub rejections: Arc<RejectionCounters>,
    pub metrics: Metrics,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

/// A configuration with one app without call rates that takes messages, on a free port.
pub fn config() -> Config {
    let mut app = AppConfig::new(AppId(APP), vec![Secret::new(KEY).unwrap()]);
    app.calls_per_second_max = Some(0);
    app.messages = Messages::Touch;
    let listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    Config { listen, admin_listen: None, apps: vec![app], ..Config::default() }
}

impl TestServer {
    /// A server in memory, with changes to the configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        Self::over(&config, Store::new(Arc::new(Memory::new()))).await
    }

    /// A server in memory.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// A server over a store of the test's own.
    pub async fn over(config: &Config, store: Store) -> Self {
        let clock = Arc::new(AtomicU64::new(START));
        let reads = Arc::clone(&clock);
        let reader = Clock::of_ms(move || reads.load(Ordering::Relaxed) * 1000);
        let plane = Plane::bind(config, store, reader).await.unwrap();
        let control = plane.control(config.clone());
        let (address, rejections, metrics) = (plane.addresses()[0], plane.rejections(), plane.metrics());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(plane.serve(async move { drop(stopped.await) }));
        Self { control, address, clock, rejections, metrics, stop: Some(stop), task: Some(task) }
    }

    /// Stops accepting, finishes what is in flight.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        self.task.take().unwrap().await.unwrap();
    }

    /// A signature that is valid for a day from the first clock on.
    pub fn signature(identifier: &str) -> String {
        sign(APP, identifier, START, 86_400, KEY)
    }

    /// Path and query of a command, signed by the administrator.
    pub fn target(command: &str) -> String {
        format!("/v4/{command}?sdkappid={APP}&identifier={ADMIN}&usersig={}", Self::signature(ADMIN))
    }

    /// Posts a body; the answer as text.
    pub async fn post(&self, command: &str, body: &str) -> String {
        let client = self.client();
        String::from_utf8(client.call_raw(command, body.to_owned().into_bytes()).await.unwrap()).unwrap()
    }

    /// A client that signs as the administrator. Its signatures are of today: for servers with a clock of today or
    /// before.
    pub fn client(&self) -> Client {
        Client::new(Settings::new(format!("http://{}", self.address), APP, ADMIN, KEY)).unwrap()
    }
}

/// A signature.
pub fn sign(sdkappid: u32, identifier: &str, time: u64, expire: u64, key: &str) -> String {
    make(key, &Claims { sdkappid, identifier: identifier.into(), time, expire, userbuf: None }).unwrap()
}
