//! What an operator does with the webhooks of a server.

use std::sync::Arc;

use pinfold_core::AppId;
use pinfold_store::StoreError;

use super::WebhookReport;
use crate::state::State;

/// A handle on the webhooks of a plane.
pub struct WebhookControl(Arc<State>);

impl WebhookControl {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    /// How the webhooks stand, by app.
    pub(crate) async fn reports(&self) -> Result<Vec<WebhookReport>, StoreError> {
        self.0.webhooks.report(&self.0.store).await
    }

    /// Pauses the webhook of an app, or resumes it, durably. False if the app is not configured.
    pub(crate) async fn set_paused(&self, app: AppId, paused: bool) -> Result<bool, StoreError> {
        if self.0.app(app).is_none() {
            return Ok(false);
        }
        self.0.webhooks.set_paused(&self.0.store, app, paused).await?;
        tracing::info!(app = app.0, "{}", if paused { "the webhook is paused" } else { "the webhook is resumed" });
        Ok(true)
    }
}
