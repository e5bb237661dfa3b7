//! Changes a plane while it serves: apps with their webhooks, certificate, and the database's password.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::Config;
use crate::net::tls::TlsError;
use crate::net::tls::{Pair, Tls};
use crate::state::State;
use crate::webhooks::WebhookError;

/// A handle on a plane that serves.
pub struct Control {
    /// What the server was started with.
    started: Config,
    state: Arc<State>,
    tls: Option<Arc<Tls>>,
}

/// Why a configuration is not followed: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A webhook cannot be used as it is configured.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

impl Control {
    pub(crate) fn new(started: Config, state: Arc<State>, tls: Option<Arc<Tls>>) -> Self {
        Self { started, state, tls }
    }

    /// Follows a configuration that was read again: its apps hold for calls that begin from now on, its certificate
    /// for handshakes, the database's password for new connections. Returns the keys that differ from the start and need a
    /// restart.
    ///
    /// # Errors
    /// [`FollowError`]; then nothing was changed.
    pub fn follow(&self, new: &Config) -> Result<BTreeSet<&'static str>, FollowError> {
        let targets = self.state.webhooks.prepare(&new.apps)?;
        let tls = self.tls.as_deref().zip(new.tls.as_ref());
        if let Some((tls, files)) = tls {
            tls.exchange(Pair::read(files)?);
        }
        self.state.webhooks.exchange(targets);
        self.state.exchange_apps(&new.apps);
        if let Some(password) = &new.store.password {
            self.state.store.log_in_with(password.expose());
        }
        Ok(self.started.restart_keys(new))
    }
}
