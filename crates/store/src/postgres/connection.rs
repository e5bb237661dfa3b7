//! One connection, and whether it may be used again.
//!
//! An open connection says little: its server may have become read-only, or be out of reach without a word. So a
//! failure of one puts all others in doubt, and each of them is tested before it is used again.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::Error;

use super::connect::Hosts;
use super::meters::Meters;
use super::statements;

/// Time for the answer to a test; without one in time no other connection in doubt is tested either.
const TEST_MAX: Duration = Duration::from_millis(500);

/// Connections of the pool.
pub(super) type Connections = managed::Pool<Manager>;
/// A connection that goes back to the pool when it is dropped.
pub(super) type Pooled = managed::Object<Manager>;
pub(super) type PoolError = managed::PoolError<Error>;

/// A connection, and what is known of its server.
pub(super) struct Connection {
    client: ClientWrapper,
    /// Whether its server took writes, as far as this connection saw.
    was_writable: AtomicBool,
    /// The doubts that its last answer dispelled.
    trusted: AtomicU64,
}

impl Connection {
    /// Whether what it reads may be answered, given that its server takes writes now or does not. A server that no
    /// longer takes writes was replaced by another one, of whose changes it does not know.
    pub(super) fn is_current(&self, writable: bool, must_be_writable: bool) -> bool {
        let was_writable = self.was_writable.fetch_or(writable, Ordering::Relaxed);
        writable || !(was_writable || must_be_writable)
    }

    /// Its server answered to what was sent when there were these many doubts.
    pub(super) fn trust(&self, doubts: u64) {
        self.trusted.fetch_max(doubts, Ordering::Relaxed);
    }

    /// Waits until the database is done with everything that was sent.
    pub(super) async fn wait_idle(&self) {
        // An error means that the connection broke, which ends what was sent just as well.
        let _ = self.client.check_connection().await;
    }
}

impl Deref for Connection {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        &mut self.client
    }
}

/// Failures that put connections in doubt, counted.
#[derive(Default)]
pub(super) struct Doubts {
    raised: AtomicU64,
    /// Those that a test confirmed: connections that did not answer since are closed without one.
    confirmed: AtomicU64,
}

impl Doubts {
    /// From now on each connection is tested before it is used again.
    pub(super) fn raise(&self) {
        self.raised.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn raised(&self) -> u64 {
        self.raised.load(Ordering::Relaxed)
    }
}

/// Makes connections, and says whether one may be used again.
pub(super) struct Manager {
    hosts: Hosts,
    doubts: Arc<Doubts>,
    meters: Arc<Meters>,
}

impl Manager {
    pub(super) fn new(hosts: Hosts, doubts: Arc<Doubts>, meters: Arc<Meters>) -> Self {
        Self { hosts, doubts, meters }
    }

    /// Whether calls need a server that takes writes, whatever it was before.
    pub(super) fn must_be_writable(&self) -> bool {
        self.hosts.must_be_writable()
    }

    /// Asks the server what it is.
    pub(super) async fn test(&self, connection: &Connection) -> RecycleResult<Error> {
        let doubts = self.doubts.raised();
        let Ok(writable) = timeout(TEST_MAX, is_writable(connection)).await else {
            self.doubts.confirmed.fetch_max(doubts, Ordering::Relaxed);
            return Err(RecycleError::message("it does not answer"));
        };
        if !connection.is_current(writable?, self.must_be_writable()) {
            return Err(RecycleError::message("its server takes no writes any more"));
        }
        connection.trust(doubts);
        Ok(())
    }
}

async fn is_writable(client: &ClientWrapper) -> Result<bool, Error> {
    let answer = client.query_typed(&statements::WRITABLE.sql, &[]).await?;
    Ok(answer.first().is_some_and(|row| row.get(0)))
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        let doubts = self.doubts.raised();
        let (client, task) = self.hosts.connect().await?;
        self.meters.connection_made();
        let client = ClientWrapper::new(client, task);
        let was_writable = self.must_be_writable() || is_writable(&client).await?;
        Ok(Connection { client, was_writable: was_writable.into(), trusted: doubts.into() })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        let trusted = connection.trusted.load(Ordering::Relaxed);
        if connection.is_closed() || trusted < self.doubts.confirmed.load(Ordering::Relaxed) {
            return Err(RecycleError::message("it is closed or does not answer"));
        }
        if trusted < self.doubts.raised() { self.test(connection).await } else { Ok(()) }
    }
}
