//! Connections, and statements on one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool::Runtime;
use deadpool::managed::TimeoutType;
use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_postgres::Statement as Prepared;
use tokio_postgres::error::SqlState;

use super::answer::Answer;
use super::connect::Hosts;
use super::connection::{Connection, Connections, Doubts, Manager, PoolError, Pooled};
use super::failure::{self, Failure};
use super::lanes::{Kind, Lanes, Subject};
use super::lease::{Held, Lease};
use super::meters::Meters;
use super::places::Places;
use super::questions::{Bound, Parameter, Question, named, unnamed};
use super::settings::Settings;
use super::statements::{self, Statement};
use super::tls::Tls;
use crate::stats::PoolStats;

/// How often a statement is tried where trying it again does no harm.
const TRIES_MAX: usize = 3;

/// Connections to one database.
pub(super) struct Pool {
    connections: Connections,
    places: Places,
    lanes: Lanes,
    doubts: Arc<Doubts>,
    /// Connections outside of the pool, on which the database ends what its caller gave up.
    given_up: Arc<Semaphore>,
    given_up_max: usize,
    /// How long it may take to reach an account while commits hang.
    reach_max: Duration,
    tls: Tls,
    acquire_max: Duration,
    statement_max: Duration,
    /// Whether statements are prepared under names.
    names: AtomicBool,
    meters: Arc<Meters>,
}

impl Pool {
    pub(super) fn new(settings: &Settings, tls: Tls) -> Self {
        let (doubts, meters) = (Arc::new(Doubts::default()), Arc::new(Meters::new()));
        let hosts = Hosts::of(settings, tls.clone());
        let given_up_max = (settings.connections_max / 2).max(1);
        let connections = Connections::builder(Manager::new(hosts, Arc::clone(&doubts), Arc::clone(&meters)))
            .max_size(settings.connections_max)
            .wait_timeout(Some(settings.acquire_max))
            .create_timeout(Some(settings.connect_max))
            .recycle_timeout(Some(settings.connect_max))
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a pool with a runtime can have time-outs");
        Self {
            connections,
            places: Places::new(settings.connections_max),
            lanes: Lanes::new(settings.connections_max, settings.slow_after()),
            doubts,
            given_up: Arc::new(Semaphore::new(given_up_max)),
            given_up_max,
            reach_max: settings.slow_after(),
            tls,
            acquire_max: settings.acquire_max,
            statement_max: settings.statement_max,
            names: AtomicBool::new(settings.prepared_statements),
            meters,
        }
    }

    /// A connection, for more than one statement.
    pub(super) async fn connection(&self) -> Result<Pooled, PoolError> {
        let _waits = self.meters.waits();
        Ok(self.acquire(Instant::now() + self.acquire_max).await?.0)
    }

    /// The same to a server that was asked whether it still takes writes.
    pub(super) async fn tested_connection(&self) -> Result<Pooled, Failure> {
        self.doubts.raise();
        self.connection().await.map_err(failure::of_pool)
    }

    /// A connection with its place. One that the database refuses because it has too many waits for another one.
    async fn acquire(&self, until: Instant) -> Result<(Pooled, OwnedSemaphorePermit), PoolError> {
        loop {
            let place = tokio::time::timeout_at(until.into(), self.places.take()).await;
            let place = place.map_err(|_| PoolError::Timeout(TimeoutType::Wait))?.ok_or(PoolError::Closed)?;
            match self.connections.get().await {
                Err(PoolError::Backend(error)) if failure::is_full(&error) && Instant::now() < until => {
                    self.places.refuse(place).await;
                }
                connected => return Ok((connected?, place)),
            }
        }
    }

    async fn lease(&self, kind: Kind, subject: Subject<'_>) -> Result<Lease, Failure> {
        if kind == Kind::Commit && !self.ends_commits() && self.lanes.is_slow(kind, subject) {
            return Err(Failure::TimedOut);
        }
        self.wait(kind, subject).await.map_err(failure::of_pool)
    }

