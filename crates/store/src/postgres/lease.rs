//! A connection in use, and what becomes of it if its caller leaves before the database has answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::{Connection, Pooled};
use super::lanes::{Kind, Pass};
use super::tls::Tls;

/// How long the database is asked to stop a read whose caller has left.
const CANCEL_MAX: Duration = Duration::from_secs(1);

/// A connection in use, for one kind of statement.
///
/// Dropped early it is not given to another call, which would wait for the same answer. A read is cancelled. A commit
/// is left to the database, which ends it: its connection stays open outside of the pool until then, of which there
/// are as many as `given_up` has permits. Further ones keep their place in the pool; those are few, because
/// commits are tried out while any is given up (`Pool::reach`).
pub(super) struct Lease {
    kind: Kind,
    held: Option<Held>,
    tls: Tls,
    given_up: Arc<Semaphore>,
}

/// What a call holds while it waits for the database.
pub(super) struct Held {
    pub(super) connection: Pooled,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) pass: Pass,
}

impl Lease {
    pub(super) fn new(kind: Kind, held: Held, tls: &Tls, given_up: &Arc<Semaphore>) -> Self {
        Self { kind, held: Some(held), tls: tls.clone(), given_up: Arc::clone(given_up) }
    }

    /// The connection, on which a statement of this kind is sent now.
    pub(super) fn begin(&mut self, kind: Kind) -> &Connection {
        self.kind = kind;
        let held = self.held.as_mut().expect("it is there until the lease ends");
        held.pass.begin();
        &held.connection
    }

    /// The server answered to what was sent when there were these many doubts.
    pub(super) fn trust(&self, doubts: u64) {
        if let Some(Held { connection, .. }) = &self.held {
            connection.trust(doubts);
        }
    }

    /// The database answered: the next call may have the connection. `hangs` if the answer was that it would take long.
    pub(super) fn give_back(mut self, hangs: bool) {
        if let Some(Held { mut pass, .. }) = self.held.take().filter(|_| hangs) {
            pass.hangs();
        }
    }

    /// The connection cannot be used again.
    pub(super) fn close(mut self) {
        if let Some(Held { connection, .. }) = self.held.take() {
            drop(Pooled::take(connection));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(held), Ok(runtime)) = (self.held.take(), Handle::try_current()) else { return };
        match self.kind {
            Kind::Read => drop(runtime.spawn(timeout(CANCEL_MAX, cancel(held, self.tls.clone())))),
            Kind::Commit => drop(runtime.spawn(give_up(held, Arc::clone(&self.given_up)))),
        }
    }
}

async fn cancel(Held { connection, place, mut pass }: Held, tls: Tls) {
    pass.hangs();
    drop(pass);
    let connection = Pooled::take(connection);
    // The caller has left: there is nothing to report a failure to.
    let _ = connection.cancel_token().cancel_query(tls).await;
    drop((connection, place));
}

async fn give_up(Held { connection, place, mut pass }: Held, given_up: Arc<Semaphore>) {
    pass.hangs();
    match given_up.try_acquire_owned() {
        Ok(permit) => {
            let connection = Pooled::take(connection);
            drop((place, pass));
            connection.wait_idle().await;
            drop(permit);
        }
        Err(_) => {
            connection.wait_idle().await;
            drop((connection, place, pass));
        }
    }
}
