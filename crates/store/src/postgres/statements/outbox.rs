//! Changes that wait to be sent: rows under the keys of their changes. What looks for them in more than one account reads a
//! partial index, which has no other rows.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;

/// Whether a row belongs to the life of its account. In a form that the database can only answer row by row, from the primary
/// key: it cannot guess how many rows that leaves, and would read all accounts where it takes them for few.
const OF_ITS_LIFE: &str = "CASE WHEN EXISTS (SELECT FROM pinfold_accounts AS head \
    WHERE head.app = unsent.app AND head.account = unsent.account AND head.kind = 0 AND head.key = '' \
    AND lpad(to_hex(coalesce(head.life, 0)), 16, '0') = left(unsent.key, 16)) THEN true ELSE false END";

/// Accounts of the next unsent changes of an app after an account, at most so many changes, each account with the oldest
/// of its life; null where that has none. Of an account with many unsent changes no more than these are read.
pub(in super::super) static WAITING: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account, first.key, first.changed_at FROM (SELECT DISTINCT account FROM (\
         SELECT account FROM pinfold_accounts WHERE app = $1 AND account > $2 AND kind = 9 \
         ORDER BY account, key LIMIT $3) AS next) AS waiting LEFT JOIN LATERAL (SELECT unsent.key, unsent.changed_at \
         FROM pinfold_accounts AS head, LATERAL (SELECT key, changed_at FROM pinfold_accounts \
         WHERE app = $1 AND account = waiting.account AND kind = 9 \
         AND key > lpad(to_hex(coalesce(head.life, 0)), 16, '0') \
         AND key < lpad(to_hex(coalesce(head.life, 0)), 16, '0') || 'g' ORDER BY key LIMIT 1) AS unsent \
         WHERE head.app = $1 AND head.account = waiting.account AND head.kind = 0 AND head.key = '') AS first ON true \
         ORDER BY account";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// Accounts of an app after one with the oldest unsent change of their life, at most so many: in a form that shards can
/// answer each for itself. It reads all unsent changes of these accounts.
pub(in super::super) static WAITING_ON_SHARDS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT DISTINCT ON (account) account, key, changed_at FROM pinfold_accounts AS unsent \
         WHERE app = $1 AND account > $2 AND kind = 9 AND {OF_ITS_LIFE} ORDER BY account, key LIMIT $3"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// The life of an account, and its oldest unsent changes with what the history has of them: after a key if that is of this
/// life, at most so many, and until so many bytes came before. A last column counts those within the number alone.
pub(in super::super) static UNSENT: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH head AS (SELECT coalesce(life, 0) AS life, lpad(to_hex(coalesce(life, 0)), 16, '0') AS digits \
         FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 0 AND key = ''), \
         unsent AS (SELECT key, changed_at FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 9 \
         AND key > (SELECT CASE WHEN life = $3 THEN $4 ELSE digits END FROM head) \
         AND key < (SELECT digits || 'g' FROM head) ORDER BY key LIMIT $5) \
         SELECT life, key, changed_at, data, count FROM (SELECT head.life, unsent.key, unsent.changed_at, change.data, \
         sum(coalesce(length(data), 0)) OVER (ORDER BY unsent.key) - coalesce(length(data), 0) AS before, \
         count(unsent.key) OVER () AS count FROM head LEFT JOIN unsent ON true LEFT JOIN pinfold_accounts AS change \
         ON change.app = $1 AND change.account = $2 AND change.kind = 8 AND change.key = unsent.key) AS page \
         WHERE before < $6 ORDER BY key";
    let types = [Type::INT8, Type::TEXT, Type::INT8, Type::TEXT, Type::INT8, Type::INT8];
    Statement::new(sql, &types)
});

/// Removes unsent changes of one account.
pub(in super::super) static REMOVE_SENT: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 9 AND key = ANY ($3)";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT_ARRAY])
});

/// Removes unsent changes of many accounts of an app, each by its account and its key.
pub(in super::super) static REMOVE_SENT_OF_MANY: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_accounts AS unsent USING unnest($2, $3) AS sent (account, key) \
         WHERE app = $1 AND kind = 9 AND unsent.account = sent.account AND unsent.key = sent.key";
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY, Type::TEXT_ARRAY])
});

/// Counts the next unsent changes of an app, at most so many: them, their accounts, the time of the oldest, then the first
/// account, and the last one with its last key.
pub(in super::super) static BACKLOG: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH page AS MATERIALIZED (SELECT account, key, changed_at FROM pinfold_accounts \
         WHERE app = $1 AND (account, key) > ($2, $3) AND kind = 9 ORDER BY account, key LIMIT $4), \
         last AS (SELECT account, key FROM page ORDER BY account DESC, key DESC LIMIT 1) \
         SELECT count(*), count(DISTINCT account), min(changed_at), min(account), \
         (SELECT account FROM last), (SELECT key FROM last) FROM page";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT, Type::INT8])
});

/// The next app with an unsent change after one; none after the last.
pub(in super::super) static APP_UNSENT_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT app FROM pinfold_accounts WHERE app > $1 AND kind = 9 ORDER BY app LIMIT 1";
    Statement::new(sql, &[Type::INT8])
});

/// Accounts of the next unsent changes of an app after an account, at most so many rows. It ends with the account of the last
/// one, of which there may be more.
pub(in super::super) static ACCOUNTS_UNSENT_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account FROM pinfold_accounts WHERE app = $1 AND account > $2 AND kind = 9 \
         ORDER BY account, key LIMIT $3";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// Removes some unsent changes of an app, the first and at most so many: of the accounts after one up to another.
fn sweep(condition: &str, rows_max: usize, types: &[Type]) -> Statement {
    let rows = format!(
        "pinfold_accounts AS unsent WHERE app = $1 AND account > $2 AND account <= $3 AND kind = 9 AND {condition}"
    );
    let sql = format!(
        "DELETE FROM {rows} AND (account, key) <= (SELECT account, key FROM (\
         SELECT account, key FROM {rows} ORDER BY account, key LIMIT ${rows_max}) AS first \
         ORDER BY account DESC, key DESC LIMIT 1)"
    );
    Statement::new(sql, &[&[Type::INT8, Type::TEXT, Type::TEXT], types].concat())
}

/// Those of lives that have ended. An unsent change is written with the head of its life, so where one is seen its head is.
pub(in super::super) static SWEEP_ENDED_UNSENT: LazyLock<Statement> =
    LazyLock::new(|| sweep(&format!("NOT {OF_ITS_LIFE}"), 4, &[Type::INT8]));

/// Those made before a time.
pub(in super::super) static SWEEP_OLD_UNSENT: LazyLock<Statement> =
    LazyLock::new(|| sweep("changed_at < $4", 5, &[Type::INT8, Type::INT8]));

/// Unsent changes after one, each with whether it is of an account that is there and lacks its change or its time.
pub(in super::super) static UNSENT_WITHOUT_CHANGE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT app, account, key, {OF_ITS_LIFE} AND (changed_at IS NULL OR NOT CASE WHEN EXISTS (\
         SELECT FROM pinfold_accounts AS change WHERE change.app = unsent.app AND change.account = unsent.account \
         AND change.kind = 8 AND change.key = unsent.key) THEN true ELSE false END) FROM pinfold_accounts AS unsent \
         WHERE (app, account, key) > ($1, $2, $3) AND kind = 9 ORDER BY app, account, key LIMIT $4"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT, Type::INT8])
});
