//! Every statement of the request path, as text.
//!
//! Statements that are prepared have names that count up in each process. A pooler that knows nothing of
//! them may run what another instance prepared under the same name. That must not go unnoticed, so no two
//! named statements take the same number of parameters: the database refuses the mix-up (08P01).

use std::fmt::Write as _;
use std::sync::LazyLock;

use tokio_postgres::types::Type;

/// A statement and the types of its parameters.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) types: Vec<Type>,
    /// Whether it is prepared under a name where that is allowed: those of the hot path.
    pub(super) named: bool,
}

impl Statement {
    fn new(sql: impl Into<String>, types: &[Type]) -> Self {
        Self { sql: sql.into(), types: types.to_vec(), named: false }
    }

    fn named(self) -> Self {
        Self { named: true, ..self }
    }
}

/// Kinds of rows of an account; [`super::rows`] reads them.
pub(super) mod kind {
    pub(in super::super) const HEAD: i16 = 0;
    pub(in super::super) const CONVERSATION_GROUP: i16 = 1;
    pub(in super::super) const PIN_ONE_TO_ONE: i16 = 2;
    pub(in super::super) const PIN_CHAT_GROUP: i16 = 3;
    pub(in super::super) const RECORD_ONE_TO_ONE: i16 = 4;
    pub(in super::super) const RECORD_CHAT_GROUP: i16 = 5;
}

/// What a load reads of each row, in the order of [`super::rows`].
const COLUMNS: &str = "kind, key, change, changed_at, label, standard, conversation_groups, \
    version, imported, last_conversation_group, grouped, marked, repeated, nick, face_url";

fn load(condition: &str, types: &[Type]) -> Statement {
    let of_account = [&[Type::INT8, Type::TEXT], types].concat();
    let sql = format!("SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND ({condition})");
    Statement::new(sql, &of_account).named()
}

/// Rows up to a kind.
pub(super) static LOAD: LazyLock<Statement> = LazyLock::new(|| load("kind <= $3", &[Type::INT2]));

/// Rows up to a kind, and one more: what most calls need. As two scans, and without an array, the database finds
/// that one plan fits all; with `= ANY` it plans each call anew, which takes longer than to run it.
pub(super) static LOAD_ONE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind <= $3 \
         UNION ALL SELECT {COLUMNS} FROM pinfold_accounts WHERE app = $4 AND account = $2 AND kind = $5 AND key = $6"
    );
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT2, Type::INT8, Type::INT2, Type::TEXT]).named()
});

/// Rows up to a kind, and those with certain keys of one more kind.
pub(super) static LOAD_SOME: LazyLock<Statement> =
    LazyLock::new(|| load("kind <= $3 OR (kind = $4 AND key = ANY ($5))", &[Type::INT2, Type::INT2, Type::TEXT_ARRAY]));

/// The same of two more kinds.
pub(super) static LOAD_SOME_OF_BOTH: LazyLock<Statement> = LazyLock::new(|| {
    load(
        "kind <= $3 OR (kind = $4 AND key = ANY ($5)) OR (kind = $6 AND key = ANY ($7))",
        &[Type::INT2, Type::INT2, Type::TEXT_ARRAY, Type::INT2, Type::TEXT_ARRAY],
    )
});

/// Parameters 3 to 12 of a commit: the new head. 13 is the version it must have now.
const HEAD: &str =
    "change, changed_at, version, imported, last_conversation_group, grouped, marked, repeated, nick, face_url";
const HEAD_TYPES: [Type; 12] = [
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
];

/// Rows that are written; the conversation groups of a record come as text, because arrays of arrays must be square.
const WRITTEN: &str = "kind, key, change, changed_at, label, standard, conversation_groups";
const WRITTEN_TYPES: [Type; 7] = [
    Type::INT2_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::BYTEA_ARRAY,
    Type::INT8_ARRAY,
    Type::TEXT_ARRAY,
];
const REMOVED_TYPES: [Type; 2] = [Type::INT2_ARRAY, Type::TEXT_ARRAY];

/// The shape of a commit that keeps the account.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// The account is new.
    pub(super) new: bool,
    pub(super) writes: bool,
    pub(super) removes: bool,
}

