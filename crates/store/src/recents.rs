//! The list of recent conversations, which is kept beside accounts, and the last messages of chat groups.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use pinfold_core::{AccountId, AppId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};

use crate::{AccountKey, Damage, Life, StoreError};

/// Entries of recent conversations, and the times of the last messages in chat groups. They have no version: of two
/// times that are kept for one conversation the later one stays. What an account keeps belongs to its life, and can be
/// read no more once that has ended.
#[async_trait]
pub trait Recents {
    /// Keeps each time that is later than the one that is kept. When it returns, what is kept is durable, also where
    /// nothing had to be written. The touches of several accounts are several writes: an error leaves any of them.
    async fn touch(&self, app: AppId, touches: &Touches) -> Result<Touched, StoreError>;

    /// Reads the entries of an account, in no order; never one that is not durable.
    async fn entries(&self, account: &AccountKey, life: Life) -> Result<Arc<[RecentEntry]>, StoreError>;

    /// Reads the time of one entry; never one that is not durable.
    async fn entry(
        &self,
        account: &AccountKey,
        life: Life,
        conversation: &Conversation,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Reads the times of the last messages in these chat groups, in their order.
    async fn chat_group_times(&self, app: AppId, ids: &[ChatGroupId]) -> Result<Vec<Option<Timestamp>>, StoreError>;

    /// Removes those of these entries that still have the time given here, durably; how many did. The times of chat
    /// groups are not compared: the entry of a chat group that a message came to since it was read is removed too.
    async fn trim(&self, account: &AccountKey, life: Life, entries: &[RecentEntry]) -> Result<u64, StoreError>;

    /// Removes what lives that have ended left behind, of the accounts after `after`, until about this many rows were
    /// removed or looked at. Goes through the apps in ascending order.
    async fn sweep(&self, after: Option<&AccountKey>, rows_max: usize) -> Result<SweepStep, StoreError>;
}

/// The times that a message can have: they are not 0, and fit the protocol's 31 bits.
const MESSAGE_TIMES: RangeInclusive<Timestamp> = Timestamp(1)..=Timestamp(i32::MAX.cast_unsigned());

/// Whether a message can have this time; or what is wrong with it.
pub(crate) fn check_time(at: Timestamp) -> Result<(), String> {
    let (first, last) = (MESSAGE_TIMES.start().0, MESSAGE_TIMES.end().0);
    if MESSAGE_TIMES.contains(&at) {
        Ok(())
    } else {
        Err(format!("at is {}, and must be from {first} to {last}", at.0))
    }
}

/// The outcome of touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Accounts that nothing is kept for, not even a head: nothing was kept of their touches. Each once.
    pub absent: Vec<AccountId>,
    /// Accounts that have an entry more, or may have one.
    pub grown: Vec<AccountId>,
}

/// A part of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepStep {
    /// Rows removed.
    pub removed: u64,
    /// Where the next step begins: after this account. `None` if this was the last step.
    pub last: Option<AccountKey>,
    /// The first damage on the way. What is damaged is left where it is.
    pub damage: Option<Damage>,
}
