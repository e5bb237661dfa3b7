//! What the database answers.

use futures_util::TryStreamExt as _;
use tokio_postgres::{Row, RowStream};

/// What a statement came to.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// Rows that it wrote or gave back: none for a commit that lost a race.
    pub(super) affected: u64,
}

impl Answer {
    pub(super) async fn read(stream: RowStream) -> Result<Self, tokio_postgres::Error> {
        let mut stream = std::pin::pin!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(row);
        }
        Ok(Self { rows, affected: stream.rows_affected().unwrap_or(0) })
    }
}
