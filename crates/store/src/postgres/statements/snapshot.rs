//! Everything there is, for backups and checks.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;
use super::chat_groups::CHAT_GROUP;
use super::loads::COLUMNS;
use super::recents::ENTRIES;

/// The kinds of rows that are kept beside accounts. One that this build does not know is read, and told as damage.
const BESIDE: &str = "(6, 7, 8, 9)";

/// All rows of the accounts of an app after one up to another, but for what is kept beside accounts.
pub(in super::super) static ROWS_BETWEEN: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {COLUMNS}, app, account FROM pinfold_accounts WHERE app = $1 AND account > $2 AND account <= $3 \
         AND kind NOT IN {BESIDE} ORDER BY account"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT])
});

/// Entries after one, up to those of an account of the same app, in the order of the primary key.
pub(in super::super) static ENTRIES_BETWEEN: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT kind, key, changed_at, app, account FROM pinfold_accounts \
         WHERE app = $1 AND (account, kind, key) > ($2, $3, $4) AND account <= $5 AND kind IN {ENTRIES} \
         ORDER BY account, kind, key LIMIT $6"
    );
    let of_entry = [Type::INT8, Type::TEXT, Type::INT2, Type::TEXT];
    Statement::new(sql, &[&of_entry[..], &[Type::TEXT, Type::INT8]].concat())
});

/// Changes after one, up to those of an account of the same app, in the order of the primary key, until so many or so many
/// bytes came before.
pub(in super::super) static CHANGES_BETWEEN: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account, key, data FROM (\
        SELECT account, key, data, sum(length(data)) OVER (ORDER BY account, key) - length(data) AS before \
        FROM pinfold_accounts \
        WHERE app = $1 AND (account, kind, key) > ($2, $3, $4) AND account <= $5 AND kind = $3 \
        ORDER BY account, key LIMIT $6) AS change WHERE before < $7 ORDER BY account, key";
    let of_change = [Type::INT8, Type::TEXT, Type::INT2, Type::TEXT, Type::TEXT];
    Statement::new(sql, &[&of_change[..], &[Type::INT8; 2]].concat())
});

/// Last messages in chat groups of all apps.
pub(in super::super) static CHAT_GROUP_TIMES_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT app, id, at FROM pinfold_chat_group_times WHERE (app, id) > ($1, $2) ORDER BY app, id LIMIT $3";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// Chat groups of all apps.
pub(in super::super) static ALL_CHAT_GROUPS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {CHAT_GROUP}, app FROM pinfold_chat_groups WHERE (app, serial) > ($1, $2) ORDER BY app, serial LIMIT $3"
    );
    Statement::new(sql, &[Type::INT8, Type::INT8, Type::INT8])
});

/// The counts of all apps.
pub(in super::super) static ALL_CHAT_GROUP_COUNTS: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT app, last_serial, live FROM pinfold_chat_group_counts", &[]));

/// Whether the database may be sharded at all: such a table comes with Citus.
pub(in super::super) static HAS_SHARDS: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT to_regclass('pg_dist_partition') IS NOT NULL", &[]));

/// Whether accounts are distributed. Only where [`HAS_SHARDS`] says yes, as this names that table.
pub(in super::super) static IS_SHARDED: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'pinfold_accounts'::regclass)";
    Statement::new(sql, &[])
});
