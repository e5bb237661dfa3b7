//! The register of chat groups.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;

pub(super) const CHAT_GROUP: &str = "id, serial, kind, name, owner, created_at, destroyed";

pub(in super::super) static CHAT_GROUPS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!("SELECT {CHAT_GROUP} FROM pinfold_chat_groups WHERE app = $1 AND id = ANY ($2)");
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY]).named()
});

pub(in super::super) static CHAT_GROUPS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql =
        format!("SELECT {CHAT_GROUP} FROM pinfold_chat_groups WHERE app = $1 AND serial > $2 ORDER BY serial LIMIT $3");
    Statement::new(sql, &[Type::INT8, Type::INT8, Type::INT8])
});

pub(in super::super) static CHAT_GROUP_COUNT: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT live FROM pinfold_chat_group_counts WHERE app = $1", &[Type::INT8]));

const CHAT_GROUP_TYPES: [Type; 7] =
    [Type::INT8, Type::TEXT, Type::TEXT, Type::BYTEA, Type::TEXT, Type::INT8, Type::BOOL];

/// Registers a chat group. The second of two concurrent statements violates the primary key, which undoes the count.
pub(in super::super) static CREATE_CHAT_GROUP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH counted AS (INSERT INTO pinfold_chat_group_counts AS counts (app, last_serial, live) \
        SELECT $1, 1, CASE WHEN $7 THEN 0 ELSE 1 END \
        WHERE NOT EXISTS (SELECT FROM pinfold_chat_groups WHERE app = $1 AND id = $2) \
        ON CONFLICT (app) DO UPDATE \
        SET last_serial = counts.last_serial + 1, live = counts.live + excluded.live RETURNING last_serial) \
        INSERT INTO pinfold_chat_groups (app, id, serial, kind, name, owner, created_at, destroyed) \
        SELECT $1, $2, last_serial, $3, $4, $5, $6, $7 FROM counted";
    Statement::new(sql, &CHAT_GROUP_TYPES)
});

/// Registers chat groups that are new, in their order; parameter 8 is how many of them are live. One that is there
/// already violates the primary key, which undoes all.
pub(in super::super) static REGISTER_CHAT_GROUPS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH counted AS (INSERT INTO pinfold_chat_group_counts AS counts (app, last_serial, live) \
        VALUES ($1, cardinality($2), $8) ON CONFLICT (app) DO UPDATE \
        SET last_serial = counts.last_serial + excluded.last_serial, live = counts.live + excluded.live \
        RETURNING last_serial - cardinality($2) AS before) \
        INSERT INTO pinfold_chat_groups (app, id, serial, kind, name, owner, created_at, destroyed) \
        SELECT $1, new.id, before + new.n, new.kind, new.name, new.owner, new.created_at, new.destroyed FROM counted, \
        unnest($2, $3, $4, $5, $6, $7) WITH ORDINALITY AS new (id, kind, name, owner, created_at, destroyed, n)";
    let columns =
        [Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY, Type::TEXT_ARRAY, Type::INT8_ARRAY, Type::BOOL_ARRAY];
    Statement::new(sql, &[&[Type::INT8][..], &columns, &[Type::INT8]].concat())
});

/// Changes a chat group that still is what the caller saw; parameter 13 is what that does to the count.
pub(in super::super) static CHANGE_CHAT_GROUP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH changed AS (UPDATE pinfold_chat_groups \
        SET kind = $3, name = $4, owner = $5, created_at = $6, destroyed = $7 \
        WHERE app = $1 AND id = $2 AND kind = $8 AND name = $9 AND owner IS NOT DISTINCT FROM $10 \
        AND created_at = $11 AND destroyed = $12 RETURNING 1), \
        counted AS (UPDATE pinfold_chat_group_counts SET live = live + $13 \
        WHERE app = $1 AND $13 <> 0 AND EXISTS (SELECT FROM changed)) \
        SELECT 1 FROM changed";
    Statement::new(sql, &[&CHAT_GROUP_TYPES[..], &CHAT_GROUP_TYPES[2..], &[Type::INT8]].concat())
});
