//! Leases of shares: rows that are changed where they still are what was seen.

use pinfold_core::AppId;
use tokio_postgres::Row;

use crate::postgres::columns::column;
use crate::postgres::failure::committed;
use crate::postgres::lanes::Subject;
use crate::postgres::pool::Pool;
use crate::postgres::questions::Parameter;
use crate::postgres::{statements, touches};
use crate::{Commit, Lease, StoreError};

pub(super) async fn of(pool: &Pool, app: AppId) -> Result<Vec<Lease>, StoreError> {
    let rows = pool.read(&statements::LEASES, &[&i64::from(app.0)]).await?.rows;
    rows.iter().map(|row| lease(app, row)).collect()
}

fn lease(app: AppId, row: &Row) -> Result<Lease, StoreError> {
    let share = column::<i16>(row, 0)?;
    let share = u8::try_from(share).map_err(|_| StoreError::Damaged(format!("{share} is not a share")))?;
    let number = |index| column::<i64>(row, index).map(i64::cast_unsigned);
    Ok(Lease { app, share, holder: number(1)?, serial: number(2)?, wanted_by: number(3)? })
}

/// The database waits for another put of the share, and then compares with what that left.
pub(super) async fn put(pool: &Pool, expected: Option<&Lease>, new: &Lease) -> Result<bool, StoreError> {
    let (app, share) = (i64::from(new.app.0), i16::from(new.share));
    let [holder, serial, wanted_by] = [new.holder, new.serial, new.wanted_by].map(u64::cast_signed);
    let seen = expected.map(|lease| [lease.holder, lease.serial].map(u64::cast_signed));
    let mut parameters: Vec<Parameter<'_>> = vec![&app, &share, &holder, &serial, &wanted_by];
    let statement = match &seen {
        None => &*statements::CREATE_LEASE,
        Some([holder, serial]) => {
            parameters.extend([holder as Parameter<'_>, serial]);
            &*statements::CHANGE_LEASE
        }
    };
    Ok(committed(pool.run(Subject(app, ""), statement, &parameters).await)? == Commit::Committed)
}

pub(super) async fn forget(pool: &Pool, app: AppId) -> Result<(), StoreError> {
    let app = i64::from(app.0);
    touches::run(pool, Subject(app, ""), &statements::FORGET_LEASES, &[&app]).await.map(drop)
}
