//! Reads the columns of rows: a value that cannot have been written is damage.

use pinfold_core::IdProblem;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::StoreError;

/// A column of a row; null or another type is damage.
pub(super) fn column<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, StoreError> {
    row.try_get(index).map_err(|error| StoreError::Damaged(format!("a column cannot be read: {error}")))
}

/// A number that was written as one of 32 bits.
pub(super) fn number(row: &Row, index: usize) -> Result<u32, StoreError> {
    let number: i64 = column(row, index)?;
    u32::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is out of range")))
}

/// A text that was written as bytes.
pub(super) fn text(row: &Row, index: usize) -> Result<&str, StoreError> {
    let bytes: &[u8] = column(row, index)?;
    str::from_utf8(bytes).map_err(|_| StoreError::Damaged("a text is not valid UTF-8".into()))
}

pub(super) fn not_an_id(problem: IdProblem) -> StoreError {
    StoreError::Damaged(format!("an id {problem}"))
}
