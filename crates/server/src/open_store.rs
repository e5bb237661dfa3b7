//! From the configuration's URL to an open store.

use std::sync::Arc;

use pinfold_store::embedded::{OpenError, Settings};
use pinfold_store::{Embedded, Memory, Store};

use crate::config::{StoreConfig, StoreUrl};

/// Opens the store of the configuration. Blocks while journals are replayed.
///
/// # Errors
/// [`OpenError`], a sentence for the operator.
pub fn open_store(config: &StoreConfig) -> Result<Store, OpenError> {
    match &config.url {
        StoreUrl::Memory => Ok(Store::new(Arc::new(Memory::new()))),
        StoreUrl::File(directory) => {
            let settings = Settings { cache_bytes_max: u64::from(config.cache_mib) << 20, ..Settings::default() };
            Ok(Store::new(Arc::new(Embedded::open(directory, &settings)?)))
        }
    }
}
