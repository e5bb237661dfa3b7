//! What tests need that run the store under a scheduler of threads: a store over a disk in memory. Only with the feature
//! `schedules`; everything else is the code of the product, over `shuttle`'s locks, channels and threads.

mod disk;
pub(crate) mod fake_fjall;

use std::fs::{self, File};
use std::path::Path;

pub use self::disk::Disk;
use self::fake_fjall::Database;
use super::engine::Engine;
use super::open::acknowledged::Acknowledged;
use super::open::directory_watch::DirectoryWatch;
use super::open::opening::Opened;
use super::{Embedded, OpenError, Settings};
use crate::embedded::shortage::EngineLog;

impl Embedded {
    /// Opens the store on `disk`. In `directory` there are only the files that a store has beside the engine's.
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_scheduled(disk: &Disk, directory: &Path, settings: &Settings) -> Result<Self, OpenError> {
        let opened = opened(disk, directory).map_err(|cause| OpenError::Io {
            path: directory.to_owned(),
            action: "prepare it for a test",
            cause,
        })?;
        Self::start(directory, opened, EngineLog::now(), settings)
    }

    /// The memory of commits that are in flight, in bytes.
    pub fn in_flight_bytes(&self) -> u64 {
        self.in_flight.bytes()
    }
}

fn opened(disk: &Disk, directory: &Path) -> std::io::Result<Opened> {
    let data = directory.join("data");
    fs::create_dir_all(&data)?;
    File::create(data.join("lock"))?;
    let lock = File::create(directory.join("lock"))?;
    let mut watch = DirectoryWatch::new(directory, &lock)?;
    watch.opened()?;
    let engine = Engine::over(Database(disk.clone()), true).map_err(std::io::Error::other)?;
    Ok(Opened { engine, last_commit: 0, lock, watch, acknowledged: Acknowledged::begin(directory, 0)? })
}
