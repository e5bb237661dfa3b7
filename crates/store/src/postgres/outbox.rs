//! The database as [`Outbox`], which is always empty so far.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, TimeMs};

use super::Postgres;
use crate::{
    AccountKey, Backlog, Outbox, PageBounds, SentChange, SentUpTo, Shares, StoreError, UnsentPage, UnsentSweep,
    WaitingPage,
};

#[async_trait]
impl Outbox for Postgres {
    async fn waiting(&self, _: AppId, _: Shares, _: Option<&AccountId>, _: usize) -> Result<WaitingPage, StoreError> {
        Ok(WaitingPage::default())
    }

    async fn unsent(&self, _: &AccountKey, _: Option<SentUpTo>, _: PageBounds) -> Result<UnsentPage, StoreError> {
        Ok(UnsentPage { is_last: true, ..UnsentPage::default() })
    }

    async fn remove_sent(&self, _: &[SentChange]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn backlog(&self, _: AppId, _: u64) -> Result<Backlog, StoreError> {
        Ok(Backlog::default())
    }

    async fn sweep_unsent(
        &self,
        _: Option<&AccountKey>,
        _: usize,
        _: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        Ok(UnsentSweep::default())
    }

    async fn set_paused(&self, _: AppId, _: bool) -> Result<(), StoreError> {
        Ok(())
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        Ok(BTreeSet::new())
    }

    async fn forget_webhook(&self, _: AppId) -> Result<(), StoreError> {
        Ok(())
    }
}
