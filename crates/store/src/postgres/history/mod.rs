//! The database as [`History`]: rows beside accounts.

mod reads;
mod writes;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AppId, HistoryChange};

use super::Postgres;
use super::sweep::{self, Beside, Swept};
use crate::{AccountKey, ChangeRange, CommitSink, History, HistoryBounds, Life, Position, StoreError, SweepStep};

#[async_trait]
impl History for Postgres {
    async fn changes(
        &self,
        account: &AccountKey,
        life: Life,
        range: &ChangeRange,
    ) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        reads::changes(&self.pool, account, life, range).await
    }

    async fn positions(&self, accounts: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        reads::positions(&self.pool, accounts).await
    }

    async fn put_changes(&self, account: &AccountKey, life: Life, changes: &[HistoryChange]) -> Result<(), StoreError> {
        writes::put(&self.pool, account, life, changes).await
    }

    async fn trim_changes(&self, account: &AccountKey, life: Life, bounds: HistoryBounds) -> Result<u64, StoreError> {
        writes::trim(&self.pool, account, life, bounds).await
    }

    async fn sweep_changes(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        bounds: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        let swept = Swept::Beside(Beside::Changes(bounds));
        sweep::step(&self.pool, after, rows_max, swept).await.map(|swept| swept.step)
    }

    fn tell(&self, sink: Arc<dyn CommitSink>) {
        self.sink.set(sink);
    }

    fn is_shared(&self) -> bool {
        true
    }
}
