//! Secrets in files that every user of the machine can read.

use std::path::{Path, PathBuf};

use pinfold_store::small_file::is_readable_by_everybody;

use super::{Loaded, Origin, StoreUrl};

/// A file that is used and should be closed to others. `Display` is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} holds {what}, and every user of this machine can read it (chmod o= {file})")]
pub struct ExposedSecret {
    what: &'static str,
    file: PathBuf,
}

const KEYS: &str = "signing keys";
const PASSWORD: &str = "the password of the database";

impl Loaded {
    /// The files with keys and passwords that others can read, the configuration file among them if it holds some.
    pub fn exposed_secrets(&self) -> Vec<ExposedSecret> {
        let keys_files = self.config.apps.iter().filter_map(|app| app.keys_file.as_deref()).map(|file| (KEYS, file));
        let password_file = self.config.store.password_file.as_deref().map(|file| (PASSWORD, file));
        let mut files: Vec<_> = keys_files.chain(password_file).chain(self.in_the_configuration()).collect();
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
        let keys = (0..self.config.apps.len()).find_map(|index| from_file(&format!("app[{index}].keys")));
        let is_in_url = matches!(&self.config.store.url, StoreUrl::Postgres(url) if url.has_password());
        let in_url = || from_file("store.url").filter(|_| is_in_url);
        let password = || from_file("store.password").or_else(in_url);
        keys.map(|file| (KEYS, file)).or_else(|| password().map(|file| (PASSWORD, file)))
    }
}
