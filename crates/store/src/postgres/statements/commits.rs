//! Commits: one statement each, guarded by the version of the head.

use std::fmt::Write as _;
use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::{Statement, numbered};

/// Parameters 3 to 17 of a commit: the new head. 18 is the version it must have now.
const HEAD: &str = "change, changed_at, version, imported, last_conversation_group, grouped, marked, repeated, \
    nick, face_url, revision, newest_ms, group_order, pin_order, life";
const HEAD_TYPES: [Type; 17] = [
    Type::INT8,
    Type::TEXT,
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
];

/// Rows that are written; the conversation groups of a record come as text, because arrays of arrays must be square.
const WRITTEN: &str = "kind, key, change, changed_at, label, standard, conversation_groups, data";
/// The types of one such row.
const ROW_TYPES: [Type; 8] =
    [Type::INT2, Type::TEXT, Type::INT8, Type::INT8, Type::BYTEA, Type::INT8, Type::TEXT, Type::BYTEA];
const WRITTEN_TYPES: [Type; 8] = [
    Type::INT2_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::BYTEA_ARRAY,
    Type::INT8_ARRAY,
    Type::TEXT_ARRAY,
    Type::BYTEA_ARRAY,
];
const REMOVED_TYPES: [Type; 2] = [Type::INT2_ARRAY, Type::TEXT_ARRAY];

/// The shape of a commit that keeps the account.
#[derive(Clone, Copy)]
pub(in super::super) struct Shape {
    /// The account is new.
    pub(in super::super) new: bool,
    pub(in super::super) writes: bool,
    pub(in super::super) removes: bool,
}

/// The statement of a commit. It affects no row if another commit came first.
pub(in super::super) fn commit(shape: Shape) -> &'static Statement {
    static ALL: LazyLock<Vec<Statement>> = LazyLock::new(|| {
        let bit = |number: usize, bit: usize| number >> bit & 1 == 1;
        let shapes = (0..8).map(|n| Shape { new: bit(n, 2), writes: bit(n, 1), removes: bit(n, 0) });
        shapes.map(build_commit).collect()
    });
    &ALL[usize::from(shape.new) << 2 | usize::from(shape.writes) << 1 | usize::from(shape.removes)]
}

/// What a commit does with the rows it writes.
const UPSERT: &str = "ON CONFLICT (app, account, kind, key) DO UPDATE SET change = excluded.change, \
    changed_at = excluded.changed_at, label = excluded.label, standard = excluded.standard, \
    conversation_groups = excluded.conversation_groups, data = excluded.data";

/// The commit of most calls: the account is there, and one row is written. It spares the database the arrays.
pub(in super::super) static COMMIT_ONE: LazyLock<Statement> = LazyLock::new(|| {
    let head = update_head("$29");
    let sql = format!(
        "WITH head AS ({head}) INSERT INTO pinfold_accounts (app, account, {WRITTEN}) \
         SELECT $27, $28, $19, $20, $21, $22, $23, $24, $25::integer[], $26 FROM head {UPSERT}"
    );
    let of_row = [Type::INT8, Type::TEXT, Type::INT2];
    Statement::new(sql, &[&HEAD_TYPES[..], &[Type::INT8], &ROW_TYPES, &of_row].concat()).named()
});

/// Parameter 18 is the version that the head must have. Nick and picture come only if they changed.
fn update_head(kind: &str) -> String {
    format!(
        "UPDATE pinfold_accounts SET change = $3, changed_at = $4, version = $5, imported = $6, \
         last_conversation_group = $7, grouped = $8, marked = $9, repeated = $10, \
         nick = coalesce($11, nick), face_url = coalesce($12, face_url), \
         revision = $13, newest_ms = $14, group_order = $15, pin_order = $16, life = $17 \
         WHERE app = $1 AND account = $2 AND kind = {kind} AND key = '' AND version = $18 RETURNING 1"
    )
}

fn build_commit(Shape { new, writes, removes }: Shape) -> Statement {
    let mut types = HEAD_TYPES.to_vec();
    let head = if new {
        format!(
            "INSERT INTO pinfold_accounts (app, account, kind, key, {HEAD}) \
             VALUES ($1, $2, 0, '', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (app, account, kind, key) DO NOTHING RETURNING 1"
        )
    } else {
        types.push(Type::INT8);
        update_head("0")
    };
    let mut sql = format!("WITH head AS ({head})");
    if removes {
        let removed = unnest(&mut types, &REMOVED_TYPES);
        let _ = write!(
            sql,
            ", removed AS (DELETE FROM pinfold_accounts WHERE app = $1 AND account = $2 \
             AND (kind, key) IN (SELECT * FROM {removed}) AND EXISTS (SELECT FROM head))"
        );
    }
    if writes {
        let written = unnest(&mut types, &WRITTEN_TYPES);
        let _ = write!(
            sql,
            " INSERT INTO pinfold_accounts (app, account, {WRITTEN}) \
             SELECT $1, $2, written.kind, written.key, written.change, written.changed_at, written.label, \
             written.standard, written.conversation_groups::integer[], written.data \
             FROM head, {written} AS written ({WRITTEN}) {UPSERT}"
        );
    } else {
        sql.push_str(" SELECT 1 FROM head");
    }
    Statement::new(sql, &types).named()
}

/// `unnest($n, …)` over the next parameters.
fn unnest(types: &mut Vec<Type>, more: &[Type]) -> String {
    let unnest = format!("unnest({})", numbered(types.len() + 1, more.len()));
    types.extend_from_slice(more);
    unnest
}

/// Deletes an account that has this version.
pub(in super::super) static DELETE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH head AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' AND version = $3 RETURNING 1), \
        rest AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind > 0 AND EXISTS (SELECT FROM head)) \
        SELECT 1 FROM head";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});
