//! Opens the store that the configuration's URL names.

use std::path::Path;
use std::sync::Arc;

use pinfold_store::postgres::{self, Migration};
use pinfold_store::{Embedded, Memory, Postgres, Store, embedded};

use crate::config::{StoreConfig, StoreUrl};

/// Why the store cannot be opened: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The embedded store.
    #[error(transparent)]
    Embedded(#[from] embedded::OpenError),
    /// The database.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// The thread that opened it panicked.
    #[error("opening the store ended early: {0}")]
    Ended(#[from] tokio::task::JoinError),
    /// Only a database has a schema.
    #[error("store.url does not name a database: only postgres:// has tables to migrate")]
    NoDatabase,
}

impl OpenStoreError {
    /// Whether the same attempt may succeed later by itself: a database is down, or starts.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Postgres(error) => error.may_pass(),
            Self::Embedded(_) | Self::Ended(_) | Self::NoDatabase => false,
        }
    }
}

/// Opens the store of the configuration. May take long: journals are replayed, tables created.
///
/// # Errors
/// [`OpenStoreError`].
pub async fn open_store(config: &StoreConfig) -> Result<Store, OpenStoreError> {
    Ok(match &config.url {
        StoreUrl::Memory => Store::new(Arc::new(Memory::new())),
        StoreUrl::File(directory) => open_embedded(config, directory, false).await?,
        StoreUrl::Postgres(url) => Store::of_postgres(Postgres::open(&settings(config, url)).await?),
    })
}

/// Opens the store of the configuration to read everything it keeps. Of a database nothing but the right to read is
/// needed, so a standby does; a directory keeps its format.
///
/// # Errors
/// [`OpenStoreError`].
pub async fn open_store_to_read(config: &StoreConfig) -> Result<Store, OpenStoreError> {
    match &config.url {
        StoreUrl::Memory => open_store(config).await,
        StoreUrl::File(directory) => open_embedded(config, directory, true).await,
        StoreUrl::Postgres(url) => {
            let settings = postgres::Settings { read_only: true, ..settings(config, url) };
            Ok(Store::of_postgres(Postgres::open(&settings).await?))
        }
    }
}

async fn open_embedded(config: &StoreConfig, directory: &Path, keep_format: bool) -> Result<Store, OpenStoreError> {
    let cache_bytes_max = u64::from(config.cache_mib) << 20;
    let settings = embedded::Settings { cache_bytes_max, keep_format, ..embedded::Settings::default() };
    let directory = directory.to_owned();
    let embedded = tokio::task::spawn_blocking(move || Embedded::open(&directory, &settings)).await??;
    Ok(Store::new(Arc::new(embedded)))
}

/// Brings the tables of the configuration's database up to this build's, or says what that would do.
///
/// # Errors
/// [`OpenStoreError`]; then nothing was changed.
pub async fn migrate_store(config: &StoreConfig, dry_run: bool) -> Result<Vec<Migration>, OpenStoreError> {
    match &config.url {
        StoreUrl::Postgres(url) => Ok(postgres::migrate(&settings(config, url), dry_run).await?),
        StoreUrl::Memory | StoreUrl::File(_) => Err(OpenStoreError::NoDatabase),
    }
}

fn settings(config: &StoreConfig, url: &postgres::PostgresUrl) -> postgres::Settings {
    let password = config.password.as_ref().map(|password| postgres::Password::new(password.expose()));
    postgres::Settings {
        url: url.clone(),
        password: password.unwrap_or_default(),
        connections_max: config.connections_max as usize,
        connect_max: config.connect,
        acquire_max: config.acquire,
        statement_max: config.statement,
        prepared_statements: config.prepared_statements,
        copies_bytes_max: u64::from(config.cache_mib) << 20,
        migrate: config.migrate,
        read_only: false,
    }
}
