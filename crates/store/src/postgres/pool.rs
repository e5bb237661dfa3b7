//! Connections, and statements on one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{
    Hook, Manager, ManagerConfig, Object, Pool as Connections, PoolError, RecyclingMethod, Runtime,
};
use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, RowStream};

use super::Settings;
use super::connect::Hosts;
use super::failure::{self, Failure};
use super::meters::Meters;
use super::statements::Statement;
use super::tls::Tls;
use crate::stats::PoolStats;

/// How long the database is asked to stop a statement nobody waits for any more.
const CANCEL_MAX: Duration = Duration::from_secs(1);
/// How often a read is tried when connections turn out to be dead.
const READS_MAX: usize = 3;

/// A parameter of a statement.
pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A statement that only reads, with its parameters.
pub(super) struct Question<'a> {
    statement: &'static Statement,
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

    fn parameters(&self) -> Vec<Parameter<'_>> {
        self.parameters.iter().map(|parameter| &**parameter as Parameter<'_>).collect()
    }
}

/// What a statement came to.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// Rows that it wrote or gave back: none for a commit that lost a race.
    pub(super) affected: u64,
}

impl Answer {
    async fn read(stream: RowStream) -> Result<Self, tokio_postgres::Error> {
        let mut stream = std::pin::pin!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(row);
        }
        Ok(Self { rows, affected: stream.rows_affected().unwrap_or(0) })
    }
}

/// Connections to one database.
pub(super) struct Pool {
    connections: Connections,
    tls: Tls,
    statement_max: Duration,
    prepared: AtomicBool,
    meters: Arc<Meters>,
}

