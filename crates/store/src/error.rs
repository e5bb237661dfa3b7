//! Why a store could not do its work.

/// Why the store could not do its work. The texts are for the log and never reach a caller.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The store did not answer in time; whether a change was made is unknown.
    #[error("the store did not answer in time")]
    Timeout,
    /// Too many writes are waiting already; nothing was changed.
    #[error("{waiting_max} writes are waiting for the store already")]
    Overloaded {
        /// How many may wait.
        waiting_max: usize,
    },
    /// The writes that are waiting take too much memory already; nothing was changed.
    #[error("writes that wait for the store take {bytes_max} bytes already")]
    OverloadedBytes {
        /// How many bytes they may take.
        bytes_max: u64,
    },
    /// An earlier write failed. Nothing is written until the store is reopened.
    #[error("the store takes no writes since one failed: {0}")]
    Poisoned(String),
    /// Nothing is read or written until a restart: the files are not those that were opened, or cannot be reopened.
    #[error("the store is out of service: {0}")]
    OutOfService(String),
    /// A file could not be read for want of a right or of a descriptor, say. That is not damage.
    #[error("cannot read a file of the store: {0}")]
    Unreadable(String),
    /// What was read is not what was written.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}
