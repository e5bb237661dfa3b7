//! What can go wrong with a statement, and what that means for the call.

use std::error::Error as _;

use deadpool::managed::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use super::answer::Answer;
use crate::{Commit, StoreError};

/// Why a statement has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another commit came first; nothing was changed.
    Lost,
    /// The connection broke: what became of the statement is unknown.
    Broken(String),
    /// No answer, or no connection, in time.
    TimedOut,
    /// Another transaction held a lock for too long; nothing was changed.
    Locked,
    /// The server takes no writes; nothing was changed.
    ReadOnly(String),
    /// A pooler does not know the name of a prepared statement; nothing was changed.
    NameRefused,
    /// The database failed at a time when it may have changed what it was asked to.
    Unknown(String),
    /// The database said no; nothing was changed.
    Refused(String),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Broken(cause) => {
                tracing::warn!(cause, "a connection to the database broke");
                Self::Timeout
            }
            Failure::Unknown(cause) => {
                tracing::warn!(cause, "the database does not say whether a change was made");
                Self::Timeout
            }
            // A read that lost a race may be made again, as after a time-out.
            Failure::TimedOut | Failure::Lost | Failure::Locked | Failure::NameRefused => Self::Timeout,
            Failure::Refused(cause) | Failure::ReadOnly(cause) => Self::Failed(cause),
        }
    }
}

/// What a commit came to.
pub(super) fn committed(ended: Result<Answer, Failure>) -> Result<Commit, StoreError> {
    match ended {
        Ok(Answer { affected: 0, .. }) => Ok(Commit::Conflict),
        Ok(_) => Ok(Commit::Committed),
        Err(Failure::Lost) => Ok(Commit::Conflict),
        Err(failure) => Err(failure.into()),
    }
}

/// The same of a statement that says so itself: true if it changed what it was asked to.
pub(super) fn did_commit(ended: Result<Answer, Failure>) -> Result<Commit, StoreError> {
    let unknown = || Failure::Unknown("the answer to a commit cannot be read".into());
    let says = |answer: Answer| answer.rows.first().and_then(|row| row.try_get(0).ok()).ok_or_else(unknown);
    match ended.and_then(says) {
        Ok(true) => Ok(Commit::Committed),
        Ok(false) | Err(Failure::Lost) => Ok(Commit::Conflict),
        Err(failure) => Err(failure.into()),
    }
}

pub(super) fn of_pool(error: PoolError<tokio_postgres::Error>) -> Failure {
    match error {
        PoolError::Timeout(kind @ (TimeoutType::Wait | TimeoutType::Create | TimeoutType::Recycle)) => {
            tracing::warn!(waited_for = ?kind, "no connection to the database in time");
            Failure::TimedOut
        }
        PoolError::Backend(error) if is_away(&error) => {
            tracing::warn!(cause = told(&error), "no connection to the database");
            Failure::TimedOut
        }
        PoolError::Backend(error) => Failure::Refused(format!("no connection to the database: {}", told(&error))),
        PoolError::Closed => Failure::Refused("the store is closed".into()),
        error @ (PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => Failure::Refused(error.to_string()),
    }
}

/// Whether a database that refuses a connection is out of reach, starting, stopping or full: it may be asked again.
fn is_away(error: &tokio_postgres::Error) -> bool {
    is_full(error) || error.code().is_none_or(is_gone)
}

/// Whether the database has no connection for us while it has others.
pub(super) fn is_full(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS)
}

/// Whether the server is stopping or starting, or ended the connection.
fn is_gone(code: &SqlState) -> bool {
    code.code().starts_with("57P") || code.code().starts_with("08")
}

pub(super) fn of_statement(error: tokio_postgres::Error) -> Failure {
    let text = told(&error);
    let Some(said) = error.as_db_error() else { return Failure::Broken(text) };
    if matches!(said.severity(), "FATAL" | "PANIC") || is_gone(said.code()) {
        return Failure::Broken(text);
    }
    of_code(said.code(), text)
}

/// The meaning of an error that leaves the connection usable.
fn of_code(code: &SqlState, text: String) -> Failure {
    let lost = [SqlState::UNIQUE_VIOLATION, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    // Internal errors, those of the system, and one of its own for this: a database of several nodes may have
    // committed on one of them.
    let is_unknown = code.code().starts_with("XX") || code.code().starts_with("58");
    match code {
        code if lost.contains(code) => Failure::Lost,
        code if *code == SqlState::QUERY_CANCELED => Failure::TimedOut,
        code if *code == SqlState::LOCK_NOT_AVAILABLE => Failure::Locked,
        code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Failure::ReadOnly(text),
        code if is_unknown || *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN => Failure::Unknown(text),
        _ => Failure::Refused(text),
    }
}

/// The error and its causes, each once. What a database says in a detail can hold data, so that stays out.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome_of(code: &str) -> Result<Commit, StoreError> {
        committed(Err(of_code(&SqlState::from_code(code), String::new())))
    }

    #[test]
    fn a_failure_says_that_nothing_was_changed_only_if_that_is_certain() {
        for unknown in ["XX000", "XX001", "58000", "58030", "40003", "57014"] {
            assert!(matches!(outcome_of(unknown), Err(StoreError::Timeout)), "{unknown}");
        }
        for nothing in ["53100", "42501", "25006", "22P02"] {
            assert!(matches!(outcome_of(nothing), Err(StoreError::Failed(_))), "{nothing}");
        }
        for lost in ["23505", "40001", "40P01"] {
            assert!(matches!(outcome_of(lost), Ok(Commit::Conflict)), "{lost}");
        }
    }
}
