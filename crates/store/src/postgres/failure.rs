//! What can go wrong with a statement, and what that means for the call.

use std::error::Error as _;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use super::pool::Answer;
use crate::{Commit, StoreError};

/// Why a statement has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody else was faster; nothing was changed.
    Lost,
    /// The connection broke: what became of the statement is unknown.
    Broken(String),
    /// No answer, or no connection, in time.
    TimedOut,
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
            // A read that lost a race may be made again, as after a time-out.
            Failure::TimedOut | Failure::Lost => Self::Timeout,
            Failure::Refused(cause) => Self::Failed(cause),
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

pub(super) fn of_pool(error: PoolError) -> Failure {
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
    error.code().is_none_or(|code| {
        *code == SqlState::TOO_MANY_CONNECTIONS || code.code().starts_with("57P") || code.code().starts_with("08")
    })
}

pub(super) fn of_statement(error: tokio_postgres::Error) -> Failure {
    let text = told(&error);
    let Some(code) = error.code() else { return Failure::Broken(text) };
    let lost = [SqlState::UNIQUE_VIOLATION, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    match code {
        code if lost.contains(code) => Failure::Lost,
        // The server is stopping, or ended this connection.
        code if code.code().starts_with("57P") || code.code().starts_with("08") => Failure::Broken(text),
        code if *code == SqlState::QUERY_CANCELED => Failure::TimedOut,
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
