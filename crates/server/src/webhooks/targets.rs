//! Where the webhook of an app goes, made of its configuration.

use std::path::Path;
use std::sync::Arc;

use pinfold_core::WebhookCommands;
use pinfold_store::small_file;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::Endpoint;
use crate::config::{AppConfig, WebhookConfig};

/// What the changes of an app are sent to, and which of them.
pub(crate) struct Target {
    pub(super) endpoint: Endpoint,
    pub(super) commands: WebhookCommands,
    config: WebhookConfig,
    authorities: Vec<CertificateDer<'static>>,
}

/// Why a webhook cannot be used as it is configured. `Display` is one sentence for an operator, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook of app {app}: {cause}")]
pub struct WebhookError {
    app: u32,
    cause: String,
}

impl WebhookError {
    pub(super) fn new(app: &AppConfig, cause: impl Into<String>) -> Self {
        Self { app: app.sdkappid.0, cause: cause.into() }
    }
}

impl Target {
    /// The target of an app, if it has a webhook. Reads `ca_file`. Where configuration and certificates are as before,
    /// `before` is kept with its connections.
    pub(crate) fn prepare(app: &AppConfig, before: Option<&Arc<Self>>) -> Result<Option<Arc<Self>>, WebhookError> {
        let Some(config) = &app.webhook else { return Ok(None) };
        let authorities = config.ca_file.as_deref().map_or(Ok(Vec::new()), authorities);
        let authorities = authorities.map_err(|cause| WebhookError::new(app, cause))?;
        let is_same = |before: &&Arc<Self>| before.config == *config && before.authorities == authorities;
        if let Some(before) = before.filter(is_same) {
            return Ok(Some(Arc::clone(before)));
        }
        let (Some(url), Some(token)) = (config.url.clone(), config.token.clone()) else {
            return Err(WebhookError::new(app, "it needs a url and a token"));
        };
        let endpoint = Endpoint::new(app.sdkappid, url, token, &authorities);
        let endpoint = endpoint.map_err(|cause| WebhookError::new(app, cause))?;
        Ok(Some(Arc::new(Self { endpoint, commands: config.events, config: config.clone(), authorities })))
    }
}

/// Reads what the webhooks of these apps need, as a start would do.
///
/// # Errors
/// [`WebhookError`], a sentence for the operator.
pub fn check_webhooks(apps: &[AppConfig]) -> Result<(), WebhookError> {
    apps.iter().try_for_each(|app| Target::prepare(app, None).map(|_| ()))
}

/// All certificates of `ca_file`, at least one.
fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let cannot = |cause: &dyn std::fmt::Display| format!("cannot read its ca_file {}: {cause}", file.display());
    let text = small_file::read(file).map_err(|error| cannot(&error))?;
    let certificates = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| cannot(&error))?;
    if certificates.is_empty() { Err(cannot(&"it holds no certificate in plain PEM")) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use pinfold_core::{AppId, WebhookCommand};
    use rcgen::{CertificateParams, KeyPair};
    use tempfile::TempDir;

    use super::*;
    use crate::config::Secret;
    use crate::webhooks::WebhookUrl;

    /// An app with a webhook whose `ca_file` is in the directory.
    fn app(directory: &TempDir) -> (AppConfig, PathBuf) {
        let (url, token) = (WebhookUrl::parse("https://127.0.0.1/hook"), Secret::new("geheim-token-for-tests"));
        let ca_file = directory.path().join("ca.pem");
        let config =
            WebhookConfig { ca_file: Some(ca_file.clone()), ..WebhookConfig::new(url.unwrap(), token.unwrap()) };
        (AppConfig { webhook: Some(config), ..AppConfig::new(AppId(7), Vec::new()) }, ca_file)
    }

    fn authority() -> String {
        let key = KeyPair::generate().unwrap();
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap().pem()
    }

    fn prepared(app: &AppConfig, before: Option<&Arc<Target>>) -> Arc<Target> {
        Target::prepare(app, before).unwrap().unwrap()
    }

    #[test]
    fn an_app_without_a_webhook_has_no_target() {
        assert!(Target::prepare(&AppConfig::new(AppId(7), Vec::new()), None).unwrap().is_none());
    }

    #[test]
    fn a_target_is_kept_until_its_configuration_or_its_certificates_change() {
        let directory = tempfile::tempdir().unwrap();
        let (mut app, ca_file) = app(&directory);
        fs::write(&ca_file, authority()).unwrap();
        let first = prepared(&app, None);
        assert!(Arc::ptr_eq(&first, &prepared(&app, Some(&first))));
        fs::write(&ca_file, authority()).unwrap();
        let second = prepared(&app, Some(&first));
        assert!(!Arc::ptr_eq(&first, &second), "another certificate");
        app.webhook.as_mut().unwrap().events = [WebhookCommand::ContactTop].into_iter().collect();
        let third = prepared(&app, Some(&second));
        assert!(!Arc::ptr_eq(&second, &third) && !third.commands.contains(WebhookCommand::ContactMark));
    }

    #[test]
    fn a_ca_file_that_is_missing_or_holds_no_certificate_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let (app, ca_file) = app(&directory);
        let refused = || match Target::prepare(&app, None) {
            Err(error) => error.to_string().replace(directory.path().to_str().unwrap(), "DIR"),
            Ok(_) => panic!("it is taken"),
        };
        let begin = "the webhook of app 7: cannot read its ca_file DIR/ca.pem: ";
        assert!(refused().starts_with(begin), "{}", refused());
        fs::write(&ca_file, "# nothing\n").unwrap();
        assert_eq!(refused(), format!("{begin}it holds no certificate in plain PEM"));
    }
}
