//! Where account data is kept: one trait for databases; an embedded one, PostgreSQL, one in memory.
//!
//! [`Store`] brings the rules of the core to the data; a [`Backend`] only stores. What a backend must
//! hold to is in the conformance suite of this crate's tests.

mod apps;
mod backend;
mod check;
pub mod dump;
pub mod embedded;
mod error;
mod history;
mod loaded;
mod memory;
mod outbox;
pub mod postgres;
mod recents;
mod register;
mod rows;
pub mod small_file;
mod snapshot;
pub mod stats;
mod store;
mod sync;
mod weight;

pub use apps::{KeptOfApp, RemovedOfApp, apps_besides, count_app, drop_app};
pub use backend::{Apps, Backend, Commit, Outcome};
pub use check::{Checked, check};
pub use embedded::Embedded;
pub use error::StoreError;
pub use history::{ChangeRange, CommitSink, History, HistoryBounds, Position, kept_bytes};
pub use loaded::{AccountKey, Durability, Life, Loaded, Scope, Version};
pub use memory::Memory;
pub use outbox::{
    Backlog, Lease, Outbox, PageBounds, SHARES, SentChange, SentUpTo, Shares, Unsent, UnsentPage, UnsentSweep, Waiting,
    WaitingPage, share_of,
};
pub use postgres::Postgres;
pub use recents::{Recents, SweepStep, Touched};
pub use register::{ChatGroupList, ListedChatGroup, RegisterCounts};
pub use snapshot::{Damage, OnDamage, Snapshot, SnapshotItem};
pub use store::{Acting, ChangesPage, Recent, Store, UpdateError, Updated};
