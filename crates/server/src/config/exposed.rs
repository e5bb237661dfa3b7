//! Secrets in files that every user of the machine can read.

use std::path::{Path, PathBuf};

use pinfold_store::small_file::is_readable_by_everybody;

use super::{AppConfig, Loaded, Origin, StoreUrl};

/// A file that is used and should be closed to others. `Display` is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} holds {what}, and every user of this machine can read it (chmod o= {file})")]
pub struct ExposedSecret {
    what: &'static str,
    file: PathBuf,
}

const KEYS: &str = "signing keys";
const TOKEN: &str = "the token for callbacks";
const WEBHOOK_TOKEN: &str = "the token for webhooks";
const PASSWORD: &str = "the password of the database";

impl Loaded {
    /// The files with keys, tokens and passwords that others can read, the configuration file among them if it holds some.
    pub fn exposed_secrets(&self) -> Vec<ExposedSecret> {
        let of_apps = self.config.apps.iter().flat_map(files_of);
        let password_file = self.config.store.password_file.as_deref().map(|file| (PASSWORD, file));
        let mut files: Vec<_> = of_apps.chain(password_file).chain(self.in_the_configuration()).collect();
        files.dedup();
        files.retain(|(_, file)| is_readable_by_everybody(file));
        files.into_iter().map(|(what, file)| ExposedSecret { what, file: file.to_owned() }).collect()
    }

    /// The first secret that the configuration file itself holds.
    fn in_the_configuration(&self) -> Option<(&'static str, &Path)> {
        let from_file = |shown: &str| match self.origin(shown) {
            Some(Origin::File { path, .. }) => Some(&**path),
            Some(Origin::Variable(_) | Origin::Default) | None => None,
        };
        let of_apps = |name| (0..self.config.apps.len()).find_map(|index| from_file(&format!("app[{index}].{name}")));
        let is_in_url = matches!(&self.config.store.url, StoreUrl::Postgres(url) if url.has_password());
        let in_url = || from_file("store.url").filter(|_| is_in_url);
        let password = || from_file("store.password").or_else(in_url);
        let keys = || Some((KEYS, of_apps("keys")?));
        let token = || Some((TOKEN, of_apps("callback_token")?));
        let webhook = || Some((WEBHOOK_TOKEN, of_apps("webhook.token")?));
        keys().or_else(token).or_else(webhook).or_else(|| Some((PASSWORD, password()?)))
    }
}

/// The files with secrets of an app.
fn files_of(app: &AppConfig) -> impl Iterator<Item = (&'static str, &Path)> {
    let webhook = app.webhook.as_ref().and_then(|webhook| webhook.token_file.as_deref());
    let files =
        [(KEYS, app.keys_file.as_deref()), (TOKEN, app.callback_token_file.as_deref()), (WEBHOOK_TOKEN, webhook)];
    files.into_iter().filter_map(|(what, file)| Some((what, file?)))
}
