//! Opening: everything that is checked before the first call is served, and the sentences for the operator.

use deadpool::managed::TimeoutType;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connection::PoolError;
use super::failure::told;
use super::migrate::{self, Migration};
use super::pool::Pool;
use super::settings::Settings;
use super::tls;
use super::url::PostgresUrl;

/// Why a database cannot be used, in words for the operator. They hold no password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server does not answer, or not in time.
    #[error("the database {url} does not answer: {cause}; check that it runs and that host and port are right")]
    Unreachable {
        /// Which.
        url: String,
        /// What the system said.
        cause: String,
    },
    /// TLS is impossible or its certificates are not to be trusted.
    #[error("no TLS to the database {url}: {cause}; check sslmode and sslrootcert")]
    Tls {
        /// Which.
        url: String,
        /// What is wrong.
        cause: String,
    },
    /// The user may not log in.
    #[error("the database {url} refuses the user {user:?}: {cause}; check user and password")]
    Login {
        /// Which.
        url: String,
        /// Who.
        user: String,
        /// What the database said.
        cause: String,
    },
    /// The database does not exist.
    #[error("the database {database:?} does not exist ({url}); create it: CREATE DATABASE {database} ENCODING 'UTF8'")]
    NoDatabase {
        /// Which.
        url: String,
        /// Its name.
        database: String,
    },
    /// The user may log in, and nothing else.
    #[error(
        "the user {user:?} may not do what pinfold needs in {url}: {cause}; grant it, or run `pinfold migrate` as the owner of the tables"
    )]
    Permission {
        /// Which.
        url: String,
        /// Who.
        user: String,
        /// What the database said.
        cause: String,
    },
    /// Texts would not come back as they were.
    #[error("the database {url} has the encoding {encoding}; pinfold needs UTF8")]
    Encoding {
        /// Which.
        url: String,
        /// What it has.
        encoding: String,
    },
    /// A newer build was here.
    #[error("the database {url} has schema {found}; this build knows up to {known}: start the newer build")]
    TooNew {
        /// Which.
        url: String,
        /// Its schema.
        found: i64,
        /// What this build knows.
        known: i64,
    },
    /// It has to be migrated, which this process may not do.
    #[error(
        "the database {url} has schema {found}, this build needs {known}: run `pinfold migrate`, or allow store.migrate"
    )]
    Behind {
        /// Which.
        url: String,
        /// Its schema, 0 for none.
        found: i64,
        /// What this build needs.
        known: i64,
    },
    /// Anything else.
    #[error("the database {url} cannot be used: {cause}")]
    Other {
        /// Which.
        url: String,
        /// What the database said.
        cause: String,
    },
}

/// Switches off, for a transaction, what a role sets for its short calls.
pub(super) const NO_TIME_LIMIT: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
    SET LOCAL idle_in_transaction_session_timeout = 0";

/// The tables that a user of the database needs rights on, as a table of their names.
const TABLES: &str = "unnest(ARRAY['pinfold_accounts', 'pinfold_chat_groups', 'pinfold_chat_group_counts', \
    'pinfold_chat_group_times', 'pinfold_webhooks', 'pinfold_webhook_leases']) name";

impl OpenError {
    /// Whether the same attempt may succeed later without a change to the configuration or the database's.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Tls { .. }
            | Self::Login { .. }
            | Self::NoDatabase { .. }
            | Self::Permission { .. }
            | Self::Encoding { .. }
            | Self::TooNew { .. }
            | Self::Behind { .. }
            | Self::Other { .. } => false,
        }
    }
}

/// A pool over a database that has this build's schema.
pub(super) async fn open(settings: &Settings) -> Result<Pool, OpenError> {
    let url = &settings.url;
    let pool = pool(settings)?;
    let mut connection = pool.connection().await.map_err(|error| no_connection(url, error))?;
    if settings.read_only {
        in_time(settings, check_readable(url, &mut connection)).await?;
        drop(connection);
        return Ok(pool);
    }
    let found = in_time(settings, look_at(url, &connection)).await?;
    let known = migrate::KNOWN;
    match found {
        found if found > known => return Err(OpenError::TooNew { url: url.to_string(), found, known }),
        found if found < known && !settings.migrate => {
            return Err(OpenError::Behind { url: url.to_string(), found, known });
        }
        found if found < known => {
            for Migration { number, name, .. } in run(url, &mut connection).await? {
                tracing::info!(number, name, database = %url, "migrated the database");
            }
        }
        _ => {}
    }
    in_time(settings, check_rights(url, &connection)).await?;
    drop(connection);
    Ok(pool)
}

/// A pooler takes the connection although its database is away, and then a statement waits.
async fn in_time<T>(settings: &Settings, asked: impl Future<Output = Result<T, OpenError>>) -> Result<T, OpenError> {
    let in_time = tokio::time::timeout(settings.statement_max, asked).await;
    in_time.unwrap_or_else(|_| {
        let (url, cause) = (settings.url.to_string(), "it takes the connection and does not answer".into());
        Err(OpenError::Unreachable { url, cause })
    })
}

/// The number of the last migration of a database that can keep our texts.
async fn look_at(url: &PostgresUrl, connection: &Client) -> Result<i64, OpenError> {
    check_encoding(url, connection).await?;
    migrate::found(connection).await.map_err(|error| refused(url, &error))
}

/// Brings the schema of a database up to this build's; `dry_run` only says what that would be.
///
/// # Errors
/// [`OpenError`], a sentence for the operator; then nothing was changed.
pub async fn migrate(settings: &Settings, dry_run: bool) -> Result<Vec<Migration>, OpenError> {
    let url = &settings.url;
    let pool = pool(settings)?;
    let mut connection = pool.connection().await.map_err(|error| no_connection(url, error))?;
    let found = in_time(settings, look_at(url, &connection)).await?;
    if !dry_run {
        return run(url, &mut connection).await;
    }
    migrate::behind(found).ok_or_else(|| too_new(url, found))
}

