//! The password of the database's user, which may change while connections are open.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_postgres::Config;

/// A password that connections made from now on log in with. Clones share it. `Debug` shows nothing of it.
#[derive(Clone, Default)]
pub struct Password(Arc<RwLock<Option<String>>>);

impl Password {
    /// A password in place of that of the URL.
    pub fn new(text: &str) -> Self {
        Self(Arc::new(RwLock::new(Some(text.to_owned()))))
    }

    /// Exchanges it; connections that are open stay open.
    pub(crate) fn replace(&self, text: &str) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }

    /// The configuration of a connection that is made now.
    pub(super) fn put_into(&self, config: &Config) -> Config {
        let mut config = config.clone();
        if let Some(text) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            config.password(text);
        }
        config
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}
