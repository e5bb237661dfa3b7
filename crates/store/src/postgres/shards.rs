//! Whether Citus has the accounts on several servers.

use super::columns::column;
use super::pool::Pool;
use super::statements;
use crate::StoreError;

pub(super) async fn are_there(pool: &Pool) -> Result<bool, StoreError> {
    for statement in [&statements::HAS_SHARDS, &statements::IS_SHARDED] {
        let rows = pool.read(statement, &[]).await?.rows;
        if !rows.first().map_or(Ok(false), |row| column(row, 0))? {
            return Ok(false);
        }
    }
    Ok(true)
}