fn pool(settings: &Settings) -> Result<Pool, OpenError> {
    let tls = tls::connector(&settings.url);
    let tls = tls.map_err(|cause| OpenError::Tls { url: settings.url.to_string(), cause })?;
    Ok(Pool::new(settings, tls))
}

async fn run(url: &PostgresUrl, connection: &mut Client) -> Result<Vec<Migration>, OpenError> {
    let migrated = migrate::run(connection).await.map_err(|error| refused(url, &error))?;
    migrated.map_err(|found| too_new(url, found))
}

fn too_new(url: &PostgresUrl, found: i64) -> OpenError {
    OpenError::TooNew { url: url.to_string(), found, known: migrate::KNOWN }
}

/// Whether all rows of this build's schema can be read. In a transaction, since a pooler in transaction mode would leave
/// what is set for a session to others.
async fn check_readable(url: &PostgresUrl, connection: &mut Client) -> Result<(), OpenError> {
    let transaction = connection.build_transaction().read_only(true).start().await;
    let transaction = transaction.map_err(|error| refused(url, &error))?;
    transaction.batch_execute(NO_TIME_LIMIT).await.map_err(|error| refused(url, &error))?;
    let (connection, known) = (transaction.client(), migrate::KNOWN);
    match look_at(url, connection).await? {
        found if found > known => return Err(too_new(url, found)),
        found if found < known => return Err(OpenError::Behind { url: url.to_string(), found, known }),
        _ => {}
    }
    let sql = format!("SELECT bool_and(has_table_privilege(name, 'SELECT')) FROM {TABLES}");
    let rows = connection.query_typed(&sql, &[]).await.map_err(|error| refused(url, &error))?;
    match rows.first().map(|row| row.get(0)) {
        Some(Some(true)) => Ok(()),
        _ => Err(no_permission(url)),
    }
}

async fn check_encoding(url: &PostgresUrl, connection: &Client) -> Result<(), OpenError> {
    let rows = connection.query_typed("SELECT current_setting('server_encoding')", &[]).await;
    let rows = rows.map_err(|error| refused(url, &error))?;
    let encoding: &str = rows.first().map_or("?", |row| row.get(0));
    if encoding.eq_ignore_ascii_case("utf8") {
        Ok(())
    } else {
        Err(OpenError::Encoding { url: url.to_string(), encoding: encoding.to_owned() })
    }
}

/// Whether rows can be read, written and committed, so that a failure is found here and not by the first call, and
/// whether what was committed stays.
async fn check_rights(url: &PostgresUrl, connection: &Client) -> Result<(), OpenError> {
    let sql = format!(
        "SELECT bool_and(has_table_privilege(name, what)) AND has_function_privilege('pinfold_commit'::regproc, \
         'EXECUTE'), current_setting('transaction_read_only') = 'on', current_setting('synchronous_commit') = 'off' \
         FROM {TABLES}, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) what"
    );
    let rows = connection.query_typed(&sql, &[]).await.map_err(|error| refused(url, &error))?;
    if rows.first().is_some_and(|row| row.get(2)) {
        tracing::warn!(database = %url, "synchronous_commit is off: a power cut can take what was acknowledged");
    }
    match rows.first().map(|row| (row.get(0), row.get(1))) {
        Some((Some(true), false)) => Ok(()),
        Some((Some(true), _)) => Err(OpenError::Other { url: url.to_string(), cause: "it takes no writes".into() }),
        _ => Err(no_permission(url)),
    }
}

fn no_permission(url: &PostgresUrl) -> OpenError {
    let cause = "permission denied for tables that begin with pinfold_".into();
    OpenError::Permission { url: url.to_string(), user: url.user().to_owned(), cause }
}

fn no_connection(url: &PostgresUrl, error: PoolError) -> OpenError {
    match error {
        PoolError::Backend(error) => refused(url, &error),
        PoolError::Timeout(TimeoutType::Wait | TimeoutType::Create | TimeoutType::Recycle) => {
            OpenError::Unreachable { url: url.to_string(), cause: "no connection in time".into() }
        }
        other @ (PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
            OpenError::Other { url: url.to_string(), cause: other.to_string() }
        }
    }
}

fn refused(url: &PostgresUrl, error: &tokio_postgres::Error) -> OpenError {
    let (cause, user, place) = (told(error), url.user().to_owned(), url.to_string());
    let Some(code) = error.code() else {
        // The kinds of these errors can be told by their texts only.
        return match error.to_string() {
            text if text.contains("TLS") => OpenError::Tls { url: place, cause },
            text if text.contains("authentication") => OpenError::Login { url: place, user, cause },
            text if text.contains("configuration") => OpenError::Login { url: place, user, cause },
            _ => OpenError::Unreachable { url: place, cause },
        };
    };
    match code.code() {
        "28P01" | "28000" => OpenError::Login { url: place, user, cause },
        // It has no connection left, stops, crashed, or starts.
        "53300" | "57P01" | "57P02" | "57P03" => OpenError::Unreachable { url: place, cause },
        "3D000" => OpenError::NoDatabase { url: place, database: url.database().to_owned() },
        // Without any right on the schema it is as if there were none.
        _ if [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_SCHEMA_NAME].contains(code) => {
            OpenError::Permission { url: place, user, cause }
        }
        _ => OpenError::Other { url: place, cause },
    }
}
