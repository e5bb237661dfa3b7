//! A backend that does something else before it reads.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use pinfold_core::{AccountId, AppId, ChatGroup, ChatGroupId, StateDiff};
use pinfold_server::config::Config;
use pinfold_store::{
    AccountKey, Backend, ChatGroupSeq, Commit, Loaded, Memory, OnDamage, Scope, Snapshot, Store, StoreError, Version,
};

use crate::support::{self, TestServer};

type Before = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

struct FailingBackend {
    inner: Memory,
    before: Before,
}

/// A server whose store does this before it reads an account or the register of accounts.
pub(crate) async fn start(
    change: impl FnOnce(&mut Config),
    before: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
) -> TestServer {
    let mut config = support::config();
    change(&mut config);
    let backend = FailingBackend { inner: Memory::new(), before: Box::new(before) };
    TestServer::over(&config, Store::new(Arc::new(backend))).await
}

/// The rest of a backend is not used by these tests.
fn unused<T>() -> Result<T, StoreError> {
    Err(StoreError::Failed("not used here".into()))
}

#[async_trait]
impl Backend for FailingBackend {
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        (self.before)().await;
        self.inner.load(account, scope).await
    }

    async fn imported(&self, app: AppId, accounts: &[AccountId]) -> Result<Vec<bool>, StoreError> {
        (self.before)().await;
        self.inner.imported(app, accounts).await
    }

    async fn commit(&self, _: &AccountKey, _: Option<Version>, _: Version, _: StateDiff) -> Result<Commit, StoreError> {
        unused()
    }

    async fn chat_groups(&self, _: AppId, _: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError> {
        unused()
    }

    async fn put_chat_group(
        &self,
        _: AppId,
        _: &ChatGroupId,
        _: Option<&ChatGroup>,
        _: &ChatGroup,
    ) -> Result<Commit, StoreError> {
        unused()
    }

    async fn chat_groups_after(
        &self,
        _: AppId,
        _: ChatGroupSeq,
        _: usize,
    ) -> Result<Vec<(ChatGroupSeq, ChatGroupId, ChatGroup)>, StoreError> {
        unused()
    }

    async fn chat_group_count(&self, _: AppId) -> Result<u64, StoreError> {
        unused()
    }

    async fn accounts_after(&self, _: Option<&AccountKey>, _: usize) -> Result<Vec<AccountKey>, StoreError> {
        unused()
    }

    async fn apps_after(&self, _: Option<AppId>, _: usize) -> Result<Vec<AppId>, StoreError> {
        unused()
    }

    async fn accounts_of(&self, _: AppId, _: Option<&AccountId>, _: usize) -> Result<Vec<AccountId>, StoreError> {
        unused()
    }

    async fn forget_chat_groups(&self, _: AppId, _: usize) -> Result<u64, StoreError> {
        unused()
    }

    async fn snapshot(&self, _: Option<&AccountKey>, _: OnDamage) -> Result<Snapshot, StoreError> {
        unused()
    }

    async fn health(&self) -> Result<(), StoreError> {
        unused()
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
