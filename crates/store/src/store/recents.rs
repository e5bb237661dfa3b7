//! The list of recent conversations: touches, what is read for it, and changes that remove an entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use pinfold_core::{
    AccountId, Activities, AppId, ChatGroupActivity, ChatGroupId, Conversation, Draft, RecentEntry, Refusal, TimeMs,
    Timestamp, Touches,
};

use super::{Base, Beside, Store, UpdateError, WithBeside};
use crate::{AccountKey, Life, Loaded, Scope, StoreError, Touched};

/// How often accounts that are not there are given a head; they may be deleted in between.
const ROUNDS_MAX: usize = 3;

/// What the list of recent conversations is made of.
#[derive(Clone, Debug)]
pub struct Recent {
    /// The account, with the records that were asked for.
    pub loaded: Loaded,
    /// Its entries, in no order.
    pub entries: Arc<[RecentEntry]>,
    /// What is known of the chat groups among them.
    pub activities: Activities,
}

impl Recent {
    /// The life that the entries belong to; `None` for an account that nothing is kept for.
    pub fn life(&self) -> Option<Life> {
        self.loaded.version.map(|version| version.life)
    }
}

impl Store {
    /// Keeps the times of messages durably; an account that nothing is kept for begins to exist. Gives the accounts that
    /// may have an entry more.
    ///
    /// # Errors
    /// What the store says, or [`StoreError::Timeout`] if accounts are deleted again and again meanwhile; some of the
    /// touches may be kept then, and the same call mends the rest.
    pub async fn touch(&self, app: AppId, touches: &Touches, now: Timestamp) -> Result<Vec<AccountId>, UpdateError> {
        let touched = self.backend.touch(app, touches).await?;
        until_none_is_absent(touched, |absent| async move {
            self.ensure_exist(app, &absent, now).await?;
            let mut rest = Touches { chat_groups: Vec::new(), ..touches.clone() };
            rest.entries.retain(|(account, _)| absent.contains(account));
            Ok(self.backend.touch(app, &rest).await?)
        })
        .await
    }

    /// Gives each account a head. They wait together: one after the other a message to hundreds would take too long.
    async fn ensure_exist(
        &self,
        app: AppId,
        accounts: &BTreeSet<AccountId>,
        now: Timestamp,
    ) -> Result<(), UpdateError> {
        let at_once = self.backend.commits_at_once_max().min(accounts.len());
        let begin = async |account: &AccountId| {
            let account = AccountKey { app, account: account.clone() };
            let rule = |draft: &mut Draft<'_>| {
                draft.ensure_exists();
                Ok(())
            };
            self.update(&account, &Scope::Head, &[], now, rule).await
        };
        stream::iter(accounts).map(begin).buffer_unordered(at_once).try_collect().await
    }

    /// Reads all that the list of an account is made of, and the records of this scope. Each part is of one instant, and
    /// never older than the part before.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read_recent(&self, account: &AccountKey, scope: &Scope) -> Result<Recent, StoreError> {
        let loaded = self.read(account, scope).await?;
        let entries = match loaded.version {
            Some(version) => self.backend.entries(account, version.life).await?,
            None => Arc::default(),
        };
        let chat_groups: Vec<_> = entries.iter().filter_map(|entry| chat_group(&entry.conversation)).collect();
        let activities = self.activities(account.app, chat_groups).await?;
        Ok(Recent { loaded, entries, activities })
    }

    /// As [`Store::update`] of head and pins, with a rule that is told the time of one entry.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn update_with_entry<T>(
        &self,
        account: &AccountKey,
        conversation: &Conversation,
        now: impl Into<TimeMs>,
        rule: impl Fn(&mut Draft<'_>, Option<Timestamp>) -> Result<T, Refusal>,
    ) -> Result<T, UpdateError> {
        let base = Base { account, scope: &Scope::Head, peers: &[], beside: Beside::Entry(conversation) };
        let rule = |draft: &mut Draft<'_>, beside: &WithBeside| rule(draft, beside.entries.get(conversation).copied());
        Ok(self.update_from(base, None, now.into(), rule).await?.answer)
    }

    async fn activities(&self, app: AppId, ids: Vec<ChatGroupId>) -> Result<Activities, StoreError> {
        if ids.is_empty() {
            return Ok(Activities::new());
        }
        let (times, registered) =
            tokio::try_join!(self.backend.chat_group_times(app, &ids), self.backend.chat_groups(app, &ids))?;
        let activities = times.into_iter().zip(registered).map(|(at, registered)| ChatGroupActivity {
            at,
            destroyed: registered.is_some_and(|chat_group| chat_group.destroyed),
        });
        Ok(ids.into_iter().zip(activities).collect())
    }
}

/// Touches accounts that were absent again, and gives all that have grown.
async fn until_none_is_absent<F: Future<Output = Result<Touched, UpdateError>>>(
    Touched { mut grown, mut absent }: Touched,
    again: impl Fn(BTreeSet<AccountId>) -> F,
) -> Result<Vec<AccountId>, UpdateError> {
    for _ in 0..ROUNDS_MAX {
        if absent.is_empty() {
            break;
        }
        let touched = again(absent.into_iter().collect()).await?;
        grown.extend(touched.grown);
        absent = touched.absent;
    }
    if absent.is_empty() { Ok(grown) } else { Err(StoreError::Timeout.into()) }
}

fn chat_group(conversation: &Conversation) -> Option<ChatGroupId> {
    match conversation {
        Conversation::ChatGroup(id) => Some(id.clone()),
        Conversation::OneToOne(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of alice's touch if she is absent so often.
    async fn touched(absent_times: usize) -> Result<Vec<AccountId>, UpdateError> {
        let alice = vec![AccountId::parse("alice").unwrap()];
        let rounds = std::cell::Cell::new(0);
        let touch = || {
            rounds.set(rounds.get() + 1);
            let (absent, grown) =
                if rounds.get() > absent_times { (Vec::new(), alice.clone()) } else { (alice.clone(), Vec::new()) };
            Touched { absent, grown }
        };
        until_none_is_absent(touch(), |_| async { Ok(touch()) }).await
    }

    #[tokio::test]
    async fn an_account_that_is_absent_is_touched_again() {
        for absent_times in 0..=ROUNDS_MAX {
            assert_eq!(touched(absent_times).await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_touch_that_was_not_kept_is_an_error() {
        let failed = touched(ROUNDS_MAX + 1).await;
        assert!(matches!(failed, Err(UpdateError::Store(StoreError::Timeout))), "{failed:?}");
    }
}
