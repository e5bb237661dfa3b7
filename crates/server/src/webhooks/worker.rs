//! Sends what waits of one account, a page of it, in its order.

use pinfold_core::{AccountId, HistoryChange};
use pinfold_store::{Life, PageBounds, SentChange};

use super::Message;
use super::courier::{Courier, Sent};
use super::notices::AtWork;
use super::queue::{Ended, SentWithin};
use super::remover::Removals;

/// Works on an account, of whose first change the receiver took the requests up to `within`. When this returns, the rows
/// of what was sent are removed, so that nothing is read and sent again.
pub(super) async fn work(courier: &Courier, account: &AccountId, within: Option<SentWithin>) -> Ended {
    let mut removals = courier.removals();
    let work = courier.inbox.at_work(account);
    let ended = Worker { courier, work, within }.send_page(&mut removals).await;
    removals.wait().await;
    ended
}

struct Worker<'a> {
    courier: &'a Courier,
    work: AtWork,
    /// The last request that was taken.
    within: Option<SentWithin>,
}

impl Worker<'_> {
    async fn send_page(&mut self, removals: &mut Removals<'_>) -> Ended {
        let account = self.courier.key(self.work.account());
        let pace = &self.courier.pace;
        let bounds = PageBounds { count_max: pace.page_changes_max, bytes_max: pace.page_bytes_max };
        let page = match self.courier.backend().unsent(&account, None, bounds).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(app = self.courier.app.0, cause = %error, "changes that wait to be sent cannot be read");
                return Ended::Store;
            }
        };
        let Some(life) = page.life else { return Ended::Done };
        for unsent in page.changes {
            match &unsent.change {
                Some(change) => {
                    if let Err(ended) = self.send_change(life, change).await {
                        return ended;
                    }
                }
                None => self.courier.give_up(&account.account, unsent.revision.0),
            }
            removals.put(SentChange { account: account.clone(), life, revision: unsent.revision }).await;
        }
        if page.is_last { Ended::Done } else { Ended::More }
    }

    /// Sends the messages of a change that were not taken before.
    async fn send_change(&mut self, life: Life, change: &HistoryChange) -> Result<(), Ended> {
        let target = self.courier.target();
        let is_this = |within: &SentWithin| within.life == life && within.revision == change.revision;
        let taken = self.within.filter(is_this).map(|within| within.command);
        let messages = Message::of_change(self.courier.app, self.work.account(), life.0, change, target.commands);
        for message in messages.iter().filter(|message| taken.is_none_or(|taken| taken < message.command)) {
            match self.courier.send(&self.work, &target, message).await {
                Sent::Taken => {
                    let command = message.command;
                    self.within = Some(SentWithin { life, revision: change.revision, command });
                }
                Sent::Stopped => return Err(Ended::Stopped(self.within)),
                Sent::Failed(failure) => return Err(Ended::Failed { within: self.within, failure }),
            }
        }
        Ok(())
    }
}
