//! Opens the store of a server, and waits for a database that is down.

use std::time::Duration;

use pinfold_server::config::StoreConfig;
use pinfold_server::{Health, OpenStoreError, open_store};
use pinfold_store::Store;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// The pause after the first attempt; it doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Opens the store, with further attempts as long as the reason may pass. `None` if a signal to stop came first.
pub(crate) async fn open(
    config: &StoreConfig,
    stop: &CancellationToken,
    health: &Health,
) -> Result<Option<Store>, Failure> {
    tokio::select! {
        opened = open_with_retries(config, health) => Ok(Some(opened?)),
        () = stop.cancelled() => Ok(None),
    }
}

async fn open_with_retries(config: &StoreConfig, health: &Health) -> Result<Store, OpenStoreError> {
    let mut pause = PAUSE_MIN;
    loop {
        match open_store(config).await {
            Err(error) if error.may_pass() => {
                tracing::warn!(
                    cause = %error,
                    retry_in_seconds = pause.as_secs(),
                    "the store cannot be opened yet; the server waits for it"
                );
                health.waits_for(error.to_string());
            }
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
