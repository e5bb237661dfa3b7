//! All that is kept for one app.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;

/// The next app with an account, a chat group or the time of a message in one; null after the last. An entry alone is what
/// a deleted account left behind.
pub(in super::super) static APP_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT min(app) FROM (\
        (SELECT app FROM pinfold_accounts WHERE app > $1 AND kind = 0 ORDER BY app LIMIT 1) UNION ALL \
        (SELECT app FROM pinfold_chat_group_times WHERE app > $1 ORDER BY app LIMIT 1) UNION ALL \
        (SELECT app FROM pinfold_chat_group_counts WHERE app > $1 ORDER BY app LIMIT 1)) AS next";
    Statement::new(sql, &[Type::INT8])
});

/// The next app with a row of an account, what deleted accounts left behind included; none after the last.
pub(in super::super) static APP_OF_ROWS_AFTER: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new("SELECT app FROM pinfold_accounts WHERE app > $1 ORDER BY app LIMIT 1", &[Type::INT8])
});

/// Accounts of an app after one.
pub(in super::super) static ACCOUNTS_OF: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT account FROM pinfold_accounts \
        WHERE app = $1 AND account > $2 AND kind = 0 ORDER BY account LIMIT $3";
    Statement::new(sql, &[Type::INT8, Type::TEXT, Type::INT8])
});

/// Removes the oldest chat groups of an app.
pub(in super::super) static FORGET_CHAT_GROUPS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_chat_groups WHERE app = $1 AND serial <= (SELECT max(serial) FROM (\
        SELECT serial FROM pinfold_chat_groups WHERE app = $1 ORDER BY serial LIMIT $2) AS first)";
    Statement::new(sql, &[Type::INT8, Type::INT8])
});

/// Forgets how many chat groups an app has, if it has none.
pub(in super::super) static FORGET_CHAT_GROUP_COUNT: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_chat_group_counts \
        WHERE app = $1 AND NOT EXISTS (SELECT FROM pinfold_chat_groups WHERE app = $1)";
    Statement::new(sql, &[Type::INT8])
});

/// Forgets times of last messages in chat groups of an app.
pub(in super::super) static FORGET_CHAT_GROUP_TIMES: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "DELETE FROM pinfold_chat_group_times WHERE app = $1 AND id <= (SELECT max(id) FROM (\
        SELECT id FROM pinfold_chat_group_times WHERE app = $1 ORDER BY id LIMIT $2) AS first)";
    Statement::new(sql, &[Type::INT8, Type::INT8])
});
