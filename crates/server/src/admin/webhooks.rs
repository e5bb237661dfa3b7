//! The pages of the admin plane about webhooks: how they stand, and pausing them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use pinfold_core::AppId;

use crate::webhooks::WebhookControl;

/// The path of the admin plane that answers with all [`WebhookReport`](crate::WebhookReport)s.
pub const WEBHOOKS_PATH: &str = "/webhooks";
/// The path that pauses the webhook of an app, which the query names: `app=1400000001`.
pub const PAUSE_WEBHOOK_PATH: &str = "/webhooks/pause";
/// The path that resumes it.
pub const RESUME_WEBHOOK_PATH: &str = "/webhooks/resume";

/// How the webhooks stand.
pub(super) async fn reports(webhooks: &WebhookControl) -> Response {
    match webhooks.reports().await {
        Ok(reports) => Json(reports).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

/// Pauses or resumes the webhook of the app that the query names.
pub(super) async fn set_paused(webhooks: &WebhookControl, query: Option<&str>, paused: bool) -> Response {
    let Some(app) = query.and_then(app_of) else {
        return (StatusCode::BAD_REQUEST, "the query is app= and the number of an app\n").into_response();
    };
    match webhooks.set_paused(app, paused).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => {
            let sentence = format!("app {} is not in the configuration of this server\n", app.0);
            (StatusCode::NOT_FOUND, sentence).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

fn app_of(query: &str) -> Option<AppId> {
    query.strip_prefix("app=")?.parse().ok().map(AppId)
}
