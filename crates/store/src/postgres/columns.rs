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
    to_number(column(row, index)?)
}

/// The same, 0 where the column is null.
pub(super) fn number_or_0(row: &Row, index: usize) -> Result<u32, StoreError> {
    column::<Option<i64>>(row, index)?.map_or(Ok(0), to_number)
}

/// A list of such numbers, empty where the column is null.
pub(super) fn numbers(row: &Row, index: usize) -> Result<Vec<u32>, StoreError> {
    column::<Option<Vec<i64>>>(row, index)?.unwrap_or_default().into_iter().map(to_number).collect()
}

fn to_number(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is out of range")))
}

/// A text that was written as bytes.
pub(super) fn text(row: &Row, index: usize) -> Result<&str, StoreError> {
    to_text(column(row, index)?)
}

/// The same; `None` where the column is null.
pub(super) fn optional_text(row: &Row, index: usize) -> Result<Option<&str>, StoreError> {
    column::<Option<&[u8]>>(row, index)?.map(to_text).transpose()
}

fn to_text(bytes: &[u8]) -> Result<&str, StoreError> {
    str::from_utf8(bytes).map_err(|_| StoreError::Damaged("a text is not valid UTF-8".into()))
}

pub(super) fn not_an_id(problem: IdProblem) -> StoreError {
    StoreError::Damaged(format!("an id {problem}"))
}
