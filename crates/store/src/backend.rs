//! All that a database must do to keep pinfold's data.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use pinfold_core::{AccountId, AccountState, AppId, ChatGroup, ChatGroupId, ChatGroupKind, Conversation, StateDiff};

use crate::stats::Stats;
use crate::{OnDamage, Snapshot};

/// An account, app and all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The app it belongs to.
    pub app: AppId,
    /// Its id within the app.
    pub account: AccountId,
}

/// How much of an account a call needs. Head, conversation groups and pins always come along; a
/// backend may load more than it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No records.
    Head,
    /// The records of these conversations.
    Conversations(Vec<Conversation>),
    /// Every record.
    All,
}

/// Changes with every commit to an account and is not used again by one that comes after its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

impl Version {
    /// The version after `base`: any other one, at random. So nobody who read an account mistakes for it one that
    /// came after a deletion, or one that came after an older backup took its place.
    pub fn after(base: Option<Self>) -> Self {
        let next = Self(rand::random());
        if base == Some(next) { Self(next.0.wrapping_add(1)) } else { next }
    }
}

/// What a backend knows of an account.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// `None` for an account that nothing is kept for.
    pub version: Option<Version>,
    /// The part that was asked for, or more.
    pub state: Arc<AccountState>,
    /// Whether this is durable; always so for [`Backend::load`].
    pub durability: Durability,
}

/// What becomes of a state that is shown before the disk has it.
#[derive(Clone, Debug, Default)]
pub struct Durability(Option<Arc<AtomicU8>>);

impl Durability {
    const PENDING: u8 = 0;
    const DURABLE: u8 = 1;
    const NEVER: u8 = 2;

    /// Of a state that is durable.
    pub fn durable() -> Self {
        Self(None)
    }

    /// Of a state that is on its way to the disk.
    pub fn pending() -> Self {
        Self(Some(Arc::new(AtomicU8::new(Self::PENDING))))
    }

    /// Says what became of the state.
    pub fn decide(&self, durable: bool) {
        if let Self(Some(durability)) = self {
            durability.store(if durable { Self::DURABLE } else { Self::NEVER }, Ordering::Release);
        }
    }

    /// Whether the state is durable; `None` while that is open.
    pub fn is_durable(&self) -> Option<bool> {
        match self.0.as_ref().map_or(Self::DURABLE, |durability| durability.load(Ordering::Acquire)) {
            Self::PENDING => None,
            durability => Some(durability == Self::DURABLE),
        }
    }
}

/// What a call wants to know of an app's registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whether these accounts are imported.
    pub accounts: Vec<AccountId>,
    /// What the register has of these chat groups.
    pub chat_groups: Vec<ChatGroupId>,
}

impl Asked {
    /// Whether there is nothing to be asked.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.chat_groups.is_empty()
    }
}

/// What the registers say, in the order of [`Asked`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// Which of the accounts are imported.
    pub imported: Vec<bool>,
    /// The chat groups, where there are such.
    pub chat_groups: Vec<Option<ChatGroup>>,
}

/// Place of a chat group among those of its app, in the order they were registered first; from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatGroupSeq(pub u32);

/// Chat groups of some kinds that are not destroyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfKinds {
    /// How many there are in the app.
    pub count: u64,
    /// One page of them, ascending.
    pub page: Vec<(ChatGroupSeq, ChatGroupId)>,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is durable.
    Committed,
    /// Somebody else committed first; nothing was changed.
    Conflict,
}

/// A commit on its way; resolves when it is durable, or will not be.
pub type Outcome = Pin<Box<dyn Future<Output = Result<Commit, StoreError>> + Send>>;

