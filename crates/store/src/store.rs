//! The store: loads an account, lets a rule decide, commits the difference.

mod acting;
mod beside;
mod history;
mod recents;

use std::hash::BuildHasher;
use std::sync::Arc;

use pinfold_core::{AppId, ChatGroup, ChatGroupId, Conversation, Draft, Refusal, TimeMs, decide};
use tokio::sync::{Mutex, MutexGuard};

pub use self::acting::{Acting, Updated};
use self::beside::{Beside, WithBeside};
pub use self::history::ChangesPage;
pub use self::recents::Recent;
use crate::history::SinkSlot;
use crate::postgres::{Password, Postgres};
use crate::sync::HashBuilder;
use crate::{AccountKey, Backend, Commit, Loaded, Scope, StoreError, Version};

/// How often a call is tried when others commit to the same account first.
const TRIES_MAX: usize = 64;
/// Calls of this instance that change one account wait for each other here rather than race.
const STRIPES: usize = 1024;

/// Why a change was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UpdateError {
    /// A rule said no.
    #[error("{0}")]
    Refused(Refusal),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for UpdateError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a change begins from: parts of an account, what the registers say of these peers, and what is kept
/// beside the account.
struct Base<'a> {
    account: &'a AccountKey,
    scope: &'a Scope,
    peers: &'a [Conversation],
    beside: Beside<'a>,
}

/// Accounts and chat groups over some backend. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    stripes: Arc<[Mutex<()>]>,
    hasher: HashBuilder,
    password: Option<Password>,
    sink: SinkSlot,
}

impl Store {
    /// A store over this backend.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        let stripes = (0..STRIPES).map(|_| Mutex::new(())).collect();
        Self { backend, stripes, hasher: HashBuilder::default(), password: None, sink: SinkSlot::default() }
    }

    /// A store over this database, whose password can be replaced.
    pub fn of_postgres(postgres: Postgres) -> Self {
        Self { password: Some(postgres.password()), ..Self::new(Arc::new(postgres)) }
    }

    /// The backend, for what needs no rule.
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Has connections to a database that are made from now on log in with this password.
    pub fn log_in_with(&self, password: &str) {
        if let Some(current) = &self.password {
            current.replace(password);
        }
    }

    /// Reads an account.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn read(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        self.backend.load(account, scope).await
    }

    /// Runs a rule on an account, and on what the registers say of these peers, and makes what it changed durable. The
    /// rule runs again after a lost race; its answer is that of the run that was committed. The change is not kept in the
    /// history, which begins anew after it: [`Store::acting`] is for changes that are.
    ///
    /// # Errors
    /// The rule's refusal, which changes nothing; what the backend says; [`StoreError::Timeout`] after
    /// 64 lost races.
    pub async fn update<T>(
        &self,
        account: &AccountKey,
        scope: &Scope,
        peers: &[Conversation],
        now: impl Into<TimeMs>,
        rule: impl Fn(&mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        let base = Base { account, scope, peers, beside: Beside::Nothing };
        Ok(self.update_from(base, None, now.into(), |draft, _| rule(draft)).await?.answer)
    }

    async fn update_from<T>(
        &self,
        Base { account, scope, peers, beside }: Base<'_>,
        acting: Option<&Acting<'_>>,
        now: TimeMs,
        rule: impl Fn(&mut Draft<'_>, &WithBeside) -> Result<T, Refusal>,
    ) -> Result<Updated<T>, UpdateError> {
        for _ in 0..TRIES_MAX {
            let turn = self.turn(account).await;
            let (latest, statuses) = self.backend.latest(account, scope, peers).await?;
            let Some(beside) = self.read_beside(account, &latest, beside).await? else { continue };
            let rule = |draft: &mut Draft<'_>| rule(draft, &beside);
            let decided = decide(&latest.state, latest.version.is_some(), &statuses, now, rule);
            let Ok((answer, Some(mut changes))) = decided else {
                drop(turn);
                // An answer that changes nothing must not tell what the disk may never have.
                if self.backend.wait_durable(account, &latest).await? {
                    return Ok(decided.map(|(answer, _)| Updated { answer, change: None })?);
                }
                continue;
            };
            if let Some(acting) = acting {
                changes.record(&latest.state, acting.origin, acting.keep, self.sink.listens(account));
                changes.send(acting.send);
            }
            let change = changes.change.clone();
            let base = latest.version;
            drop(latest);
            let outcome = self.backend.begin_commit(account, base, Version::after(base), changes).await?;
            // The next change of this account need not wait for the disk: it builds on this one.
            drop(turn);
            if outcome.await? == Commit::Committed {
                return Ok(Updated { answer, change });
            }
        }
        Err(StoreError::Timeout.into())
    }

    /// Runs a rule on a chat group of the register and makes its answer durable.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn update_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        rule: impl Fn(Option<&ChatGroup>) -> Result<ChatGroup, Refusal>,
    ) -> Result<(), UpdateError> {
        for _ in 0..TRIES_MAX {
            let existing = self.backend.chat_groups(app, std::slice::from_ref(id)).await?.pop().flatten();
            let new = rule(existing.as_ref())?;
            if self.backend.put_chat_group(app, id, existing.as_ref(), &new).await? == Commit::Committed {
                return Ok(());
            }
        }
        Err(StoreError::Timeout.into())
    }

    /// Waits for the calls of this instance that change the account.
    async fn turn(&self, account: &AccountKey) -> MutexGuard<'_, ()> {
        self.stripes[BuildHasher::hash_one(&self.hasher, account) as usize % STRIPES].lock().await
    }
}
