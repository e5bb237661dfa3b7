//! The caller's knowledge about the database, which the check takes into account.

/// What the caller knows about the database. Commits may be numbered by the caller, in rising order.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The database was closed after its last write was synced, so that nothing can be torn.
    pub closed_cleanly: bool,
    /// The commits up to this number, at least, were acknowledged.
    pub acknowledged: Option<u64>,
    /// Reads the number of a commit from the first row of its batch, a key and a value; `None` if the row holds none.
    pub number: fn(&[u8], &[u8]) -> Option<u64>,
}
