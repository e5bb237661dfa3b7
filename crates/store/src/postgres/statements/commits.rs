//! Commits: one statement each, guarded by the version of the head.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::{Statement, numbered};

/// App, account, and the version that it has before the commit.
const BASE: [Type; 3] = [Type::INT8, Type::TEXT, Type::INT8];
const HEAD: [Type; 16] = [
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::BOOL,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::BYTEA,
    Type::BYTEA,
    Type::BYTEA,
    Type::INT8,
    Type::INT8,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8,
    Type::INT8,
];
/// Kinds, keys and times of rows.
const REMOVED: [Type; 3] = [Type::INT2_ARRAY, Type::TEXT_ARRAY, Type::INT8_ARRAY];
/// The columns of rows, an array each.
const WRITTEN: [Type; 8] = [
    Type::INT2_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::BYTEA_ARRAY,
    Type::INT8_ARRAY,
    Type::TEXT_ARRAY,
    Type::BYTEA_ARRAY,
];

/// Every commit that keeps the account, new or not: a call of the function that migration 2 makes. False if another commit
/// came first.
pub(in super::super) static COMMIT: LazyLock<Statement> = LazyLock::new(|| {
    let types = [&BASE[..], &HEAD, &REMOVED, &WRITTEN].concat();
    Statement::new(format!("SELECT pinfold_commit({})", numbered(1, types.len())), &types).named()
});

/// Deletes an account that has this version. Its changes, which can be many, are left to the sweep: without their head they
/// cannot be read.
pub(in super::super) static DELETE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH head AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' AND version = $3 RETURNING 1), \
        rest AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind BETWEEN 1 AND 7 AND EXISTS (SELECT FROM head)) \
        SELECT 1 FROM head";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});
