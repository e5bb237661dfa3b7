//! The schema, and how it grows: files that are included here and run in their order, each once.

use tokio_postgres::{Client, Error};

/// One step of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Counted from 1.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    sql: &'static str,
}

impl Migration {
    /// Its statements, the one that registers it included.
    pub fn script(&self) -> String {
        let Self { number, name, sql } = self;
        format!("{sql}INSERT INTO pinfold_migrations (number, name) VALUES ({number}, '{name}');\n")
    }
}

/// A step is never changed once a build that has it was given away; the next one corrects it.
const MIGRATIONS: [Migration; 2] = [
    Migration {
        number: 1,
        name: "accounts and chat groups",
        sql: include_str!("migrations/0001_accounts_and_chat_groups.sql"),
    },
    Migration {
        number: 2,
        name: "orders and recent conversations",
        sql: include_str!("migrations/0002_orders_and_recent_conversations.sql"),
    },
];

/// The last migration of this build.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Anything; the same in every instance ("pinfold" in ASCII).
const LOCK: i64 = 0x0070_696e_666f_6c64;

/// The last migration a database has had; 0 for none.
pub(super) async fn found(client: &Client) -> Result<i64, Error> {
    // Not `to_regclass`: it remembers that there was no such table, and does not see who made it meanwhile.
    let sql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class \
        WHERE relname = 'pinfold_migrations' AND pg_catalog.pg_table_is_visible(oid))";
    let exists = client.query_typed(sql, &[]).await?;
    if !exists.first().is_some_and(|row| row.get(0)) {
        return Ok(0);
    }
    let rows = client.query_typed("SELECT max(number) FROM pinfold_migrations", &[]).await?;
    Ok(rows.first().and_then(|row| row.get::<_, Option<i64>>(0)).unwrap_or(0))
}

/// The migrations a database still needs; none if it is newer than this build.
pub(super) fn behind(found: i64) -> Option<Vec<Migration>> {
    (found <= KNOWN).then(|| MIGRATIONS.into_iter().filter(|migration| migration.number > found).collect())
}

/// Runs what is missing, in one transaction that only one process is in at a time. Gives back what was run, or
/// the number of a schema that is newer.
pub(super) async fn run(client: &mut Client) -> Result<Result<Vec<Migration>, i64>, Error> {
    let transaction = client.transaction().await?;
    // The others wait as long as that takes.
    transaction.batch_execute(&format!("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})")).await?;
    let found = found(transaction.client()).await?;
    let Some(missing) = behind(found) else { return Ok(Err(found)) };
    for migration in &missing {
        transaction.batch_execute(&migration.script()).await?;
    }
    transaction.commit().await?;
    Ok(Ok(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps_and_a_newer_schema_is_none_of_ours() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|migration| migration.number).collect();
        assert_eq!(numbers, (1..=KNOWN).collect::<Vec<_>>());
        assert_eq!(behind(0).map(|missing| missing.len()), Some(MIGRATIONS.len()));
        assert_eq!((behind(KNOWN), behind(KNOWN + 1)), (Some(Vec::new()), None));
    }
}
