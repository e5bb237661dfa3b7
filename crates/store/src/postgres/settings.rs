//! How a database is used.

use std::time::Duration;

use super::password::Password;
use super::url::PostgresUrl;

/// How a database is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which database.
    pub url: PostgresUrl,
    /// The user's password, in place of that of the URL. It may change while the database is in use.
    pub password: Password,
    /// Connections of this instance; up to half as many more while commits wait for the database.
    pub connections_max: usize,
    /// Time to connect, log-in included.
    pub connect_max: Duration,
    /// Time to wait for a connection of the pool.
    pub acquire_max: Duration,
    /// Time for one statement.
    pub statement_max: Duration,
    /// Whether statements are prepared once a connection, which is about twice as fast.
    pub prepared_statements: bool,
    /// Memory for copies of accounts, which the database confirms, in bytes.
    pub copies_bytes_max: u64,
    /// Whether opening may bring the schema up to this build's.
    pub migrate: bool,
    /// Whether everything is only read: by a role that may do no more, on a hot standby too, and without its
    /// `statement_timeout`, which is meant for short calls.
    pub read_only: bool,
}

impl Settings {
    /// The defaults for this database.
    pub fn new(url: PostgresUrl) -> Self {
        Self {
            url,
            password: Password::default(),
            connections_max: 16,
            connect_max: Duration::from_secs(3),
            acquire_max: Duration::from_secs(2),
            statement_max: Duration::from_secs(3),
            prepared_statements: true,
            copies_bytes_max: 256 << 20,
            migrate: true,
            read_only: false,
        }
    }

    /// How long a statement waits for a lock before it is sent again: short, so that others get its connection
    /// meanwhile.
    pub(super) fn lock_wait_max(&self) -> Duration {
        self.statement_max / 12
    }

    /// What takes longer than this is slow.
    pub(super) fn slow_after(&self) -> Duration {
        self.statement_max / 6
    }
}
