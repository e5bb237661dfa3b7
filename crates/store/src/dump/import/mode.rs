//! What an import may find in the store.

/// What may be in the store already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    IntoEmpty,
    /// What an earlier import of the same dump brought; it is compared and left alone.
    Resume,
}

/// What an import did with one account or chat group.
pub(super) enum Put {
    /// It was new to the store.
    New,
    /// The store had it already, just as in the dump.
    There,
}
