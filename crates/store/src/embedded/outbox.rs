//! The embedded store as [`Outbox`]: rows beside accounts, read from the disk each time.

pub(super) mod reads;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, TimeMs};

use super::Embedded;
use super::engine::Engine;
use super::format::outbox;
use super::sweep::unsent;
use crate::{
    AccountKey, Backlog, Outbox, PageBounds, SentChange, SentUpTo, Shares, StoreError, SweepStep, UnsentPage,
    UnsentSweep, WaitingPage,
};

#[async_trait]
impl Outbox for Embedded {
    async fn waiting(
        &self,
        app: AppId,
        shares: Shares,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<WaitingPage, StoreError> {
        let after = after.map(|account| AccountKey { app, account: account.clone() });
        self.reading(move |engine| reads::waiting(&engine.now(), app, shares, after.as_ref(), count_max)).await
    }

    async fn unsent(
        &self,
        account: &AccountKey,
        after: Option<SentUpTo>,
        bounds: PageBounds,
    ) -> Result<UnsentPage, StoreError> {
        let account = account.clone();
        self.reading(move |engine| reads::unsent(&engine.now(), &account, after, bounds)).await
    }

    async fn remove_sent(&self, sent: &[SentChange]) -> Result<(), StoreError> {
        // Each row once: a batch must not remove one twice.
        let rows: BTreeSet<_> =
            sent.iter().map(|sent| outbox::unsent(&sent.account, sent.life, sent.revision)).collect();
        self.remove_rows(rows.into_iter().map(Into::into).collect()).await?;
        Ok(())
    }

    async fn backlog(&self, app: AppId, changes_max: u64) -> Result<Backlog, StoreError> {
        self.reading(move |engine| reads::backlog(&engine.now(), app, changes_max)).await
    }

    async fn sweep_unsent(
        &self,
        after: Option<&AccountKey>,
        rows_max: usize,
        not_before: &BTreeMap<AppId, TimeMs>,
    ) -> Result<UnsentSweep, StoreError> {
        let (mut removed, mut given_up, mut damage) = (0, 0, None);
        loop {
            let (after, not_before) = (after.cloned(), not_before.clone());
            let find = move |engine: &Engine| unsent::to_go(&engine.now(), after.as_ref(), rows_max, &not_before);
            let found = self.reading(find).await?;
            given_up += found.rows.iter().filter(|row| row.is_given_up).count() as u64;
            removed += self.remove_rows(found.rows.into_iter().map(|row| row.key).collect()).await?;
            damage = damage.or(found.damage);
            if !found.has_more {
                return Ok(UnsentSweep { step: SweepStep { removed, last: found.last, damage }, given_up });
            }
        }
    }

    async fn set_paused(&self, app: AppId, paused: bool) -> Result<(), StoreError> {
        let value = paused.then(|| outbox::encode_paused().into());
        self.write_rows(vec![(outbox::paused(app).into(), value)]).await
    }

    async fn paused_apps(&self) -> Result<BTreeSet<AppId>, StoreError> {
        self.reading(|engine| reads::paused_apps(&engine.now())).await
    }

    async fn forget_webhook(&self, app: AppId) -> Result<(), StoreError> {
        self.set_paused(app, false).await
    }
}
