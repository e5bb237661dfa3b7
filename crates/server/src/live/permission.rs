//! The right of a stream, which may end while it goes on.

use std::sync::Arc;
use std::time::Duration;

use pinfold_core::AccountId;
use pinfold_core::rules::Signer;
use pinfold_wire::Service;

use crate::metrics::WatchEnd;
use crate::rest::apps::App;
use crate::rest::signer;
use crate::state::State;

/// Who watches, by which signature.
pub(crate) struct Permission {
    /// As it was when the right was looked at last.
    pub(crate) app: Arc<App>,
    pub(crate) identifier: Box<str>,
    pub(crate) usersig: Box<str>,
    /// The last unix second at which the signature is valid.
    pub(crate) valid_until: u64,
}

impl Permission {
    /// Whether the right to watch this account holds.
    ///
    /// # Errors
    /// Why it has ended.
    pub(super) fn check(&mut self, state: &State, account: &AccountId) -> Result<(), WatchEnd> {
        let now = state.clock.seconds();
        if now > self.valid_until {
            return Err(WatchEnd::Signature);
        }
        let app = state.app(self.app.id).filter(|app| !app.disabled).ok_or(WatchEnd::Permission)?;
        if Arc::ptr_eq(&app, &self.app) {
            return Ok(());
        }
        match signer::permitted(&app.policy, &self.identifier, Service::Pinfold) {
            Ok(Signer::Administrator(_)) => {}
            Ok(Signer::Account(own)) if own == *account => {}
            Ok(Signer::Account(_)) | Err(_) => return Err(WatchEnd::Permission),
        }
        let checked = state.signatures.check(&app, &self.identifier, &self.usersig, now);
        checked.map_err(|_| WatchEnd::Signature)?;
        self.app = app;
        Ok(())
    }

    /// How long the signature is valid at most, by the clock of now.
    pub(super) fn left(&self, state: &State) -> Duration {
        Duration::from_secs(self.valid_until.saturating_sub(state.clock.seconds()).saturating_add(1))
    }
}
