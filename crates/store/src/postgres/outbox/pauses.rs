//! Whether sending to the backend of an app is paused.

use std::collections::BTreeSet;

use pinfold_core::AppId;

use crate::StoreError;
use crate::postgres::columns::number;
use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::{statements, touches};

pub(super) async fn set_paused(pool: &Pool, app: AppId, paused: bool) -> Result<(), StoreError> {
    let app = i64::from(app.0);
    touches::run(pool, Subject(app, ""), &statements::SET_PAUSED, &[&app, &paused]).await.map(drop)
}

pub(super) async fn paused_apps(pool: &Pool) -> Result<BTreeSet<AppId>, StoreError> {
    let rows = pool.read(&statements::PAUSED_APPS, &[]).await?.rows;
    rows.iter().map(|row| number(row, 0).map(AppId)).collect()
}

pub(super) async fn forget(pool: &Pool, app: AppId) -> Result<(), StoreError> {
    let app = i64::from(app.0);
    touches::run(pool, Subject(app, ""), &statements::FORGET_PAUSE, &[&app]).await.map(drop)
}
