//! What a call costs, as measured: bench/JOURNAL.md has the runs. Times are microseconds of one processor of that
//! machine in a fast hour, in which the echo server made 99,000 requests a second over 64 connections.

/// Requests a second of the echo server where the costs were measured.
pub(super) const ECHO_PER_SECOND: f64 = 99_000.0;
/// The load generator, for one call: a fifth of two processors at 30,000 calls a second, and its share of the kernel.
pub(super) const GENERATOR_US: f64 = 16.0;

/// What one kind of call costs.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// Of pinfold over its embedded store.
    pub(super) embedded_us: f64,
    /// Of pinfold over PostgreSQL.
    pub(super) instance_us: f64,
    /// Of PostgreSQL, the registers asked.
    pub(super) database_us: f64,
}

/// `mark_contact` of one conversation, of accounts of 20 records.
pub(super) const MARK: Call = Call { embedded_us: 40.0, instance_us: 166.0, database_us: 350.0 };
/// `get_contact_group` of 20 records.
pub(super) const GET: Call = Call { embedded_us: 25.6, instance_us: 82.0, database_us: 95.0 };

/// Embedded: what each change takes of the one thread that writes, of its 40.
pub(super) const WRITER_US: f64 = 11.0;
/// A sync of the disk, and what it takes of a processor, which is a guess.
pub(super) const SYNC_US: f64 = 130.0;
pub(super) const SYNC_CPU_US: f64 = 60.0;
/// Waking a processor that is idle, for one piece of work. It is what remains of the 360 of a call over one connection.
pub(super) const WAKE_US: f64 = 38.0;
/// A batch waits this share of the last sync for the callers that were just answered, and no less than this.
pub(super) const WAIT_SHARE: f64 = 0.25;
pub(super) const WAIT_US_MIN: f64 = 100.0;
/// Commits in one batch.
pub(super) const BATCH_MAX: usize = 1024;
/// Bytes that reach the disk for each change, with 64 connections.
pub(super) const WRITTEN_BYTES: f64 = 424.0;
/// Bytes of a record on disk: after a load, and the most while ten minutes of changes were written.
pub(super) const RECORD_BYTES: (f64, f64) = (34.0, 176.0);
/// Over PostgreSQL, after a load of 1,000 accounts, the index and the accounts' heads included.
pub(super) const POSTGRES_RECORD_BYTES: f64 = 222.0;

/// Commits a second through a function that a coordinator of Citus hands to one of three workers, all on the two processors
/// together with the client; and of the same function over plain PostgreSQL. They were measured by hand, and are means.
pub(super) const CITUS_COMMITS: f64 = 1860.0;
pub(super) const PLAIN_COMMITS: f64 = 14_000.0;