/// The statement of a commit. It affects no row if somebody else was faster.
pub(super) fn commit(shape: Shape) -> &'static Statement {
    static ALL: LazyLock<Vec<Statement>> = LazyLock::new(|| {
        let bit = |number: usize, bit: usize| number >> bit & 1 == 1;
        let shapes = (0..8).map(|n| Shape { new: bit(n, 2), writes: bit(n, 1), removes: bit(n, 0) });
        shapes.map(build_commit).collect()
    });
    &ALL[usize::from(shape.new) << 2 | usize::from(shape.writes) << 1 | usize::from(shape.removes)]
}

fn build_commit(Shape { new, writes, removes }: Shape) -> Statement {
    let mut types = HEAD_TYPES.to_vec();
    // Nick and picture come only if they changed.
    let head = if new {
        format!(
            "INSERT INTO pinfold_accounts (app, account, kind, key, {HEAD}) \
             VALUES ($1, $2, 0, '', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (app, account, kind, key) DO NOTHING RETURNING 1"
        )
    } else {
        types.push(Type::INT8);
        "UPDATE pinfold_accounts SET change = $3, changed_at = $4, version = $5, imported = $6, \
         last_conversation_group = $7, grouped = $8, marked = $9, repeated = $10, \
         nick = coalesce($11, nick), face_url = coalesce($12, face_url) \
         WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' AND version = $13 RETURNING 1"
            .to_owned()
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
             written.standard, written.conversation_groups::integer[] \
             FROM head, {written} AS written ({WRITTEN}) \
             ON CONFLICT (app, account, kind, key) DO UPDATE SET change = excluded.change, \
             changed_at = excluded.changed_at, label = excluded.label, standard = excluded.standard, \
             conversation_groups = excluded.conversation_groups"
        );
    } else {
        sql.push_str(" SELECT 1 FROM head");
    }
    Statement::new(sql, &types).named()
}

/// `unnest($n, …)` over the next parameters.
fn unnest(types: &mut Vec<Type>, more: &[Type]) -> String {
    let numbers: Vec<_> = (1..=more.len()).map(|n| format!("${}", types.len() + n)).collect();
    types.extend_from_slice(more);
    format!("unnest({})", numbers.join(", "))
}

/// Deletes an account that has this version.
pub(super) static DELETE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH head AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' AND version = $3 RETURNING 1), \
        rest AS (DELETE FROM pinfold_accounts \
        WHERE app = $1 AND account = $2 AND kind > 0 AND EXISTS (SELECT FROM head)) \
        SELECT 1 FROM head";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// Those of some accounts that are imported.
pub(super) static IMPORTED: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account FROM pinfold_accounts \
        WHERE app = $1 AND account = ANY ($2) AND kind = $3 AND key = $4 AND imported";
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY, Type::INT2, Type::TEXT]).named()
});

/// Accounts behind one, in the order of their keys.
pub(super) static ACCOUNTS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT app, account FROM pinfold_accounts \
        WHERE (app, account) > ($1, $2) AND kind = 0 ORDER BY app, account LIMIT $3";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

fn rows(condition: &str, types: &[Type]) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS}, app, account FROM pinfold_accounts WHERE (app, account) > ($1, $2){condition} \
         ORDER BY app, account"
    );
    Statement::new(sql, &[&[Type::INT8, Type::TEXT], types].concat())
}

/// All rows of the accounts behind one.
pub(super) static ROWS_AFTER: LazyLock<Statement> = LazyLock::new(|| rows("", &[]));

/// All rows of the accounts behind one, up to another.
pub(super) static ROWS_BETWEEN: LazyLock<Statement> =
    LazyLock::new(|| rows(" AND (app, account) <= ($3, $4)", &[Type::INT8, Type::TEXT]));

const CHAT_GROUP: &str = "id, serial, kind, name, owner, created_at, destroyed";

pub(super) static CHAT_GROUPS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!("SELECT {CHAT_GROUP} FROM pinfold_chat_groups WHERE app = $1 AND id = ANY ($2)");
    Statement::new(sql, &[Type::INT8, Type::TEXT_ARRAY]).named()
});

pub(super) static CHAT_GROUPS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql =
        format!("SELECT {CHAT_GROUP} FROM pinfold_chat_groups WHERE app = $1 AND serial > $2 ORDER BY serial LIMIT $3");
    Statement::new(sql, &[Type::INT8, Type::INT8, Type::INT8])
});

pub(super) static CHAT_GROUP_COUNT: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT live FROM pinfold_chat_group_counts WHERE app = $1", &[Type::INT8]));

