//! Shared by the tests of the store: accounts, and changes made of the core's own drafts.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod files;
pub(crate) mod folded;
pub(crate) mod history;
pub(crate) mod outbox;
pub(crate) mod postgres;
pub(crate) mod rules;

use std::path::Path;
use std::sync::Arc;

use pinfold_core::{
    AccountId, AccountState, AppId, Arrangement, ChatGroup, ChatGroupId, ChatGroupSeq, Conversation, Draft, GroupName,
    PeerStatuses, Refusal, StandardMarks, StateDiff, Timestamp, decide,
};
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend, Commit, Embedded, Loaded, Postgres, Scope, Version};

/// The clock of tests that have no use for one.
pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000);

pub(crate) fn id(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

pub(crate) fn account(app: u32, text: &str) -> AccountKey {
    AccountKey { app: AppId(app), account: id(text) }
}

pub(crate) fn one(text: &str) -> Conversation {
    Conversation::OneToOne(id(text))
}

pub(crate) fn chat_group(text: &str) -> Conversation {
    Conversation::ChatGroup(chat_group_id(text))
}

pub(crate) fn chat_group_id(text: &str) -> ChatGroupId {
    ChatGroupId::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> GroupName {
    GroupName::stored(text)
}

pub(crate) fn marks(bits: u64) -> Arrangement {
    Arrangement { standard: StandardMarks(bits), ..Arrangement::default() }
}

/// Everything that is kept for an account.
pub(crate) async fn load(backend: &dyn Backend, account: &AccountKey) -> Loaded {
    backend.load(account, &Scope::All).await.unwrap()
}

/// Everything that is kept for an account, without its version.
pub(crate) async fn state(backend: &dyn Backend, account: &AccountKey) -> AccountState {
    AccountState::clone(&*load(backend, account).await.state)
}

/// The changes that an edit makes to a state; there must be some.
pub(crate) fn changes(state: &AccountState, edit: impl FnOnce(&mut Draft<'_>) -> Result<(), Refusal>) -> StateDiff {
    decide(state, !state.is_empty(), &PeerStatuses::default(), NOW, edit)
        .unwrap()
        .1
        .expect("the edit changes something")
}

/// Chat groups of an app after a place, destroyed ones too.
pub(crate) async fn listed(backend: &dyn Backend, app: AppId, after: u32, count_max: usize) -> Vec<Listed> {
    let list = backend.list_chat_groups(app, ChatGroupSeq(after), count_max).await.unwrap();
    list.page.into_iter().map(|listed| (listed.seq.0, listed.id.as_str().to_owned(), listed.chat_group)).collect()
}

/// Place, id, and what the register has.
pub(crate) type Listed = (u32, String, ChatGroup);

/// How many chat groups of an app are not destroyed.
pub(crate) async fn live(backend: &dyn Backend, app: AppId) -> u64 {
    backend.list_chat_groups(app, ChatGroupSeq(0), 0).await.unwrap().live
}

/// Marks one conversation, with whatever bits.
pub(crate) fn marking(state: &AccountState, conversation: &Conversation, bits: u64) -> StateDiff {
    changes(state, |draft| {
        draft.arrange(conversation, marks(bits));
        Ok(())
    })
}

/// Commits an edit of what is there now; no other task may commit.
pub(crate) async fn edit(
    backend: &dyn Backend,
    account: &AccountKey,
    edit: impl FnOnce(&mut Draft<'_>) -> Result<(), Refusal>,
) {
    let Loaded { version, state, .. } = load(backend, account).await;
    let changes = changes(&state, edit);
    let committed = backend.commit(account, version, Version::after(version), changes).await.unwrap();
    assert_eq!(committed, Commit::Committed);
}

/// Commits one mark.
pub(crate) async fn mark(backend: &dyn Backend, account: &AccountKey, conversation: &Conversation, bits: u64) {
    edit(backend, account, |draft| {
        draft.arrange(conversation, marks(bits));
        Ok(())
    })
    .await;
}

/// Deletes the account.
pub(crate) async fn delete(backend: &dyn Backend, account: &AccountKey) {
    edit(backend, account, |draft| {
        draft.delete();
        Ok(())
    })
    .await;
}

/// The embedded backend with the usual settings.
pub(crate) fn embedded(directory: &Path) -> Arc<dyn Backend> {
    Arc::new(Embedded::open(directory, &Settings::default()).unwrap())
}

/// The embedded backend with room for hardly an account, so that nearly every read goes to the disk.
pub(crate) fn embedded_without_cache(directory: &Path) -> Arc<dyn Backend> {
    let settings = Settings { cache_bytes_max: 1, ..Settings::default() };
    Arc::new(Embedded::open(directory, &settings).unwrap())
}

/// The PostgreSQL backend over this place.
pub(crate) async fn postgres(url: &str) -> Arc<dyn Backend> {
    let settings = pinfold_store::postgres::Settings::new(url.parse().unwrap());
    Arc::new(Postgres::open(&settings).await.unwrap())
}
