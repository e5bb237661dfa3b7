//! Loads of accounts, and the register of accounts.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::{Statement, numbered};

/// What a load reads of each row, in the order of `rows`.
pub(super) const COLUMNS: &str = "kind, key, change, changed_at, label, standard, conversation_groups, \
    version, imported, last_conversation_group, grouped, marked, repeated, nick, face_url, \
    revision, newest_ms, group_order, pin_order, data, life, history_from";

fn load(condition: &str, types: &[Type]) -> Statement {
    let of_account = [&[Type::INT8, Type::TEXT], types].concat();
    let sql = format!("SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND ({condition})");
    Statement::new(sql, &of_account)
}

/// Rows up to a kind.
pub(in super::super) static LOAD: LazyLock<Statement> = LazyLock::new(|| load("kind <= $3", &[Type::INT2]).named());

/// Rows up to a kind, and one more: what most calls need. As two scans, and without an array, the database finds
/// that one plan fits all; with `= ANY` it plans each call again, which takes longer than to run it.
pub(in super::super) static LOAD_ONE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind <= $3 \
         UNION ALL SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $4 AND account = $2 AND kind = $5 AND key = $6"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT2, Type::INT8, Type::INT2, Type::TEXT]).named()
});

/// Keys that [`LOAD_FEW`] takes; a call with fewer repeats one.
pub(in super::super) const FEW_KEYS: usize = 26;

/// Rows up to a kind, and those with a few keys of one more kind: with the plan that [`LOAD_ONE`] has.
pub(in super::super) static LOAD_FEW: LazyLock<Statement> = LazyLock::new(|| {
    let keys = numbered(6, FEW_KEYS);
    let sql = format!(
        "SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind <= $3 \
         UNION ALL SELECT {COLUMNS} FROM pinfold_accounts \
         WHERE app = $4 AND account = $2 AND kind = $5 AND key IN ({keys})"
    );
    let fixed = [Type::INT8, Type::TEXT, Type::INT2, Type::INT8, Type::INT2];
    Statement::new(sql, &[&fixed[..], &[Type::TEXT; FEW_KEYS]].concat()).named()
});

/// The head, and the other rows up to a kind if the head has another version than this: to confirm a copy.
pub(in super::super) static LOAD_NEWER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind <= CASE WHEN EXISTS \
         (SELECT FROM pinfold_accounts WHERE app = $3 AND account = $4 AND kind = $5 AND key = $6 AND version = $7) \
         THEN $5 ELSE $8 END"
    );
    let of_head = [Type::INT8, Type::TEXT, Type::INT2, Type::TEXT, Type::INT8];
    Statement::new(sql, &[&[Type::INT8, Type::TEXT][..], &of_head, &[Type::INT2]].concat()).named()
});

/// Rows up to a kind, and those with certain keys of one more kind. A name would save little: for lists of any length the
/// database plans it again each time.
pub(in super::super) static LOAD_SOME: LazyLock<Statement> =
    LazyLock::new(|| load("kind <= $3 OR (kind = $4 AND key = ANY ($5))", &[Type::INT2, Type::INT2, Type::TEXT_ARRAY]));

/// The same of two more kinds.
pub(in super::super) static LOAD_SOME_OF_BOTH: LazyLock<Statement> = LazyLock::new(|| {
    load(
        "kind <= $3 OR (kind = $4 AND key = ANY ($5)) OR (kind = $6 AND key = ANY ($7))",
        &[Type::INT2, Type::INT2, Type::TEXT_ARRAY, Type::INT2, Type::TEXT_ARRAY],
    )
});

/// An account, if it is there, with what others need to know of it. A touch asks once for each account, in one round trip:
/// each question goes to one shard and is answered from the primary key. The statements below, which name several accounts,
/// scan the table until it was analysed: 39 ms with 20,000 accounts in a new store.
pub(in super::super) static HEAD: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account, imported, life FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind = $3 AND key = $4";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT2, Type::TEXT]).named()
});

/// The same of some accounts.
pub(in super::super) static HEADS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account, imported, life FROM pinfold_accounts \
        WHERE app = $1 AND account = ANY ($2) AND kind = 0 AND key = ''";
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY])
});

/// Accounts that [`HEADS_FEW`] takes; a call with fewer repeats one.
pub(in super::super) const FEW_ACCOUNTS: usize = 8;

/// The same of a few accounts: what most calls ask, with a plan that is kept.
pub(in super::super) static HEADS_FEW: LazyLock<Statement> = LazyLock::new(|| {
    let accounts = numbered(2, FEW_ACCOUNTS);
    let sql = format!(
        "SELECT account, imported, life FROM pinfold_accounts \
         WHERE app = $1 AND account IN ({accounts}) AND kind = 0 AND key = ''"
    );
    Statement::new(sql, &[&[Type::INT8][..], &[Type::TEXT; FEW_ACCOUNTS]].concat()).named()
});

/// Accounts after one, in the order of their keys, with their lives and what their heads tell of their history.
pub(in super::super) static ACCOUNTS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT app, account, life, revision, newest_ms, history_from FROM pinfold_accounts \
        WHERE (app, account) > ($1, $2) AND kind = 0 ORDER BY app, account LIMIT $3";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});
