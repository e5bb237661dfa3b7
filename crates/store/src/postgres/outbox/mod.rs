//! The database as [`Outbox`]: rows beside accounts, and two tables of webhooks.

mod leases;
mod pauses;
mod reads;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, TimeMs};

use super::Postgres;
use super::sweep::{self, Swept};
use crate::{
    AccountKey, Backlog, Lease, Outbox, PageBounds, SentChange, SentUpTo, Shares, StoreError, UnsentPage, UnsentSweep,
    WaitingPage,
};

#[async_trait]
impl Outbox for Postgres {
    async fn waiting(
        &self,
        app: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError> {
        reads::waiting(&self.pool, self.is_sharded().await?, (app, shares), after, count_max).await
    }

    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError> {
        reads::unsent(&self.pool, account, after, bounds).await
    }

    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError> {
        writes::remove_sent(&self.pool, self.is_sharded().await?, sent).await
    }

    async fn backlog(&self, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
        reads::backlog(&self.pool, app, changes_max).await
    }

    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        sweep::step(&self.pool, after, rows_max, Swept::Unsent(not_before)).await
    }

    async fn set_paused(&self, app: AppId, paused: bool) -> Result<(), StoreError> {
        pauses::set_paused(&self.pool, app, paused).await
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        pauses::paused_apps(&self.pool).await
    }

    async fn forget_webhook(&self, app: AppId) -> Result<(), StoreError> {
        pauses::forget(&self.pool, app).await?;
        leases::forget(&self.pool, app).await
    }

    async fn leases(&self, app: AppId) -> Result<Vec<Lease>, StoreError> {
        leases::of(&self.pool, app).await
    }

    async fn put_lease(&self, expected: Option<&Lease>, new: &Lease) -> Result<bool, StoreError> {
        leases::put(&self.pool, expected, new).await
    }
}
