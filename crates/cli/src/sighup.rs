//! SIGHUP: reads the configuration again and applies it as a whole or, if anything in it is wrong, not at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use pinfold_server::config::Config;
use pinfold_server::{Control, Reloads};
use pinfold_store::Store;
use tokio::signal::unix::Signal;

use crate::config_file::Chosen;
use crate::failure::Failure;
use crate::logging::{self, Filter};
use crate::{traces, unconfigured_apps};

/// The file that is read again, and the log filter, which the server does not hold itself.
pub(crate) struct Reload {
    file: Chosen,
    filter: Filter,
}

impl Reload {
    pub(crate) fn new(file: Chosen, filter: Filter) -> Self {
        Self { file, filter }
    }

    /// Follows the configuration as it is now; it, and the keys that need a restart.
    fn once(&self, control: &Control) -> Result<(Config, BTreeSet<&'static str>), Failure> {
        let loaded = self.file.load()?;
        let filter = logging::filter_of(&loaded)?;
        // Or else the restart that it needs would be refused.
        traces::check(&loaded)?;
        let restart = control.follow(&loaded.config)?;
        logging::warn_of_exposed_secrets(&loaded);
        self.filter.exchange(filter);
        Ok((loaded.config, restart))
    }
}

/// Follows the configuration at each signal. Never returns.
pub(crate) async fn on_hang_ups(
    mut hang_ups: Signal,
    reload: Option<Reload>,
    control: Control,
    store: &Store,
    reloads: Reloads,
) {
    let (reload, control) = (reload.map(Arc::new), Arc::new(control));
    while hang_ups.recv().await.is_some() {
        reloads.begins();
        let Some(reload) = reload.clone() else {
            tracing::warn!("SIGHUP is ignored: there is no configuration file");
            reloads.refused("there is no configuration file".to_owned());
            continue;
        };
        // A file that does not answer must not keep the server from ending.
        let control = Arc::clone(&control);
        let followed = tokio::task::spawn_blocking(move || reload.once(&control)).await;
        match followed.unwrap_or_else(|error| Err(Failure::new(error.to_string()))) {
            Ok((config, restart)) => {
                reloads.followed(restart.iter().copied());
                tell(restart);
                unconfigured_apps::warn_in_background(store, &config);
            }
            Err(failure) => {
                reloads.refused(failure.to_string());
                tracing::error!(cause = %failure, "the configuration was read again and refused; nothing was changed");
            }
        }
    }
    std::future::pending::<()>().await;
}

fn tell(restart: BTreeSet<&'static str>) {
    if restart.is_empty() {
        return tracing::info!("the configuration was read again");
    }
    let keys = restart.into_iter().collect::<Vec<_>>().join(", ");
    tracing::warn!(keys, "the configuration was read again; these keys need a restart");
}
