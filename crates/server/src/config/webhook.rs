//! `[app.webhook]`: where changes of an app's accounts are sent to.

use std::path::PathBuf;

use pinfold_core::WebhookCommands;

use super::Secret;
use super::kinds::{FILE_PATH, TOKEN, WEBHOOK_COMMANDS, WEBHOOK_URL};
use super::section::{Section, section};
use crate::webhooks::WebhookUrl;

section! {
    /// Where changes of the app's accounts are sent to. Without this section they are not sent.
    pub struct WebhookConfig in "app.webhook." {
        /// URL that changes are sent to by POST, with parameters added to its query. Required if `[app.webhook]` is there.
        url: Option<WebhookUrl> = None, WEBHOOK_URL, Live, for example r#""https://chat.example.com/hooks""#;
        /// Secret by which requests are signed. This or `token_file`.
        token: Option<Secret> = None, TOKEN, Live, for example r#""at-least-16-characters""#;
        /// File with that secret, on its first line. This or `token`.
        token_file: Option<PathBuf> = None, FILE_PATH, Live, for example r#""app-1400000001.webhook-token""#;
        /// What is sent: conversation groups that are created, changed or deleted, marks, pins, and conversations that
        /// leave the list. Not set: everything.
        events: WebhookCommands = WebhookCommands::ALL, WEBHOOK_COMMANDS, Live,
            for example r#"["ContactMark", "ContactTop"]"#;
        /// PEM file with authorities. If set, only what one of them signed is trusted; otherwise what the system trusts.
        ca_file: Option<PathBuf> = None, FILE_PATH, Live, for example r#""tls/webhook-ca.pem""#;
    }
}

impl WebhookConfig {
    /// A webhook with this URL and secret, and every default.
    pub fn new(url: WebhookUrl, token: Secret) -> Self {
        Self { url: Some(url), token: Some(token), ..Self::defaults() }
    }
}
