//! The store: loads an account, lets a rule decide, commits the difference.

use std::sync::Arc;

use pinfold_core::{
    AppId, AppPolicy, ChatGroup, ChatGroupId, Conversation, Draft, PeerStatus, Peers, Refusal, Timestamp, decide,
};
use quick_cache::DefaultHashBuilder;
use tokio::sync::Mutex;

use crate::{AccountKey, Asked, Backend, Commit, Loaded, Registered, Scope, StoreError, Version};

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

/// Accounts and chat groups over some backend. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    stripes: Arc<[Mutex<()>]>,
    hasher: DefaultHashBuilder,
}

impl Store {
    /// A store over this backend.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        let stripes = (0..STRIPES).map(|_| Mutex::new(())).collect();
        Self { backend, stripes, hasher: DefaultHashBuilder::default() }
    }

    /// The backend, for what needs no rule.
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Reads an account.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn read(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        self.backend.load(account, scope).await
    }

    /// Runs a rule on an account and makes what it changed durable. The rule runs again when somebody
    /// else was faster; its answer is that of the run that was committed.
    ///
    /// # Errors
    /// The rule's refusal, which changes nothing; what the backend says; [`StoreError::Timeout`] after
    /// 64 lost races.
    pub async fn update<T>(
        &self,
        account: &AccountKey,
        scope: &Scope,
        now: Timestamp,
        rule: impl Fn(&mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        self.update_asking(account, scope, now, &Asked::default(), |_, draft| rule(draft)).await
    }

    /// [`Store::update`] in the scope of these conversations, with what the registers say of them where the app's
    /// policy makes that matter.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn update_conversations<T>(
        &self,
        account: &AccountKey,
        policy: &AppPolicy,
        conversations: Vec<Conversation>,
        now: Timestamp,
        rule: impl Fn(&Peers<'_>, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        let asked = ask(policy, &conversations);
        let scope = Scope::Conversations(conversations);
        self.update_asking(account, &scope, now, &asked, |registered, draft| {
            rule(&peers(policy, &asked, registered), draft)
        })
        .await
    }

    async fn update_asking<T>(
        &self,
        account: &AccountKey,
        scope: &Scope,
        now: Timestamp,
        asked: &Asked,
        rule: impl Fn(&Registered, &mut Draft<'_>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        for _ in 0..TRIES_MAX {
            let turn = self.stripe(account).lock().await;
            let (latest, registered) = self.latest(account, scope, asked).await?;
            let version = latest.version;
            let (answer, changes) = match decide(&latest.state, now, |draft| rule(&registered, draft)) {
                Ok((answer, Some(changes))) => (answer, changes),
                unchanged => {
                    drop(turn);
                    // Nobody is told what the disk may never have.
                    if self.backend.wait_durable(account, &latest).await? {
                        return Ok(unchanged.map(|(answer, _)| answer)?);
                    }
                    continue;
                }
            };
            drop(latest);
            let outcome = self.backend.begin_commit(account, version, Version::after(version), changes).await?;
            // The next change of this account need not wait for the disk: it builds on this one.
            drop(turn);
            match outcome.await? {
                Commit::Committed => return Ok(answer),
                Commit::Conflict => {}
            }
        }
        Err(StoreError::Timeout.into())
    }

    async fn latest(
        &self,
        account: &AccountKey,
        scope: &Scope,
        asked: &Asked,
    ) -> Result<(Loaded, Registered), StoreError> {
        if asked.is_empty() {
            Ok((self.backend.latest(account, scope).await?, Registered::default()))
        } else {
            self.backend.latest_and_registered(account, scope, asked).await
        }
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
            let existing = self.backend.chat_groups(app, std::slice::from_ref(id)).await?.into_iter().next().flatten();
            let new = rule(existing.as_ref())?;
            match self.backend.put_chat_group(app, id, existing.as_ref(), &new).await? {
                Commit::Committed => return Ok(()),
                Commit::Conflict => {}
            }
        }
        Err(StoreError::Timeout.into())
    }

    fn stripe(&self, account: &AccountKey) -> &Mutex<()> {
        &self.stripes[self.hasher.hash_one(account) as usize % STRIPES]
    }
}

/// What the registers are asked about these conversations.
fn ask(policy: &AppPolicy, conversations: &[Conversation]) -> Asked {
    let mut asked = Asked::default();
    for conversation in conversations.iter().filter(|conversation| Peers::matter(policy, conversation)) {
        match conversation {
            Conversation::OneToOne(account) => asked.accounts.push(account.clone()),
            Conversation::ChatGroup(chat_group) => asked.chat_groups.push(chat_group.clone()),
        }
    }
    asked
}

fn peers<'p>(policy: &'p AppPolicy, asked: &Asked, registered: &Registered) -> Peers<'p> {
    let accounts = asked.accounts.iter().cloned().map(Conversation::OneToOne);
    let chat_groups = asked.chat_groups.iter().cloned().map(Conversation::ChatGroup);
    let of_accounts = accounts.zip(registered.imported.iter().map(account_status));
    let of_chat_groups = chat_groups.zip(registered.chat_groups.iter().map(chat_group_status));
    Peers::new(policy, of_accounts.chain(of_chat_groups).collect())
}

fn account_status(imported: &bool) -> PeerStatus {
    if *imported { PeerStatus::Registered } else { PeerStatus::Unregistered }
}

fn chat_group_status(found: &Option<ChatGroup>) -> PeerStatus {
    match found {
        Some(chat_group) if chat_group.destroyed => PeerStatus::Destroyed,
        Some(_) => PeerStatus::Registered,
        None => PeerStatus::Unregistered,
    }
}
