//! Changes of accounts that are kept beside them. A key is the life and the number of the change, so that the changes of a
//! life stand together in their order.
//!
//! What is removed is told by the last key to go, which the database finds first: it then reads a range of its index. Given
//! a list of keys it may compare each row with each key, where it knows little of the table: 25 s for 4,096 of 10,000 rows.

use std::fmt::Write as _;
use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;
use crate::history::CHANGE_OVERHEAD_BYTES;

/// Changes of an account from one key up to another, until so many or so many bytes came before, if the account has this
/// life.
fn changes(order: &str) -> Statement {
    let sql = format!(
        "SELECT key, data FROM (SELECT key, data, sum(length(data)) OVER (ORDER BY key {order}) - length(data) AS before \
         FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 8 AND key >= $3 AND key < $4 \
         AND EXISTS (SELECT FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' \
         AND coalesce(life, 0) = $5) ORDER BY key {order} LIMIT $6) AS change WHERE before < $7 ORDER BY key {order}"
    );
    let of_life = [Type::INT8, Type::TEXT, Type::TEXT, Type::TEXT, Type::INT8];
    Statement::new(sql, &[&of_life[..], &[Type::INT8; 2]].concat())
}

pub(in super::super) static CHANGES: LazyLock<Statement> = LazyLock::new(|| changes("ASC"));
pub(in super::super) static CHANGES_BACK: LazyLock<Statement> = LazyLock::new(|| changes("DESC"));

/// Where an account stands.
pub(in super::super) static POSITION: LazyLock<Statement> = LazyLock::new(|| positions("= $2", Type::TEXT));

/// Where some accounts stand.
pub(in super::super) static POSITIONS: LazyLock<Statement> =
    LazyLock::new(|| positions("= ANY ($2)", Type::TEXT_ARRAY));

fn positions(condition: &str, accounts: Type) -> Statement {
    let sql = format!(
        "SELECT account, life, revision, history_from, imported FROM pinfold_accounts \
         WHERE app = $1 AND account {condition} AND kind = 0 AND key = ''"
    );
    Statement::new(sql, &[Type::INT8, accounts])
}

/// Writes changes of an account, in place of those of the same keys; none may come twice.
pub(in super::super) fn put_changes(count: usize) -> Statement {
    let mut types = vec![Type::INT8, Type::TEXT];
    let mut sql = "INSERT INTO pinfold_accounts (app, account, kind, key, change, changed_at, data) VALUES".to_owned();
    for _ in 0..count {
        let (comma, first) = (if types.len() == 2 { "" } else { "," }, types.len() + 1);
        let _ = write!(sql, "{comma} ($1, $2, 8, ${first}, ${}, ${}, ${})", first + 1, first + 2, first + 3);
        types.extend([Type::TEXT, Type::INT8, Type::INT8, Type::BYTEA]);
    }
    sql += " ON CONFLICT (app, account, kind, key) DO UPDATE \
        SET change = excluded.change, changed_at = excluded.changed_at, data = excluded.data";
    Statement::new(sql, &types)
}

/// The key of the oldest change in a range that waits to be sent, or what comes after all keys.
fn first_unsent(range: &str) -> String {
    format!(
        "coalesce((SELECT min(key) FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 9 AND {range}), 'g')"
    )
}

/// Removes changes of an account whose keys are in a range, the first of them and at most so many.
fn remove(with: &str, range: &str, rows_max: usize, types: &[Type]) -> Statement {
    const CHANGES: &str = "FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 8";
    let sql = format!(
        "{with} DELETE {CHANGES} AND {range} AND key <= (\
         SELECT max(key) FROM (SELECT key {CHANGES} AND {range} ORDER BY key LIMIT ${rows_max}) AS first)"
    );
    Statement::new(sql.trim_start(), types)
}

/// Removes the oldest changes of a life, at most so many: up to the last one that is not among so many, does not fit into so
/// many bytes or is too old. The newest stays, and what is not older than the oldest that waits to be sent: as it is read in
/// the same statement, no change can be written, and wait, in between.
pub(in super::super) static TRIM_CHANGES: LazyLock<Statement> = LazyLock::new(|| {
    let range = format!(
        "key >= $3 AND key <= (SELECT max(key) FROM (SELECT key, changed_at, count(*) OVER newer AS count, \
         sum(length(data) + {CHANGE_OVERHEAD_BYTES}) OVER newer AS bytes \
         FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 8 AND key >= $3 AND key < $4 \
         WINDOW newer AS (ORDER BY key DESC)) AS change \
         WHERE count > 1 AND (count > $5 OR bytes > $6 OR changed_at < $7)) AND key < {}",
        first_unsent("key >= $3 AND key < $4")
    );
    let of_life = [Type::INT8, Type::TEXT, Type::TEXT, Type::TEXT];
    remove("", &range, 8, &[&of_life[..], &[Type::INT8; 4]].concat())
});

/// The head, read in the statement that removes changes, so that it never lacks one that is written meanwhile: its life
/// and its first change that is kept, as keys have them, and the time of its last change.
const HEAD: &str = "WITH head AS (SELECT lpad(to_hex(coalesce(life, 0)), 16, '0') AS life, \
    lpad(to_hex(coalesce(nullif(history_from, 0), 4294967295)), 8, '0') AS first, newest_ms \
    FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 0 AND key = '')";

/// Removes changes of an account, the first and at most so many: those of lives with smaller numbers, those before the
/// first that is kept, and those up to the last one that is older than a time. What comes before that one goes too,
/// whatever its time, so that no gap is left. Without an account all go. From the oldest change of its life that waits to be
/// sent on all stay.
///
/// Where the oldest change of the life is young, no other is read, unless it is of a later time than the last one: then
/// a clock was ahead, and all are read.
pub(in super::super) static SWEEP_EARLIER_CHANGES: LazyLock<Statement> = LazyLock::new(|| {
    const RANGE: &str = "key > (SELECT life FROM head) AND key < (SELECT life || 'g' FROM head)";
    let of_life = format!("FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 8 AND {RANGE}");
    let with = format!("{HEAD}, oldest AS (SELECT changed_at AS at {of_life} ORDER BY key LIMIT 1)");
    let range = format!(
        "key < (SELECT coalesce(greatest((SELECT life || first FROM head), \
         (SELECT max(key) || 'g' FROM (SELECT key, changed_at {of_life} \
         AND (SELECT at FROM oldest) < $3 ORDER BY key LIMIT $4) AS first WHERE changed_at < $3), \
         (SELECT max(key) || 'g' {of_life} \
         AND (SELECT at FROM oldest) > (SELECT newest_ms FROM head) AND changed_at < $3)), 'g')) AND key < {}",
        first_unsent(RANGE)
    );
    remove(&with, &range, 4, &[Type::INT8, Type::TEXT, Type::INT8, Type::INT8])
});

/// Removes changes of lives with larger numbers than that of the account, the first and at most so many.
pub(in super::super) static SWEEP_LATER_CHANGES: LazyLock<Statement> =
    LazyLock::new(|| remove(HEAD, "key > (SELECT life || 'g' FROM head)", 3, &[Type::INT8, Type::TEXT, Type::INT8]));

/// The next account of an app that changes are stored of, there or not, after one up to another; none after the last. For a
/// minimum the database may read all of them.
pub(in super::super) static WITH_CHANGES_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account FROM pinfold_accounts \
        WHERE app = $1 AND account > $2 AND account <= $3 AND kind = 8 ORDER BY account LIMIT 1";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT])
});
