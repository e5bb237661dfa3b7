//! What became of the readings of the configuration, for `pinfold reload`.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The path of the admin plane that answers with a [`ReloadReport`].
pub const RELOADS_PATH: &str = "/reloads";

/// Counts the readings, and keeps what became of the last one. Clones share it.
#[derive(Clone, Default)]
pub struct Reloads(Arc<Mutex<ReloadReport>>);

/// What became of the last reading since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadReport {
    /// The process, in its own namespace.
    pub pid: u32,
    /// Readings that began since the start.
    pub begun: u64,
    /// How many of them ended, refused ones included. They go one after the other.
    pub ended: u64,
    /// Why the last one was refused: a sentence without secrets.
    pub refused: Option<String>,
    /// Keys that the last one changed and that need a restart.
    pub need_restart: Vec<String>,
}

impl Reloads {
    /// A reading begins.
    pub fn begins(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).begun += 1;
    }

    /// A reading that was followed but for these keys.
    pub fn followed<'a>(&self, need_restart: impl IntoIterator<Item = &'a str>) {
        self.ended(None, need_restart.into_iter().map(str::to_owned).collect());
    }

    /// A reading that was refused.
    pub fn refused(&self, reason: String) {
        self.ended(Some(reason), Vec::new());
    }

    /// What became of the last one.
    pub fn report(&self) -> ReloadReport {
        let report = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ReloadReport { pid: std::process::id(), ..report }
    }

    fn ended(&self, refused: Option<String>, need_restart: Vec<String>) {
        let mut report = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *report = ReloadReport { pid: 0, begun: report.begun, ended: report.begun, refused, need_restart };
    }
}