    async fn wait(&self, kind: Kind, subject: Subject<'_>) -> Result<Lease, PoolError> {
        let _waits = self.meters.waits();
        let until = Instant::now() + self.acquire_max;
        let pass = tokio::time::timeout_at(until.into(), self.lanes.enter(kind, subject)).await;
        let pass = pass.map_err(|_| PoolError::Timeout(TimeoutType::Wait))?;
        let (connection, place) = self.acquire(until).await?;
        Ok(Lease::new(kind, Held { connection, place, pass }, &self.tls, &self.given_up))
    }

    /// Whether one more commit may be given up. If not, the database ends none of those that were.
    pub(super) fn ends_commits(&self) -> bool {
        self.given_up.available_permits() > 0
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
        only(self.read_all(Subject(-1, ""), vec![(statement, parameters)]).await?)
    }

    /// Answers what is asked, all in one round trip.
    pub(super) async fn ask<const N: usize>(
        &self,
        subject: Subject<'_>,
        questions: [Option<Question<'_>>; N],
    ) -> Result<[Option<Answer>; N], Failure> {
        let is_asked = questions.each_ref().map(Option::is_some);
        let asked: Vec<_> = questions.into_iter().flatten().collect();
        let mut answers = self.ask_all(subject, &asked).await?.into_iter();
        Ok(is_asked.map(|is_asked| if is_asked { answers.next() } else { None }))
    }

    /// The same of any number of questions.
    pub(super) async fn ask_all(
        &self,
        subject: Subject<'_>,
        questions: &[Question<'_>],
    ) -> Result<Vec<Answer>, Failure> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let parameters: Vec<_> = questions.iter().map(Question::parameters).collect();
        let statements = questions.iter().map(|question| question.statement);
        let together = statements.zip(parameters.iter().map(Vec::as_slice)).collect();
        self.read_all(subject, together).await
    }

    /// Runs a statement that changes something: once, or again if it is certain that nothing was changed because of
    /// a lock or a server that takes no writes.
    pub(super) async fn run(
        &self,
        subject: Subject<'_>,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Answer, Failure> {
        let (until, mut tries) = (Instant::now() + self.statement_max, 1);
        loop {
            let ended = self.run_all(Kind::Commit, subject, &[(statement, parameters)]).await;
            match ended {
                Err(Failure::Locked) if Instant::now() < until => {}
                Err(Failure::ReadOnly(_) | Failure::NameRefused) if tries < TRIES_MAX => tries += 1,
                ended => return only(ended?),
            }
        }
    }

    /// On another connection if one turns out to be dead, or its server to take no writes any more. Whether it does is
    /// asked after the statements: what they read was read while it did.
    async fn read_all(&self, subject: Subject<'_>, mut statements: Vec<Bound<'_>>) -> Result<Vec<Answer>, Failure> {
        statements.push((&statements::WRITABLE, &[]));
        let mut tries = 1;
        loop {
            match self.run_all(Kind::Read, subject, &statements).await {
                Err(Failure::Broken(_) | Failure::ReadOnly(_) | Failure::NameRefused) if tries < TRIES_MAX => {
                    tries += 1;
                }
                Err(Failure::Unknown(cause)) => return Err(Failure::Refused(cause)),
                ended => return ended,
            }
        }
    }

    async fn run_all(
        &self,
        kind: Kind,
        subject: Subject<'_>,
        statements: &[Bound<'_>],
    ) -> Result<Vec<Answer>, Failure> {
        let ended = match self.lease(kind, subject).await {
            Ok(lease) => self.run_all_on(lease, (kind, subject), statements).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = &ended {
            self.meters.failed(failure);
        }
        ended
    }

    async fn run_all_on(
        &self,
        mut lease: Lease,
        (kind, subject): (Kind, Subject<'_>),
        statements: &[Bound<'_>],
    ) -> Result<Vec<Answer>, Failure> {
        let doubts = self.doubts.raised();
        let reached = if kind == Kind::Commit { self.reach(&mut lease, subject).await } else { Ok(()) };
        let ended = match reached {
            Ok(()) => self.send_in_time(lease.begin(kind), kind, statements).await,
            Err(failure) => Err(failure),
        };
        match &ended {
            // Without an answer, dropping the lease cancels what was sent, or gives it up.
            Err(Failure::TimedOut) => self.doubts.raise(),
            Err(Failure::Broken(_) | Failure::ReadOnly(_)) => {
                self.doubts.raise();
                lease.close();
            }
            _ => {
                lease.trust(doubts);
                lease.give_back(matches!(ended, Err(Failure::Locked)));
            }
        }
        ended
    }

    /// While a commit that was given up has not ended, the next ones first lock their account's head for a moment, which
    /// may be cancelled. So accounts whose commits would hang hold no connection for good.
    async fn reach(&self, lease: &mut Lease, subject: Subject<'_>) -> Result<(), Failure> {
        if self.given_up.available_permits() == self.given_up_max || subject.is_shared() {
            return Ok(());
        }
        let Subject(app, account) = subject;
        let head: [Parameter<'_>; 2] = [&app, &account];
        // Rolled back, it does not wait for a standby.
        let together =
            [(&*statements::BEGIN, &[][..]), (&*statements::LOCK_HEAD, &head), (&*statements::ROLLBACK, &[])];
        let reached = timeout(self.reach_max, self.send_all(lease.begin(Kind::Read), &together)).await;
        reached.unwrap_or(Err(Failure::TimedOut)).map(drop)
    }

    async fn send_in_time(
        &self,
        connection: &Connection,
        kind: Kind,
        statements: &[Bound<'_>],
    ) -> Result<Vec<Answer>, Failure> {
        let began = Instant::now();
        let ended = timeout(self.statement_max, self.send_all(connection, statements)).await;
        self.meters.answered(began.elapsed());
        let answers = ended.unwrap_or(Err(Failure::TimedOut));
        if kind == Kind::Read { self.check_current(connection, answers) } else { answers }
    }

    /// Sends all in their order before the first is answered. Each is a transaction of its own.
    async fn send_all(&self, connection: &Connection, statements: &[Bound<'_>]) -> Result<Vec<Answer>, Failure> {
        let prepared = statements.iter().map(|(statement, _)| self.prepared(connection, statement));
        let prepared = join_all(prepared).await;
        let sent = statements.iter().zip(prepared).map(async |((statement, parameters), prepared)| match prepared? {
            Some(name) => named(connection, &name, parameters).await.map_err(|error| self.not_by_name(error)),
            None => unnamed(connection, statement, parameters).await.map_err(failure::of_statement),
        });
        join_all(sent).await.into_iter().collect()
    }

    /// What was read, unless the last answer says that the server takes no writes any more.
    fn check_current(
        &self,
        connection: &Connection,
        answers: Result<Vec<Answer>, Failure>,
    ) -> Result<Vec<Answer>, Failure> {
        let mut answers = answers?;
        let writable = answers.pop().is_some_and(|last| last.rows.first().is_some_and(|row| row.get(0)));
        if connection.is_current(writable, self.connections.manager().must_be_writable()) {
            Ok(answers)
        } else {
            Err(Failure::ReadOnly("its server takes no writes any more".into()))
        }
    }

    /// The name of a statement on this connection: one more round trip the first time. None where names are not used.
    async fn prepared(&self, connection: &Connection, statement: &Statement) -> Result<Option<Prepared>, Failure> {
        if !statement.named || !self.names.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let prepared = connection.prepare_typed_cached(&statement.sql, &statement.types).await;
        prepared.map(Some).map_err(|error| self.not_by_name(error))
    }

    /// What it means that a statement by name failed. A refused name means that it was not run.
    fn not_by_name(&self, error: tokio_postgres::Error) -> Failure {
        if !names_are_refused(&error) {
            return failure::of_statement(error);
        }
        if self.names.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                error = failure::told(&error),
                "a pooler stands before the database that does not know prepared statements; from now on they \
                 are not used, which is slower: set store.prepared_statements = false, or let the pooler keep them"
            );
        }
        Failure::NameRefused
    }

    pub(super) fn close(&self) {
        self.places.close();
        self.connections.close();
    }
}

/// The answer of the only statement.
fn only(answers: Vec<Answer>) -> Result<Answer, Failure> {
    answers.into_iter().next().ok_or_else(|| Failure::Refused("no statement was run".into()))
}

fn names_are_refused(error: &tokio_postgres::Error) -> bool {
    let of_names = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT, SqlState::PROTOCOL_VIOLATION];
    // A pooler that gives a connection up says the same, as FATAL: then the statement may have been run.
    error.as_db_error().is_some_and(|said| said.severity() != "FATAL" && of_names.contains(said.code()))
}
