//! What is asked of the database.

use tokio_postgres::Statement as Prepared;
use tokio_postgres::types::ToSql;

use super::answer::Answer;
use super::connection::Connection;
use super::statements::Statement;

/// A parameter of a statement.
pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A statement that only reads, with its parameters.
pub(super) struct Question<'a> {
    pub(super) statement: &'static Statement,
    parameters: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

impl<'a> Question<'a> {
    pub(super) fn of(statement: &'static Statement) -> Self {
        Self { statement, parameters: Vec::with_capacity(statement.types.len()) }
    }

    /// With its next parameter.
    pub(super) fn with(mut self, parameter: impl ToSql + Sync + Send + 'a) -> Self {
        self.parameters.push(Box::new(parameter));
        self
    }

    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        self.parameters.iter().map(|parameter| &**parameter as Parameter<'_>).collect()
    }
}

/// A statement with its parameters.
pub(super) type Bound<'a> = (&'a Statement, &'a [Parameter<'a>]);

/// One round trip.
pub(super) async fn named(
    connection: &Connection,
    statement: &Prepared,
    parameters: &[Parameter<'_>],
) -> Result<Answer, tokio_postgres::Error> {
    Answer::read(connection.query_raw(statement, parameters.iter().copied()).await?).await
}

/// One round trip; the database plans the statement each time.
pub(super) async fn unnamed(
    connection: &Connection,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<Answer, tokio_postgres::Error> {
    let typed = parameters.iter().copied().zip(statement.types.iter().cloned());
    Answer::read(connection.query_typed_raw(&statement.sql, typed).await?).await
}
