//! The history in the embedded store.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AppId, HistoryChange};

use super::Embedded;
use crate::history::unsupported;
use crate::{AccountKey, ChangeRange, CommitSink, History, HistoryBounds, Life, Position, StoreError, SweepStep};

#[async_trait]
impl History for Embedded {
    async fn changes(&self, _: &AccountKey, _: Life, _: &ChangeRange) -> Result<Vec<Arc<HistoryChange>>, StoreError> {
        unsupported()
    }

    async fn positions(&self, _: &[AccountKey]) -> Result<Vec<Option<Position>>, StoreError> {
        unsupported()
    }

    async fn put_changes(&self, _: &AccountKey, _: Life, _: &[HistoryChange]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn trim_changes(&self, _: &AccountKey, _: Life, _: HistoryBounds) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn sweep_changes(
        &self,
        _: Option<&AccountKey>,
        _: usize,
        _: &BTreeMap<AppId, HistoryBounds>,
    ) -> Result<SweepStep, StoreError> {
        Ok(SweepStep::default())
    }

    fn tell(&self, _: Arc<dyn CommitSink>) {}
}
