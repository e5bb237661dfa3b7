//! Entries of recent conversations, and the last messages of chat groups.
//!
//! The later of two times is kept by the row itself, in one statement on one shard; equal or earlier times write nothing.
//! Even then the statement locks the row, so that it waits like any commit until what it met is durable.

use std::fmt::Write as _;
use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;

/// The kinds of rows that are entries.
pub(super) const ENTRIES: &str = "(6, 7)";

const KEEP_LATER: &str = "ON CONFLICT (app, account, kind, key) DO UPDATE SET changed_at = excluded.changed_at \
    WHERE pinfold_accounts.changed_at < excluded.changed_at";

/// One entry, which is what most messages touch in an account.
pub(in super::super) static TOUCH_ENTRY: LazyLock<Statement> = LazyLock::new(|| touch_entries(1).named());

/// Several entries of an account; none may come twice.
pub(in super::super) fn touch_entries(count: usize) -> Statement {
    let mut types = vec![Type::INT8, Type::TEXT];
    let mut sql = "INSERT INTO pinfold_accounts (app, account, kind, key, changed_at) VALUES".to_owned();
    for _ in 0..count {
        let (comma, first) = (if types.len() == 2 { "" } else { "," }, types.len() + 1);
        let _ = write!(sql, "{comma} ($1, $2, ${first}, ${}, ${})", first + 1, first + 2);
        types.extend([Type::INT2, Type::TEXT, Type::INT8]);
    }
    let _ = write!(sql, " {KEEP_LATER}");
    Statement::new(sql, &types)
}

/// The last message in a chat group.
pub(in super::super) static TOUCH_CHAT_GROUP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "INSERT INTO pinfold_chat_group_times (app, id, at) VALUES ($1, $2, $3) \
        ON CONFLICT (app, id) DO UPDATE SET at = excluded.at WHERE pinfold_chat_group_times.at < excluded.at";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// The entries of a life, which all keys of it begin with.
pub(in super::super) static ENTRIES_OF: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT kind, key, changed_at FROM pinfold_accounts \
         WHERE app = $1 AND account = $2 AND kind IN {ENTRIES} AND left(key, 16) = $3"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT])
});

/// One entry.
pub(in super::super) static ENTRY: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT changed_at FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = $3 AND key = $4";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT2, Type::TEXT])
});

/// The last messages in some chat groups.
pub(in super::super) static CHAT_GROUP_TIMES: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT id, at FROM pinfold_chat_group_times WHERE app = $1 AND id = ANY ($2)";
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY])
});

/// Removes entries of an account that still have these times.
pub(in super::super) static TRIM: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_accounts WHERE app = $1 AND account = $2 \
        AND (kind, key, changed_at) IN (SELECT * FROM unnest($3, $4, $5))";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT2_ARRAY, Type::TEXT_ARRAY, Type::INT8_ARRAY])
});

/// Whether this transaction may sweep: of these tables only one at a time does.
pub(in super::super) static LOCK_SWEEP: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new("SELECT pg_try_advisory_xact_lock('pinfold_accounts'::regclass::oid::bigint)", &[])
});

/// Removes entries of ended lives, of the accounts of an app after one up to another. An entry is written after the head
/// of its life, so where an entry is seen its head is.
pub(in super::super) static SWEEP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "DELETE FROM pinfold_accounts AS entry \
         WHERE app = $1 AND account > $2 AND account <= $3 AND kind IN {ENTRIES} \
         AND left(key, 16) <> coalesce((SELECT lpad(to_hex(coalesce(head.life, 0)), 16, '0') \
         FROM pinfold_accounts AS head \
         WHERE head.app = entry.app AND head.account = entry.account AND head.kind = 0 AND head.key = ''), '')"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::TEXT])
});