/// Why the store could not do its work. The texts are for the log and never reach a caller.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The store did not answer in time; whether a change was made is unknown.
    #[error("the store did not answer in time")]
    Timeout,
    /// Too many writes are waiting already; nothing was changed.
    #[error("{waiting_max} writes are waiting for the store already")]
    Overloaded {
        /// How many may wait.
        waiting_max: usize,
    },
    /// The writes that are waiting take too much memory already; nothing was changed.
    #[error("writes that wait for the store take {bytes_max} bytes already")]
    OverloadedBytes {
        /// How many bytes they may take.
        bytes_max: u64,
    },
    /// An earlier write failed. Nothing is written any more until the store was opened anew.
    #[error("the store takes no writes since one failed: {0}")]
    Poisoned(String),
    /// Nothing is read or written until a restart: the files are not those that were opened, or cannot be opened anew.
    #[error("the store is out of service: {0}")]
    OutOfService(String),
    /// A file could not be read for want of a right or of a descriptor, say. That is not damage.
    #[error("cannot read a file of the store: {0}")]
    Unreadable(String),
    /// What was read is not what was written.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// Chat groups that are read at a time where all of an app are looked at; bounds the memory this takes.
const CHAT_GROUPS_PER_READ: usize = 10_000;

/// A database. It stores and compares versions; it knows no limit and no number of the protocol.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Reads one account at one instant; never anything that is not durable yet.
    async fn load(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError>;

    /// Makes the changes durable if the account still has version `base`; `next` is its version then.
    async fn commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Commit, StoreError>;

    /// What the next change of an account begins from. May hold changes that are on their way to the disk, or lack
    /// some that others made, with which a commit conflicts: nothing of it may be told to anybody before
    /// [`Backend::wait_durable`].
    async fn latest(&self, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
        self.load(account, scope).await
    }

    /// [`Backend::latest`], and what the registers of its app say now. Whoever has to travel to a database asks both
    /// at once.
    async fn latest_and_registered(
        &self,
        account: &AccountKey,
        scope: &Scope,
        asked: &Asked,
    ) -> Result<(Loaded, Registered), StoreError> {
        let mut registered = Registered::default();
        if !asked.accounts.is_empty() {
            registered.imported = self.imported(account.app, &asked.accounts).await?;
        }
        if !asked.chat_groups.is_empty() {
            registered.chat_groups = self.chat_groups(account.app, &asked.chat_groups).await?;
        }
        Ok((self.latest(account, scope).await?, registered))
    }

    /// Begins a commit. When this returns [`Backend::latest`] has it, and its outcome can be waited for while
    /// the next change begins; that one fails if this one does.
    async fn begin_commit(
        &self,
        account: &AccountKey,
        base: Option<Version>,
        next: Version,
        changes: StateDiff,
    ) -> Result<Outcome, StoreError> {
        let committed = self.commit(account, base, next, changes).await;
        Ok(Box::pin(std::future::ready(committed)))
    }

    /// Waits until what [`Backend::latest`] showed of an account is durable. False if it never will be, or is not
    /// the newest any more.
    async fn wait_durable(&self, _: &AccountKey, shown: &Loaded) -> Result<bool, StoreError> {
        Ok(shown.durability.is_durable() == Some(true))
    }

    /// Which of these accounts are imported, in their order.
    async fn imported(&self, app: AppId, accounts: &[AccountId]) -> Result<Vec<bool>, StoreError>;

    /// What the register says of these chat groups, in their order.
    async fn chat_groups(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<ChatGroup>>, StoreError>;

    /// Registers `new` durably if the register still says `expected`. A chat group that is new gets the
    /// next serial number of its app, counted from 1, and keeps it.
    async fn put_chat_group(
        &self,
        app: AppId,
        id: &ChatGroupId,
        expected: Option<&ChatGroup>,
        new: &ChatGroup,
    ) -> Result<Commit, StoreError>;

    /// Registers chat groups that are new to an app, durably and in this order: all of them, or with
    /// [`Commit::Conflict`] none because one is there already or comes twice. An error may leave the first ones.
    async fn register_chat_groups(&self, app: AppId, new: &[(ChatGroupId, ChatGroup)]) -> Result<Commit, StoreError> {
        let ids: Vec<_> = new.iter().map(|(id, _)| id.clone()).collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        if distinct.len() < ids.len() || self.chat_groups(app, &ids).await?.iter().any(Option::is_some) {
            return Ok(Commit::Conflict);
        }
        for (id, chat_group) in new {
            if self.put_chat_group(app, id, None, chat_group).await? == Commit::Conflict {
                return Err(StoreError::Failed(format!("somebody else registers chat group {id}")));
            }
        }
        Ok(Commit::Committed)
    }

    /// Chat groups of an app with larger serial numbers than `after`, ascending, destroyed ones too.
    async fn chat_groups_after(
        &self,
        app: AppId,
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<Vec<(ChatGroupSeq, ChatGroupId, ChatGroup)>, StoreError>;

    /// How many chat groups of an app are not destroyed.
    async fn chat_group_count(&self, app: AppId) -> Result<u64, StoreError>;

    /// Chat groups of an app that are of one of these kinds and not destroyed: their number, and the first `count_max`
    /// with larger serial numbers than `after`. Reads the whole register of the app, which is simple and right up to
    /// 100,000 chat groups or so; beyond, a backend counts and filters them by itself.
    async fn chat_groups_of_kinds(
        &self,
        app: AppId,
        kinds: &[ChatGroupKind],
        after: ChatGroupSeq,
        count_max: usize,
    ) -> Result<OfKinds, StoreError> {
        let (mut found, mut last) = (OfKinds::default(), ChatGroupSeq(0));
        loop {
            let listed = self.chat_groups_after(app, last, CHAT_GROUPS_PER_READ).await?;
            let Some((newest, ..)) = listed.last() else { return Ok(found) };
            last = *newest;
            let live = listed.into_iter().filter(|(.., group)| !group.destroyed && kinds.contains(&group.kind));
            for (serial, id, _) in live {
                found.count += 1;
                if serial > after && found.page.len() < count_max {
                    found.page.push((serial, id));
                }
            }
        }
    }

    /// Accounts after `after` in an order of the backend's own, for walks over everything.
    async fn accounts_after(&self, after: Option<&AccountKey>, count_max: usize)
    -> Result<Vec<AccountKey>, StoreError>;

    /// Apps above `after` that something is kept for, ascending. Costs a look for each of them, however much is kept.
    async fn apps_after(&self, after: Option<AppId>, count_max: usize) -> Result<Vec<AppId>, StoreError>;

    /// Accounts of an app after `after`, in an order of the backend's own.
    async fn accounts_of(
        &self,
        app: AppId,
        after: Option<&AccountId>,
        count_max: usize,
    ) -> Result<Vec<AccountId>, StoreError>;

    /// Removes chat groups of an app from the register for good, the oldest first, durably and at most so many; how
    /// many there were. With the last one it forgets what is counted of them, so that serial numbers begin at 1 again.
    /// For an app that no call uses any more.
    async fn forget_chat_groups(&self, app: AppId, count_max: usize) -> Result<u64, StoreError>;

    /// Everything as it is at one instant, or all that comes behind the account `after`. What was durable before this
    /// returns is in it, and what comes later is not; nobody's writes wait for it.
    async fn snapshot(&self, after: Option<&AccountKey>, on_damage: OnDamage) -> Result<Snapshot, StoreError>;

    /// Whether reads and writes can be expected to work now; the reason if not.
    async fn health(&self) -> Result<(), StoreError>;

    /// Has connections to a database that are made from now on log in with this password.
    fn log_in_with(&self, _password: &str) {}

    /// What the backend tells of itself. Answers soon, whatever disk or database do.
    async fn stats(&self) -> Stats {
        Stats::default()
    }

    /// How many changes a call that makes several should make at once.
    fn commits_of_a_call_max(&self) -> usize {
        usize::MAX
    }

    /// Ends what was begun and closes the store. Calls that come later fail.
    async fn close(&self) -> Result<(), StoreError>;
}