/// Chat groups of all apps.
pub(super) static ALL_CHAT_GROUPS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {CHAT_GROUP}, app FROM pinfold_chat_groups WHERE (app, serial) > ($1, $2) ORDER BY app, serial LIMIT $3"
    );
    Statement::new(sql, &[Type::INT8, Type::INT8, Type::INT8])
});

/// The counts of all apps.
pub(super) static ALL_CHAT_GROUP_COUNTS: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT app, last_serial, live FROM pinfold_chat_group_counts", &[]));

const CHAT_GROUP_TYPES: [Type; 7] =
    [Type::INT8, Type::TEXT, Type::TEXT, Type::BYTEA, Type::TEXT, Type::INT8, Type::BOOL];

/// Registers a chat group. Whoever comes second in a true race violates the primary key, which undoes the count.
pub(super) static CREATE_CHAT_GROUP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH counted AS (INSERT INTO pinfold_chat_group_counts AS counts (app, last_serial, live) \
        SELECT $1, 1, CASE WHEN $7 THEN 0 ELSE 1 END \
        WHERE NOT EXISTS (SELECT FROM pinfold_chat_groups WHERE app = $1 AND id = $2) \
        ON CONFLICT (app) DO UPDATE \
        SET last_serial = counts.last_serial + 1, live = counts.live + excluded.live RETURNING last_serial) \
        INSERT INTO pinfold_chat_groups (app, id, serial, kind, name, owner, created_at, destroyed) \
        SELECT $1, $2, last_serial, $3, $4, $5, $6, $7 FROM counted";
    Statement::new(sql, &CHAT_GROUP_TYPES)
});

/// Changes a chat group that still is what the caller saw; parameter 13 is what that does to the count.
pub(super) static CHANGE_CHAT_GROUP: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "WITH changed AS (UPDATE pinfold_chat_groups \
        SET kind = $3, name = $4, owner = $5, created_at = $6, destroyed = $7 \
        WHERE app = $1 AND id = $2 AND kind = $8 AND name = $9 AND owner IS NOT DISTINCT FROM $10 \
        AND created_at = $11 AND destroyed = $12 RETURNING 1), \
        counted AS (UPDATE pinfold_chat_group_counts SET live = live + $13 \
        WHERE app = $1 AND $13 <> 0 AND EXISTS (SELECT FROM changed)) \
        SELECT 1 FROM changed";
    Statement::new(sql, &[&CHAT_GROUP_TYPES[..], &CHAT_GROUP_TYPES[2..], &[Type::INT8]].concat())
});

/// The number of the last migration.
pub(super) static SCHEMA: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT max(number)::bigint FROM pinfold_migrations", &[]));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<&'static Statement> {
        let shapes = (0..8).map(|n| Shape { new: n & 4 > 0, writes: n & 2 > 0, removes: n & 1 > 0 });
        let mut all: Vec<_> = shapes.map(commit).collect();
        all.extend([&*LOAD, &*LOAD_ONE, &*LOAD_SOME, &*LOAD_SOME_OF_BOTH, &*IMPORTED, &*CHAT_GROUPS]);
        all.extend([&*DELETE, &*ACCOUNTS_AFTER, &*CHAT_GROUPS_AFTER, &*CHAT_GROUP_COUNT]);
        all.extend([&*ROWS_AFTER, &*ROWS_BETWEEN, &*ALL_CHAT_GROUPS_AFTER, &*ALL_CHAT_GROUP_COUNTS]);
        all.extend([&*CREATE_CHAT_GROUP, &*CHANGE_CHAT_GROUP]);
        all
    }

    #[test]
    fn no_two_named_statements_take_the_same_number_of_parameters() {
        let named: Vec<_> = all().into_iter().filter(|statement| statement.named).collect();
        let counts: BTreeSet<_> = named.iter().map(|statement| statement.types.len()).collect();
        assert_eq!((named.len(), counts.len()), (14, 14));
    }

    #[test]
    fn every_statement_uses_each_of_its_parameters_and_no_other() {
        for statement in all() {
            let used: BTreeSet<usize> = statement
                .sql
                .split('$')
                .skip(1)
                .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap())
                .collect();
            assert_eq!(used, (1..=statement.types.len()).collect(), "{}", statement.sql);
        }
    }
}
