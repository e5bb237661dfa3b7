//! Every statement of the request path, as text.
//!
//! Statements that are prepared have names that count up in each process. A pooler that knows nothing of
//! them may run what another instance prepared under the same name. That must not go unnoticed, so no two
//! named statements take the same number of parameters: the database refuses the mix-up (08P01).

mod apps;
mod chat_groups;
mod commits;
mod history;
mod loads;
mod outbox;
mod recents;
mod snapshot;
mod webhooks;

use std::sync::LazyLock;

use tokio_postgres::types::Type;

pub(super) use self::apps::{
    ACCOUNTS_OF, APP_AFTER, APP_OF_ROWS_AFTER, FORGET_CHAT_GROUP_COUNT, FORGET_CHAT_GROUP_TIMES, FORGET_CHAT_GROUPS,
};
pub(super) use self::chat_groups::{
    CHANGE_CHAT_GROUP, CHAT_GROUP_COUNT, CHAT_GROUPS, CHAT_GROUPS_AFTER, CREATE_CHAT_GROUP, REGISTER_CHAT_GROUPS,
};
pub(super) use self::commits::{COMMIT, DELETE};
pub(super) use self::history::{
    CHANGES, CHANGES_BACK, POSITION, POSITIONS, SWEEP_EARLIER_CHANGES, SWEEP_LATER_CHANGES, TRIM_CHANGES,
    WITH_CHANGES_AFTER, put_changes,
};
pub(super) use self::loads::{
    ACCOUNTS_AFTER, FEW_ACCOUNTS, FEW_KEYS, HEAD, HEADS, HEADS_FEW, LOAD, LOAD_FEW, LOAD_NEWER, LOAD_ONE, LOAD_SOME,
    LOAD_SOME_OF_BOTH,
};
pub(super) use self::outbox::{
    ACCOUNTS_UNSENT_AFTER, APP_UNSENT_AFTER, BACKLOG, REMOVE_SENT, REMOVE_SENT_OF_MANY, SWEEP_ENDED_UNSENT,
    SWEEP_OLD_UNSENT, UNSENT, UNSENT_WITHOUT_CHANGE, WAITING, WAITING_ON_SHARDS,
};
pub(super) use self::recents::{
    CHAT_GROUP_TIMES, ENTRIES_OF, ENTRY, LOCK_SWEEP, SWEEP, TOUCH_CHAT_GROUP, TOUCH_ENTRY, TRIM, touch_entries,
};
pub(super) use self::snapshot::{
    ALL_CHAT_GROUP_COUNTS, ALL_CHAT_GROUPS_AFTER, CHANGES_BETWEEN, CHAT_GROUP_TIMES_AFTER, ENTRIES_BETWEEN, HAS_SHARDS,
    IS_SHARDED, ROWS_BETWEEN,
};
pub(super) use self::webhooks::{
    CHANGE_LEASE, CREATE_LEASE, FORGET_LEASES, FORGET_PAUSE, LEASES, PAUSED_APPS, SET_PAUSED,
};

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
    /// Entries of recent conversations are no part of an account: no load reads them.
    pub(in super::super) const ENTRY_ONE_TO_ONE: i16 = 6;
    pub(in super::super) const ENTRY_CHAT_GROUP: i16 = 7;
    /// Nor are changes, and what of them waits to be sent.
    pub(in super::super) const CHANGE: i16 = 8;
    pub(in super::super) const UNSENT: i16 = 9;
}

/// `$first, …`: these many parameters.
fn numbered(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The number of the last migration.
pub(super) static SCHEMA: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT max(number)::bigint FROM pinfold_migrations", &[]));

/// Whether the server takes writes. It goes along with each read.
pub(super) static WRITABLE: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT current_setting('transaction_read_only') = 'off'", &[]).named());

/// Fails where a commit would be refused, and touches no row: no account has an empty id.
pub(super) static WRITE_NOTHING: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_accounts WHERE app = -1 AND account = '' AND kind = 0 AND key = ''";
    Statement::new(sql, &[])
});

