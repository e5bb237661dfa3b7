//! What a backend tells of itself, in plain numbers, to be shown to an operator.
//!
//! Counts begin when the backend is opened and only grow; everything else is as it is now.

mod cache;
mod meter;

pub use cache::{CacheMeter, CacheStats, Evictions};
pub(crate) use meter::Meter;
pub use meter::{Distribution, micros};

/// The parts that a backend has; one in memory has none.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// The cache of decoded accounts.
    pub accounts: Option<CacheStats>,
    /// The cache of lists of recent conversations.
    pub lists: Option<CacheStats>,
    /// The thread that writes.
    pub writer: Option<WriterStats>,
    /// The disk below; also absent when it does not answer in time.
    pub disk: Option<DiskStats>,
    /// The connections to a database.
    pub pool: Option<PoolStats>,
}

/// What waits for the writer, and what it did.
#[derive(Clone, Debug)]
pub struct WriterStats {
    /// False once a write failed, while one takes too long, and when the store is closed.
    pub takes_writes: bool,
    /// Changes that the writer has not taken up yet.
    pub waiting: u64,
    /// More are refused as overload.
    pub waiting_max: u64,
    /// Memory that the changes which are not durable yet take, in bytes.
    pub waiting_bytes: u64,
    /// Changes in one commit.
    pub batches: Distribution,
    /// Time to write and sync one commit, in microseconds.
    pub commits_us: Distribution,
}

/// The disk that a store is on.
#[derive(Clone, Copy, Debug)]
pub struct DiskStats {
    /// What the files of the store take, in bytes.
    pub used_bytes: u64,
    /// What the file system has left for this process, in bytes.
    pub free_bytes: u64,
}

/// Connections to a database, and the statements over them.
#[derive(Clone, Debug)]
pub struct PoolStats {
    /// Connections that are open.
    pub open: u64,
    /// Those of them that run a statement.
    pub in_use: u64,
    /// There are never more.
    pub open_max: u64,
    /// Calls that wait for a connection.
    pub waiting: u64,
    /// Connections made: the first ones, those for more load, and those in the place of broken ones.
    pub made: u64,
    /// Time until a call had a connection, in microseconds; of calls that got none too.
    pub waits_us: Distribution,
    /// Time from a statement to its answer, in microseconds; of failed ones too.
    pub statements_us: Distribution,
    /// Statements without an answer.
    pub failures: PoolFailures,
}

/// How statements failed. Those that lost a race are none of them: their calls are made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFailures {
    /// The connection broke.
    pub broken: u64,
    /// No answer, or no connection, in time.
    pub timed_out: u64,
    /// The database said no.
    pub refused: u64,
}
