//! Why a dump cannot be read, written or imported, in words for the operator.

use std::io;

use pinfold_core::{AppId, ChatGroupId};

use crate::{AccountKey, StoreError};

/// A line of a dump that cannot be what an export wrote, or cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LineError {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong, with the account or chat group it is about.
    pub problem: String,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store could not be read.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The dump could not be written.
    #[error("cannot write the dump: {0}")]
    Write(#[from] io::Error),
    /// The store holds a state that an import would refuse.
    #[error("{what}: {problem}")]
    Unfit {
        /// The account or chat group.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Why an import ended early. What was imported before stays, each account as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is wrong, or cannot be put into the store.
    #[error(transparent)]
    Line(#[from] LineError),
    /// There is something in the store, and the import is not to resume.
    #[error(
        "the store is not empty ({0} is in it); import into an empty one, or add --resume to go on with an import that was interrupted"
    )]
    NotEmpty(String),
    /// The store could not be read.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
}

/// An account in a sentence.
pub(crate) fn name(account: &AccountKey) -> String {
    format!("account {:?} of app {}", account.account.as_str(), account.app.0)
}

/// A chat group in a sentence.
pub(crate) fn name_of_chat_group(app: AppId, id: &ChatGroupId) -> String {
    format!("chat group {:?} of app {}", id.as_str(), app.0)
}
