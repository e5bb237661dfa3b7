//! All that a store keeps, to be compared.

use std::sync::Arc;

use pinfold_core::{AccountState, AppId, ChatGroupSeq, RecentEntry};
use pinfold_store::{AccountKey, ChatGroupList, Scope, Store};

use crate::state::is_kept;

/// Everything that is kept: the accounts of all apps, and the chat groups of one.
#[derive(PartialEq)]
pub(crate) struct Everything {
    accounts: Vec<(AccountKey, Arc<AccountState>)>,
    /// The recent conversations of each of them.
    entries: Vec<Arc<[RecentEntry]>>,
    chat_groups: ChatGroupList,
}

impl Everything {
    /// What a store in memory keeps.
    pub(crate) async fn of(store: &Store, app: AppId) -> Self {
        let backend = store.backend();
        let (mut accounts, mut entries) = (Vec::new(), Vec::new());
        for key in backend.list_accounts(None, None, usize::MAX).await.expect("memory can be read") {
            let loaded = backend.load(&key, &Scope::All).await.expect("memory can be read");
            if let Some(version) = loaded.version {
                entries.push(backend.entries(&key, version.life).await.expect("memory can be read"));
            }
            accounts.push((key, loaded.state));
        }
        let chat_groups = backend.list_chat_groups(app, ChatGroupSeq(0), usize::MAX).await;
        Self { accounts, entries, chat_groups: chat_groups.expect("memory can be read") }
    }

    /// Looks at each account that is not as it was.
    pub(crate) fn are_kept(&self, before: &Self) {
        for (account, state) in &self.accounts {
            let same = before.accounts.iter().any(|(other, before)| other == account && Arc::ptr_eq(before, state));
            if !same {
                is_kept(account, state);
            }
        }
    }
}