impl Pool {
    pub(super) fn new(settings: &Settings, tls: Tls) -> Self {
        let (config, hosts) = (settings.url.config().clone(), Hosts::of(settings, tls.clone()));
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let meters = Arc::new(Meters::new());
        let made = Arc::clone(&meters);
        let connections = Connections::builder(Manager::from_connect(config, hosts, fast))
            .max_size(settings.connections_max)
            .wait_timeout(Some(settings.acquire_max))
            .create_timeout(Some(settings.connect_max))
            .recycle_timeout(Some(settings.connect_max))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::sync_fn(move |_, _| {
                made.connection_made();
                Ok(())
            }))
            .build()
            .expect("a pool with a runtime can have time-outs");
        let prepared = AtomicBool::new(settings.prepared_statements);
        Self { connections, tls, statement_max: settings.statement_max, prepared, meters }
    }

    /// A connection, for more than one statement.
    pub(super) async fn connection(&self) -> Result<Object, PoolError> {
        let began = Instant::now();
        let connection = self.connections.get().await;
        self.meters.waited(began.elapsed());
        connection
    }

    /// How the connections do.
    pub(super) fn stats(&self) -> PoolStats {
        self.meters.read(&self.connections.status())
    }

    /// How long the answer to one statement may take.
    pub(super) fn statement_max(&self) -> Duration {
        self.statement_max
    }

    /// Runs a statement that only reads.
    pub(super) async fn read(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Answer, Failure> {
        only(self.read_all(&[(statement, parameters)]).await?)
    }

    /// Answers what is asked, all in one round trip.
    pub(super) async fn ask<const N: usize>(
        &self,
        questions: [Option<Question<'_>>; N],
    ) -> Result<[Option<Answer>; N], Failure> {
        let parameters: Vec<_> = questions.iter().flatten().map(Question::parameters).collect();
        let statements = questions.iter().flatten().map(|question| question.statement);
        let together: Vec<_> = statements.zip(parameters.iter().map(Vec::as_slice)).collect();
        if together.is_empty() {
            return Ok([const { None }; N]);
        }
        let mut answers = self.read_all(&together).await?.into_iter();
        Ok(questions.map(|question| question.and_then(|_| answers.next())))
    }

    /// Runs a statement once.
    pub(super) async fn run(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Answer, Failure> {
        only(self.run_all(&[(statement, parameters)]).await?)
    }

    /// On another connection if one turns out to be dead.
    async fn read_all(&self, statements: &[(&Statement, &[Parameter<'_>])]) -> Result<Vec<Answer>, Failure> {
        for _ in 1..READS_MAX {
            match self.run_all(statements).await {
                Err(Failure::Broken(_)) => {}
                ended => return ended,
            }
        }
        self.run_all(statements).await
    }

    async fn run_all(&self, statements: &[(&Statement, &[Parameter<'_>])]) -> Result<Vec<Answer>, Failure> {
        let ended = self.run_all_on_one(statements).await;
        if let Err(failure) = &ended {
            self.meters.failed(failure);
        }
        ended
    }

    /// Sends all before the first is answered. Each is a transaction of its own.
    async fn run_all_on_one(&self, statements: &[(&Statement, &[Parameter<'_>])]) -> Result<Vec<Answer>, Failure> {
        let connection = self.connection().await.map_err(failure::of_pool)?;
        let lease = Lease { connection: Some(connection), tls: self.tls.clone() };
        let connection = lease.connection.as_ref().expect("it was put there above");
        let together =
            statements.iter().map(|(statement, parameters)| self.try_both_ways(connection, statement, parameters));
        let began = Instant::now();
        let ended = tokio::time::timeout(self.statement_max, join_all(together)).await;
        self.meters.answered(began.elapsed());
        let ended = ended.map_err(|_| Failure::TimedOut)?;
        lease.give_back();
        ended.into_iter().map(|answer| answer.map_err(failure::of_statement)).collect()
    }

    /// A refused name means that nothing was run.
    async fn try_both_ways(
        &self,
        connection: &Object,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, tokio_postgres::Error> {
        if !statement.named || !self.prepared.load(Ordering::Relaxed) {
            return unnamed(connection, statement, parameters).await;
        }
        match named(connection, statement, parameters).await {
            Err(error) if names_are_refused(&error) => {
                if self.prepared.swap(false, Ordering::Relaxed) {
                    tracing::warn!(
                        error = failure::told(&error),
                        "a pooler stands before the database that does not know prepared statements; from now on they \
                         are not used, which is slower: set store.prepared_statements = false, or let the pooler keep them"
                    );
                }
                unnamed(connection, statement, parameters).await
            }
            ended => ended,
        }
    }

    pub(super) fn close(&self) {
        self.connections.close();
    }
}

/// The answer of the only statement.
fn only(answers: Vec<Answer>) -> Result<Answer, Failure> {
    answers.into_iter().next().ok_or_else(|| Failure::Refused("no statement was run".into()))
}

/// One round trip, and one more for each connection that sees the statement for the first time.
async fn named(
    connection: &Object,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<Answer, tokio_postgres::Error> {
    let prepared = connection.prepare_typed_cached(&statement.sql, &statement.types).await?;
    Answer::read(connection.query_raw(&prepared, parameters.iter().copied()).await?).await
}

/// One round trip; the database plans the statement each time.
async fn unnamed(
    connection: &Object,
    statement: &Statement,
    parameters: &[Parameter<'_>],
) -> Result<Answer, tokio_postgres::Error> {
    let typed = parameters.iter().copied().zip(statement.types.iter().cloned());
    Answer::read(connection.query_typed_raw(&statement.sql, typed).await?).await
}

fn names_are_refused(error: &tokio_postgres::Error) -> bool {
    let of_names = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT, SqlState::PROTOCOL_VIOLATION];
    // A pooler that gives a connection up says the same, as FATAL: then the statement may have been run.
    error.as_db_error().is_some_and(|said| said.severity() != "FATAL" && of_names.contains(said.code()))
}

/// A connection in use. If its caller leaves early, the connection is not given to anybody else, who would wait
/// for the same answer, and the database is asked to stop.
struct Lease {
    connection: Option<Object>,
    tls: Tls,
}

impl Lease {
    fn give_back(mut self) {
        self.connection = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let connection = Object::take(connection);
        let (token, tls) = (connection.cancel_token(), self.tls.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(CANCEL_MAX, async move {
                // What becomes of it is nobody's concern: the outcome is unknown to the caller either way.
                let _ = token.cancel_query(tls).await;
                drop(connection);
            }));
        }
    }
}