/// Waits for an account as its commit would. Between [`BEGIN`] and [`ROLLBACK`], so that nothing stays of it.
pub(super) static LOCK_HEAD: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT 1 FROM pinfold_accounts WHERE app = $1 AND account = $2 AND kind = 0 AND key = '' FOR UPDATE";
    Statement::new(sql, &[Type::INT8, Type::TEXT])
});
pub(super) static BEGIN: LazyLock<Statement> = LazyLock::new(|| Statement::new("BEGIN", &[]));
pub(super) static ROLLBACK: LazyLock<Statement> = LazyLock::new(|| Statement::new("ROLLBACK", &[]));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::migrate;
    use super::*;

    fn all() -> Vec<&'static Statement> {
        let mut all = vec![&*LOAD, &*LOAD_ONE, &*LOAD_FEW, &*LOAD_SOME, &*LOAD_SOME_OF_BOTH, &*LOAD_NEWER, &*COMMIT];
        all.extend([&*HEAD, &*HEADS, &*HEADS_FEW, &*CHAT_GROUPS, &*REGISTER_CHAT_GROUPS]);
        all.extend([&*DELETE, &*ACCOUNTS_AFTER, &*CHAT_GROUPS_AFTER, &*CHAT_GROUP_COUNT]);
        all.extend([&*ROWS_BETWEEN, &*ALL_CHAT_GROUPS_AFTER, &*ALL_CHAT_GROUP_COUNTS]);
        all.extend([&*CREATE_CHAT_GROUP, &*CHANGE_CHAT_GROUP, &*SCHEMA, &*WRITABLE, &*WRITE_NOTHING, &*LOCK_HEAD]);
        all.extend([&*APP_AFTER, &*APP_OF_ROWS_AFTER, &*ACCOUNTS_OF, &*FORGET_CHAT_GROUPS, &*FORGET_CHAT_GROUP_COUNT]);
        all.extend([&*HAS_SHARDS, &*IS_SHARDED]);
        all.extend([&*TOUCH_ENTRY, &*TOUCH_CHAT_GROUP, &*ENTRIES_OF, &*ENTRY, &*CHAT_GROUP_TIMES, &*TRIM]);
        all.extend([&*LOCK_SWEEP, &*SWEEP, &*ENTRIES_BETWEEN, &*CHAT_GROUP_TIMES_AFTER]);
        all.extend([&*CHANGES, &*CHANGES_BACK, &*CHANGES_BETWEEN, &*POSITION, &*POSITIONS, &*TRIM_CHANGES]);
        all.extend([&*SWEEP_EARLIER_CHANGES, &*SWEEP_LATER_CHANGES, &*WITH_CHANGES_AFTER]);
        all.push(&*FORGET_CHAT_GROUP_TIMES);
        all.extend([
            &*WAITING,
            &*WAITING_ON_SHARDS,
            &*UNSENT,
            &*REMOVE_SENT,
            &*REMOVE_SENT_OF_MANY,
            &*BACKLOG,
            &*UNSENT_WITHOUT_CHANGE,
        ]);
        all.extend([&*APP_UNSENT_AFTER, &*ACCOUNTS_UNSENT_AFTER, &*SWEEP_ENDED_UNSENT, &*SWEEP_OLD_UNSENT]);
        all.extend([&*SET_PAUSED, &*PAUSED_APPS, &*FORGET_PAUSE, &*FORGET_LEASES]);
        all.extend([&*LEASES, &*CREATE_LEASE, &*CHANGE_LEASE]);
        all
    }

    #[test]
    fn no_two_named_statements_take_the_same_number_of_parameters() {
        let named: Vec<_> = all().into_iter().filter(|statement| statement.named).collect();
        let counts: BTreeSet<_> = named.iter().map(|statement| statement.types.len()).collect();
        assert_eq!((named.len(), counts.len()), (10, 10));
    }

    /// Commits and touches: their texts, and what the function consists of that a commit calls.
    fn hot_writes() -> Vec<String> {
        let migrations = migrate::behind(0).unwrap();
        let function = migrations.iter().rev().find_map(|migration| {
            let script = migration.script();
            script.split("$$").nth(1).map(str::to_owned)
        });
        let mut hot: Vec<_> = function.unwrap().split(';').map(str::to_owned).collect();
        hot.extend([&*COMMIT, &*TOUCH_ENTRY, &touch_entries(3), &*TOUCH_CHAT_GROUP].map(|hot| hot.sql.clone()));
        hot
    }

    #[test]
    fn a_hot_statement_that_inserts_reads_nothing_so_that_it_stays_on_one_shard() {
        let inserts: Vec<_> = hot_writes().into_iter().filter(|sql| sql.contains("INSERT")).collect();
        assert_eq!(inserts.len(), 5, "{inserts:?}");
        for sql in inserts {
            assert!(!sql.contains("SELECT") && !sql.contains("WITH"), "{sql}");
        }
    }

    #[test]
    fn what_is_asked_and_changed_of_what_waits_in_one_account_stays_on_its_shard() {
        for statement in [&*UNSENT, &*REMOVE_SENT, &*TRIM_CHANGES, &*SWEEP_EARLIER_CHANGES, &*SWEEP_LATER_CHANGES] {
            // `change.` where a table is joined.
            let sql = statement.sql.replace("change.", "");
            let (tables, named) = (sql.matches("pinfold_accounts").count(), sql.matches("app = $1 AND account = $2"));
            assert_eq!(tables, named.count(), "{sql}");
        }
    }

    /// The database reads from where a pair of app and account is on, but not only up to where another one is.
    #[test]
    fn a_statement_that_ends_at_an_account_names_its_app_so_that_it_reads_no_further() {
        for statement in all() {
            assert!(!statement.sql.contains("account) <"), "{}", statement.sql);
        }
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
