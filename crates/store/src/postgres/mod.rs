//! The PostgreSQL backend: any number of instances over one database.
//!
//! A load is one statement, a commit is one statement guarded by the account's version, so nothing depends on
//! which connection a call gets, and every call stays on one shard. Instances share nothing but the database.

mod accounts;
mod answer;
mod apps;
mod cache;
mod changes;
mod chat_groups;
mod columns;
mod connect;
mod connection;
mod entries;
mod failure;
mod heads;
mod history;
mod lanes;
mod lease;
mod loads;
mod meters;
mod migrate;
mod open;
mod outbox;
mod password;
mod peers;
mod places;
mod pool;
mod questions;
mod recents;
mod rows;
mod settings;
mod shards;
mod snapshot;
mod statements;
mod sweep;
mod tls;
mod touches;
mod url;
mod url_check;
mod walk;
mod written;

use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{
    AppId, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, PeerStatuses, RecentEntry, StateDiff, Timestamp, Touches,
};
use tokio::sync::OnceCell;

use self::cache::AccountCache;
use self::pool::Pool;
use self::sweep::{Beside, Swept};
use crate::history::SinkSlot;
use crate::stats::Stats;
use crate::{
    AccountKey, Apps, Backend, ChatGroupList, Commit, Life, Loaded, OnDamage, Outcome, Position, Recents, Scope,
    Snapshot, StoreError, SweepStep, Touched, Version,
};

pub use self::migrate::Migration;
pub use self::open::{OpenError, migrate};
pub use self::password::Password;
pub use self::settings::Settings;
pub use self::url::PostgresUrl;

/// Changes that a call which makes many of them makes at once: each waits for a connection, of which there are few.
const COMMITS_AT_ONCE_MAX: usize = 4;

/// Accounts and chat groups in a database that speaks PostgreSQL's protocol.
pub struct Postgres {
    pool: Pool,
    cache: AccountCache,
    password: Password,
    sink: SinkSlot,
    /// Whether accounts are on shards, once it was asked.
    sharded: OnceCell<bool>,
}

impl Postgres {
    /// Connects, and brings the schema up to this build's if that is allowed.
    ///
    /// # Errors
    /// [`OpenError`] says in a sentence what is wrong and what to do.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let (pool, cache) = (open::open(settings).await?, AccountCache::new(settings.copies_bytes_max));
        let (password, sink, sharded) = (settings.password.clone(), SinkSlot::default(), OnceCell::new());
        Ok(Self { pool, cache, password, sink, sharded })
    }

    /// Whether Citus has accounts on several servers. It is asked once: tables are distributed before they are used.
    async fn is_sharded(&self) -> Result<bool, StoreError> {
        self.sharded.get_or_try_init(|| shards::are_there(&self.pool)).await.copied()
    }

    /// The password of connections that are made from now on; it may be replaced.
    pub(crate) fn password(&self) -> Password {
        self.password.clone()
    }
}

#[async_trait]
impl Backend for Postgres {
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        accounts::load(&self.pool, &self.cache, account, scope).await
    }

    async fn latest(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
    ) -> Result<(Loaded, PeerStatuses), StoreError> {
        accounts::latest(&self.pool, &self.cache, account, scope, peers).await
    }

    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        let committed = accounts::commit(&self.pool, &self.cache, account, base, next, &changes).await;
        if matches!(committed, Ok(Commit::Committed)) {
            self.sink.tell(account, Position::after(next, &changes), changes.change.as_ref());
        }
        Ok(Box::pin(std::future::ready(committed)))
    }

    async fn wait_durable(&self, account: &AccountKey, shown: &Loaded) -> Result<bool, StoreError> {
        Ok(shown.durability.is_durable() == Some(true)
            || self.load(account, &Scope::Head).await?.version == shown.version)
    }

    async fn peer_statuses(&self, app: AppId, peers: &[Conversation]) -> Result<PeerStatuses, StoreError> {
        peers::statuses(&self.pool, app, peers).await
    }

    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        chat_groups::get(&self.pool, app, ids).await
    }

    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        chat_groups::put(&self.pool, app, id, expected, new).await
    }

    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        chat_groups::register(&self.pool, app, new).await
    }

    async fn list_chat_groups(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<ChatGroupList, StoreError> {
        chat_groups::list(&self.pool, app, after, count_max).await
    }

    async fn snapshot(
        &self,
        after: Option<&AccountKey>,
        on_damage: OnDamage,
        with_history: bool,
    ) -> Result<Snapshot, StoreError> {
        snapshot::begin(&self.pool, after, on_damage, with_history).await
    }

    /// Asks for a write, of no row. That does not wait for a standby, as commits do.
    async fn health(&self) -> Result<(), StoreError> {
        self.pool.read(&statements::WRITE_NOTHING, &[]).await?;
        match self.pool.ends_commits() {
            true => Ok(()),
            false => {
                Err(StoreError::Failed("the database does not end commits; a synchronous standby may be away".into()))
            }
        }
    }

    fn commits_at_once_max(&self) -> usize {
        COMMITS_AT_ONCE_MAX
    }

    async fn stats(&self) -> Stats {
        Stats { pool: Some(self.pool.stats()), ..Stats::default() }
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.pool.close();
        self.cache.clear();
        Ok(())
    }
}

#[async_trait]
impl Apps for Postgres {
    async fn list_apps(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError> {
        apps::list(&self.pool, after, count_max).await
    }

    async fn list_accounts(
        &self,
        app: Option<AppId>,
        after: Option<&AccountKey>,
        count_max: usize,
    ) -> Result<Vec<AccountKey>, StoreError> {
        match app {
            Some(app) => apps::list_accounts_of(&self.pool, app, after, count_max).await,
            None => apps::list_accounts(&self.pool, after, count_max).await,
        }
    }

    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError> {
        apps::forget_chat_groups(&self.pool, app, count_max).await
    }
}

#[async_trait]
impl Recents for Postgres {
    async fn touch(&self, app: AppId, touches: &Touches) -> Result<Touched, StoreError> {
        touches::touch(&self.pool, app, touches).await
    }

    async fn entries(&self, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError> {
        recents::entries(&self.pool, account, life).await
    }

    async fn entry(
        &self,
        account: &AccountKey,
        life: Life,
        conversation: &Conversation,
    ) -> Result<Option<Timestamp>, StoreError> {
        recents::entry(&self.pool, account, life, conversation).await
    }

    async fn chat_group_times(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError> {
        recents::chat_group_times(&self.pool, app, ids).await
    }

    async fn trim(&self, account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Result<u64, StoreError> {
        recents::trim(&self.pool, account, life, entries).await
    }

    async fn sweep(&self, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError> {
        sweep::step(&self.pool, after, rows_max, Swept::Beside(Beside::Entries)).await.map(|swept| swept.step)
    }
}
