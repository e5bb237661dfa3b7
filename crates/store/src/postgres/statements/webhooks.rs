//! What is kept of webhooks beside what waits: a row for each app, and one for each share of its accounts.

use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::Statement;

pub(in super::super) static SET_PAUSED: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "INSERT INTO pinfold_webhooks (app, paused) VALUES ($1, $2) \
         ON CONFLICT (app) DO UPDATE SET paused = excluded.paused";
    Statement::new(sql, &[Type::INT8, Type::BOOL])
});

pub(in super::super) static PAUSED_APPS: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("SELECT app FROM pinfold_webhooks WHERE paused", &[]));

pub(in super::super) static FORGET_PAUSE: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("DELETE FROM pinfold_webhooks WHERE app = $1", &[Type::INT8]));

pub(in super::super) static FORGET_LEASES: LazyLock<Statement> =
    LazyLock::new(|| Statement::new("DELETE FROM pinfold_webhook_leases WHERE app = $1", &[Type::INT8]));

pub(in super::super) static LEASES: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "SELECT share, holder, serial, wanted_by FROM pinfold_webhook_leases WHERE app = $1";
    Statement::new(sql, &[Type::INT8])
});

/// The first lease of a share.
pub(in super::super) static CREATE_LEASE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "INSERT INTO pinfold_webhook_leases (app, share, holder, serial, wanted_by) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (app, share) DO NOTHING";
    Statement::new(sql, &[Type::INT8, Type::INT2, Type::INT8, Type::INT8, Type::INT8])
});

/// A lease in place of one that still has a holder and a serial, the last two parameters.
pub(in super::super) static CHANGE_LEASE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = "UPDATE pinfold_webhook_leases SET holder = $3, serial = $4, wanted_by = $5 \
         WHERE app = $1 AND share = $2 AND holder = $6 AND serial = $7";
    Statement::new(sql, &[&CREATE_LEASE.types[..], &[Type::INT8, Type::INT8]].concat())
});
